# cmake -DTEXT=… -DOUT=… -P embed.cmake: a source file that holds the text as one string.
file(READ ${TEXT} text)
string(
  CONCAT source
         "#include \"policy/table.hpp\"\n\n"
         "namespace cairn::policy {\n\n"
         "std::string_view template_policy() {\n"
         "    return R\"cairn(${text})cairn\";\n"
         "}\n\n"
         "} // namespace cairn::policy\n"
)
file(WRITE ${OUT} "${source}")

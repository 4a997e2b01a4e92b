# cmake -DTEXT=… -DOUT=… -P embed.cmake: a source file that holds the concern as one string.
file(READ ${TEXT} text)
string(
  CONCAT source
         "#include \"apps/cairn/example.hpp\"\n\n"
         "namespace cairn::cli {\n\n"
         "std::string_view example_concern() {\n"
         "    return R\"cairn(${text})cairn\";\n"
         "}\n\n"
         "} // namespace cairn::cli\n"
)
file(WRITE ${OUT} "${source}")

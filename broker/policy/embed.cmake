# cmake -DTEXT=… -DOUT=… -P embed.cmake: a source file that holds the text as one string.
file(READ ${TEXT} text)
file(
  WRITE ${OUT}
  "#include \"policy/table.hpp\"\n\nnamespace cairn::policy {\n\nstd::string_view template_policy() {\n    return R\"cairn(${text})cairn\";\n}\n\n} // namespace cairn::policy\n"
)

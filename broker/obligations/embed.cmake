# cmake -DTEXT=… -DOUT=… -P embed.cmake: a source file that holds the table as one string.
file(READ ${TEXT} text)
string(
  CONCAT source
         "#include \"obligations/calendar.hpp\"\n\n"
         "namespace cairn::obligations {\n\n"
         "std::string_view shipped_calendar() {\n"
         "    return R\"cairn(${text})cairn\";\n"
         "}\n\n"
         "} // namespace cairn::obligations\n"
)
file(WRITE ${OUT} "${source}")

# Writes rule_examples.cpp: the file EXAMPLES as text inside the program.
file(READ ${EXAMPLES} content)
file(WRITE ${OUT} "// Made by rule_examples.cmake.\n#include \"tenon/cli/rule_examples.h\"\n
namespace tenon::cli {\nstd::string_view rule_examples() {\n  return R\"tenon(${content})tenon\";\n}\n}  // namespace tenon::cli\n")

#include "greeter.hpp"

struct Greeter {
  static std::string greeting(std::string_view name) { return "Hello, " + std::string(name); }
};

TENON_EXPORT_greeter(Greeter);

#include "greeter.hpp"

struct Greeter {
  static std::string greeting(std::string name) { return "Hello, " + name; }
};

TENON_EXPORT_greeter(Greeter);

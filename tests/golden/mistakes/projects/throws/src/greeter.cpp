#include <stdexcept>

#include "greeter.hpp"

struct Greeter {
  static std::string greeting(std::string name) {
    if (name.empty()) throw std::runtime_error("no name");
    return "Hello, " + name;
  }
};

TENON_EXPORT_greeter(Greeter);

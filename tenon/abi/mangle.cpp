// SPDX-License-Identifier: Apache-2.0
#include "tenon/abi/mangle.h"

#include <initializer_list>

#include "tenon/types/semver.h"

namespace tenon::abi {
namespace {

constexpr std::string_view standard = "cm32p2";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

std::string module_of(std::string_view interface) {
  return interface.empty() ? "$root" : std::string(interface);
}

std::string_view lift_prefix(Calling calling) {
  switch (calling) {
    case Calling::sync:
      return "";
    case Calling::async:
      return "[async-lift]";
    case Calling::async_stackful:
      return "[async-lift-stackful]";
  }
  return "";
}

}  // namespace

CoreName import_func(Mangling mangling, std::string_view interface, std::string_view func,
                     Calling calling) {
  if (mangling == Mangling::cm32p2) {
    if (interface.empty()) return {std::string(standard), std::string(func)};
    return {joined({standard, "|", types::canonical_interface(interface)}), std::string(func)};
  }
  return {module_of(interface), joined({calling == Calling::sync ? "" : "[async-lower]", func})};
}

std::string export_func(Mangling mangling, std::string_view interface, std::string_view func,
                        Calling calling) {
  if (mangling == Mangling::cm32p2) {
    return joined({standard, "|",
                   interface.empty() ? std::string_view() : types::canonical_interface(interface),
                   "|", func});
  }
  return joined({lift_prefix(calling), interface, interface.empty() ? "" : "#", func});
}

std::string post_return(Mangling mangling, std::string_view interface, std::string_view func) {
  if (mangling == Mangling::cm32p2) return export_func(mangling, interface, func) + "_post";
  return "cabi_post_" + export_func(mangling, interface, func);
}

std::string callback(std::string_view interface, std::string_view func) {
  return "[callback]" + export_func(Mangling::legacy, interface, func, Calling::async);
}

CoreName task_return(std::string_view interface, std::string_view func) {
  return {"[export]" + module_of(interface), joined({"[task-return]", func})};
}

CoreName resource_op(Mangling mangling, std::string_view interface, std::string_view resource,
                     ResourceOp op, bool exported) {
  const std::string_view word = op == ResourceOp::new_  ? "new"
                                : op == ResourceOp::rep ? "rep"
                                                        : "drop";
  if (mangling == Mangling::cm32p2) {
    if (interface.empty() && !exported)
      return {std::string(standard), joined({resource, "_", word})};
    return {joined({standard, "|", exported ? "_ex_" : "", types::canonical_interface(interface)}),
            joined({resource, "_", word})};
  }
  return {joined({exported ? "[export]" : "", module_of(interface)}),
          joined({"[resource-", word, "]", resource})};
}

std::string destructor(Mangling mangling, std::string_view interface, std::string_view resource) {
  if (mangling == Mangling::cm32p2)
    return joined({standard, "|", types::canonical_interface(interface), "|", resource, "_dtor"});
  return joined({interface, interface.empty() ? "" : "#", "[dtor]", resource});
}

CoreName payload_op(std::string_view interface, std::string_view func, std::string_view op,
                    std::uint32_t index, bool exported, bool async_lowered) {
  return {joined({exported ? "[export]" : "", module_of(interface)}),
          joined({async_lowered ? "[async-lower]" : "", "[", op, "-", std::to_string(index), "]",
                  func})};
}

CoreName intrinsic(std::string_view op, bool exported) {
  return {exported ? "[export]$root" : "$root", joined({"[", op, "]"})};
}

bool is_own_export(std::string_view name) {
  for (const std::string_view own :
       {"memory", "_initialize", "_start", "__indirect_function_table", "__wasm_task_hook"}) {
    if (name == own) return true;
  }
  for (const std::string_view prefix : {"cabi_", "canonical_abi_", "cm32p2"}) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

std::string_view memory_name(Mangling mangling) {
  return mangling == Mangling::cm32p2 ? "cm32p2_memory" : "memory";
}
std::string_view realloc_name(Mangling mangling) {
  return mangling == Mangling::cm32p2 ? "cm32p2_realloc" : "cabi_realloc";
}
std::string_view initialize_name(Mangling mangling) {
  return mangling == Mangling::cm32p2 ? "cm32p2_initialize" : "_initialize";
}

}  // namespace tenon::abi

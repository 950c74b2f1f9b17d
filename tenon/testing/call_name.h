// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/component/info.h"
#include "tenon/component/type_text.h"

namespace tenon::testing {

/// A function that a component exports, by itself or in an instance.
struct ExportedFunc {
  /// `ns:pkg/iface@version`; empty for functions of the world itself.
  std::string interface;
  /// As in the binary: `add`, `[method]canvas.width`.
  std::string name;
  component::FuncTypeIdx type;

  /// As cases name it: `ns:pkg/iface@version#canvas.width`.
  [[nodiscard]] std::string call() const;
};

[[nodiscard]] std::vector<ExportedFunc> exported_funcs(const component::ComponentInfo& info);

/// Types as WIT spells them.
using component::type_text;
/// `(a: f64, b: f64) -> f64`.
[[nodiscard]] std::string func_text(const component::ComponentInfo& info,
                                    component::FuncTypeIdx func);
/// `add(a: f64, b: f64) -> f64`.
[[nodiscard]] std::string signature(const ExportedFunc& func, const component::ComponentInfo& info);

/// The function that a case means. The interface may be without its version, without its
/// package, or not at all where one function alone has the name; methods by `canvas.width`,
/// constructors by `canvas`. Spec: docs/cli.md "JSON cases".
[[nodiscard]] Result<ExportedFunc> find_func(std::span<const ExportedFunc> funcs,
                                             std::string_view call, Span span);

/// A name without what is before it in brackets: `[method]canvas.width` → `canvas.width`. The
/// name itself of a getter or setter.
[[nodiscard]] std::string_view plain_name(std::string_view name);
/// Whether `written` means the interface `full`.
[[nodiscard]] bool means_interface(std::string_view written, std::string_view full);

/// A file of cases with one case for each function, its arguments the least values of their types,
/// and a mock for each function that is imported.
[[nodiscard]] std::string generate_cases(const component::ComponentInfo& info);

}  // namespace tenon::testing

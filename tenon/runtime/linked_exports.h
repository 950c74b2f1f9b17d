// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "tenon/base/error.h"
#include "tenon/component/info.h"

namespace tenon::runtime {

/// The error about an item of that name, as it is shown, which two linked files export.
[[nodiscard]] Error exported_twice(Span span, std::string_view item, std::string_view first,
                                   std::string_view second);

/// Which of the components that are linked one after another exports a name. Of two that export
/// the same, a linker that allows shadowing silently takes the later one; this makes it an error to
/// import such a name.
class LinkedExports {
 public:
  /// Checks what the next component imports, then adds what it exports. A component that imports a
  /// name and exports it again stands in front of the one before. `source` names it in errors.
  [[nodiscard]] Result<void> add(const component::ComponentInfo& info, std::string_view source);
  /// Rule `import-defined-twice` when two of the components export a name that this one imports.
  [[nodiscard]] Result<void> check(const component::ComponentInfo& info) const;

 private:
  struct Exporters {
    std::string first;
    /// Empty: there is one.
    std::string second;
  };
  std::map<std::string, Exporters, std::less<>> names_;
};

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
// What generated headers call and need no template for: it is compiled here, once, and not again in
// every host.
#include "tenon/runtime/bindings.h"

#include "tenon/runtime/rules.h"

namespace tenon::bindings {

Trap no_methods(bool is_empty) {
  return Trap::refused(
      is_empty ? Error(runtime::rules::stale_handle, Span::none(),
                       "the handle is empty: it was moved from, passed on or dropped, or its store "
                       "is gone")
               : Error(runtime::rules::no_extension, Span::none(),
                       "no world was bound to the instance of this handle"));
}

}  // namespace tenon::bindings

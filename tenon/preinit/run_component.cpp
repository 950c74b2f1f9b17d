// SPDX-License-Identifier: Apache-2.0
#include "tenon/preinit/rules.h"
#include "tenon/preinit/run.h"

namespace tenon::preinit {

Result<Output> preinit_component(ByteSpan /*input*/, const Options& /*options*/) {
  return std::unexpected(Error(rules::shape, Span::none(), "components come next"));
}

}  // namespace tenon::preinit

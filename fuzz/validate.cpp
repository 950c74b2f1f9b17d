// SPDX-License-Identifier: Apache-2.0
// Any bytes: validation says yes or no, the same with one thread and several; and an observer that
// walks a valid module again sees stacks that hold together.
#include "tenon/core/validate.h"

#include <cstdlib>

#include "tenon/core/decode.h"
#include "tenon/core/validate_expr.h"

namespace {

using namespace tenon;  // NOLINT(google-build-using-namespace)

struct Watcher {
  template <core::Op op>
  void on(const core::ImmOf<op>& /*imm*/, std::uint32_t /*offset*/,
          const core::ExprChecker& state) {
    if constexpr (op == core::Op::end) {
      if (state.height() < state.closed().height) std::abort();
    }
    if (!state.frames().empty() && state.height() < state.frames().back().height) std::abort();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::Features features = core::Features::all();
  auto one = core::decode(Blob::borrow({data, size}), features);
  if (!one) return 0;
  auto two = core::decode(Blob::borrow({data, size}), features);
  const auto alone = core::validate(std::move(*one), features, {1});
  const auto many = core::validate(std::move(*two), features, {2});
  if (alone.has_value() != many.has_value()) std::abort();
  if (!alone) {
    if (!(alone.error().span() == many.error().span())) std::abort();
    return 0;
  }
  const core::ValidationContext context(*alone);
  Watcher watcher;
  core::ExprValidator<Watcher> validator(context, watcher);
  for (std::uint32_t i = 0; i < (*alone)->codes.size(); ++i) {
    if (!validator.run(core::FuncIdx((*alone)->num_imported_funcs + i))) std::abort();
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Any valid module or component: printing and parsing come to a fixed point after one round, flat
// and folded alike.
#include <cstdlib>

#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/component/validate.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/core/validate.h"
#include "tenon/text/parse_component.h"
#include "tenon/text/parse_module.h"
#include "tenon/text/print_component.h"
#include "tenon/text/print_module.h"

namespace {

using namespace tenon;  // NOLINT(google-build-using-namespace)
using Bytes = std::vector<std::uint8_t>;

Bytes again(const core::Module& module, bool fold) {
  const auto text = text::print_module(module, {.fold = fold, .skeleton = false});
  if (!text) std::abort();
  const auto parsed = text::parse_module(*text);
  if (!parsed) std::abort();
  return core::encode(*parsed);
}

void round_module(ByteSpan data) {
  auto valid = core::decode(Blob::borrow(data), core::Features::all());
  if (!valid) return;
  const auto proof = core::validate(std::move(*valid), core::Features::all(), {1});
  if (!proof) return;
  const Bytes first = again(**proof, false);
  const auto module = core::decode(Blob::borrow(first), core::Features::all());
  if (!module) std::abort();
  if (again(*module, false) != first || again(*module, true) != first) std::abort();
}

Bytes again(const component::Component& component) {
  const auto text = text::print_component(component);
  if (!text) std::abort();
  const auto parsed = text::parse_component(*text);
  if (!parsed) std::abort();
  return component::encode(*parsed);
}

void round_component(ByteSpan data) {
  const auto component = component::decode(Blob::borrow(data), core::Features::all());
  if (!component) return;
  auto copy = component::decode(Blob::borrow(data), core::Features::all());
  if (!component::validate(std::move(*copy), core::Features::all())) return;
  const Bytes first = again(*component);
  const auto decoded = component::decode(Blob::borrow(first), core::Features::all());
  if (!decoded || again(*decoded) != first) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteSpan bytes(data, size);
  if (core::is_component(bytes)) {
    round_component(bytes);
  } else {
    round_module(bytes);
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "tenon/bindgen/emit.h"

#include <fmt/format.h>

#include <cassert>

#include "tenon/base/safe_text.h"

namespace tenon::bindgen {

namespace {

/// Calls `each` with every line of `text`, without its end.
template <class Each>
void for_lines(std::string_view text, Each each) {
  while (true) {
    const auto end = text.find('\n');
    each(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

void Emit::indented(std::string_view text) {
  if (!text.empty()) {
    for (std::size_t i = 0; i < depth_; ++i) out_ += unit_;
    out_ += text;
  }
  out_ += '\n';
}

Emit& Emit::line(std::string_view text) {
  for_lines(text, [&](std::string_view one) { indented(one); });
  return *this;
}

Emit& Emit::flush_left(std::string_view text) {
  out_ += text;
  out_ += '\n';
  return *this;
}

Emit& Emit::blank() {
  if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
  return *this;
}

Emit& Emit::open(std::string_view text) {
  return line(text).indent();
}

Emit& Emit::close(std::string_view text) {
  return dedent().line(text);
}

Emit& Emit::indent() {
  ++depth_;
  return *this;
}

Emit& Emit::dedent() {
  assert(depth_ != 0);
  --depth_;
  return *this;
}

Emit& Emit::docs(std::string_view text, std::string_view mark) {
  if (text.empty()) return *this;
  each_source_line(text, [&](std::string_view line) {
    const std::string one = comment_line(line);
    indented(one.empty() ? std::string(mark) : fmt::format("{} {}", mark, one));
  });
  return *this;
}

Emit& Emit::raw(std::string_view text) {
  out_ += text;
  return *this;
}

}  // namespace tenon::bindgen

// SPDX-License-Identifier: Apache-2.0
// What a person reads of a trap. Frames of bindings and of the language's library are folded into
// one line, unless there is nothing else. Names come from the guest and are made visible before
// they reach a terminal.
#include "tenon/engine/trap.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <initializer_list>

#include "tenon/base/safe_text.h"
#include "tenon/engine/rules.h"

namespace tenon::engine {

namespace {

constexpr std::array messages = {
#define TENON_TRAP(name, message) std::string_view(message),
#include "tenon/engine/traps.def"
#undef TENON_TRAP
};

/// The message; of recursion that has no end, by the name that people know it by.
std::string headline(const Trap& trap) {
  std::string out(trap.message());
  if (trap.code() == TrapCode::stack_overflow) out += " (stack overflow)";
  return out;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// What libc++ calls its own, as people write it.
std::string short_name(std::string name) {
  replace_all(name,
              "std::__2::basic_string<char, std::__2::char_traits<char>, "
              "std::__2::allocator<char>>",
              "std::string");
  replace_all(name, "std::__2::", "std::");
  for (auto at = name.find("[abi:"); at != std::string::npos; at = name.find("[abi:", at)) {
    const auto end = name.find(']', at);
    if (end == std::string::npos) break;
    name.erase(at, end + 1 - at);
  }
  return name;
}

bool begins_with_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.starts_with(word); });
}

/// Whether a frame is of generated bindings or of a language's own start-up and panic code, in
/// which its author has no part.
bool is_glue(const Frame& frame) {
  const std::string_view name = frame.function;
  const std::string_view place = frame.place;
  // Rust: `hello_bindings::…::_export_greet`, but not `<Mine as hello_bindings::…::Guest>::greet`.
  const auto path = name.find("::");
  if (name.substr(0, std::min(path, name.size())).ends_with("_bindings") ||
      name.find("::abi_::") != std::string_view::npos ||
      name.find(" tenon::guest::") != std::string_view::npos ||
      (path == std::string_view::npos && name.find("_export_") != std::string_view::npos))
    return true;
  if (place.empty())
    return begins_with_one_of(name, {"tenon::guest::", "std::panicking::", "core::panicking::",
                                     "std::sys_common::backtrace::", "std::__2::", "__rust_",
                                     "rust_panic", "rust_begin_unwind"});
  for (const std::string_view folder : {"/c++/v1/", "/library/std/", "/library/core/",
                                        "/library/alloc/", "/library/panic_abort/"}) {
    if (place.find(folder) != std::string_view::npos) return true;
  }
  return begins_with_one_of(place, {".tenon/", "library/", "/rustc/"});
}

std::string frame_line(const Frame& frame) {
  std::string title = short_name(frame.title());
  if (frame.is_remark) return title;
  if (!frame.place.empty()) return "at " + title;
  return fmt::format("at {}{}{} +{:#x}", frame.module, frame.module.empty() ? "" : "!", title,
                     frame.offset);
}

/// Calls `line` with what a backtrace says, line by line.
template <class Line>
void each_line(const std::vector<Frame>& frames, Line line) {
  const bool all = std::ranges::all_of(
      frames, [](const Frame& frame) { return frame.is_remark || is_glue(frame); });
  std::size_t hidden = 0;
  for (const Frame& frame : frames) {
    if (!all && !frame.is_remark && is_glue(frame)) {
      ++hidden;
    } else {
      line(frame_line(frame));
    }
  }
  if (hidden != 0) line(fmt::format("… and {} of generated code or the language's own", hidden));
}

}  // namespace

std::string_view trap_message(TrapCode code) {
  return messages[static_cast<std::size_t>(code)];
}

std::string Frame::title() const {
  std::string out = function.empty() ? fmt::format("func[{}]", func_index) : function;
  if (!place.empty()) out += fmt::format(" ({})", place);
  return out;
}

Trap::Trap(TrapCode code, std::string message)
    : data_(Data{code, std::move(message), {}, {}, {}, {}, {}}) {}

Trap::Trap(Exit exit) : Trap(TrapCode::exit, fmt::format("exit with code {}", exit.code)) {
  data_.write().exit_code = exit.code;
}

Trap Trap::refused(Error why) {
  Trap trap(TrapCode::host, why.text());
  trap.data_.write().refusal = std::move(why);
  return trap;
}

Trap&& Trap::of_limit(std::string_view limit) && {
  if (data_) data_.write().limit = limit;
  return std::move(*this);
}

Trap&& Trap::of_missing_import(std::string name) && {
  if (data_) data_.write().missing_import = std::move(name);
  return std::move(*this);
}

std::string_view Trap::message() const {
  return !data_ || data_->message.empty() ? trap_message(code()) : std::string_view(data_->message);
}

const std::vector<Frame>& Trap::backtrace() const {
  static const std::vector<Frame> none;
  return data_ ? data_->frames : none;
}

void Trap::append(std::vector<Frame> frames) {
  if (!data_) return;
  auto& all = data_.write().frames;
  all.insert(all.end(), std::make_move_iterator(frames.begin()),
             std::make_move_iterator(frames.end()));
}

Trap::operator Error() const {
  if (const Error* why = refusal()) return *why;
  Error error(rules::trap, Span::none(), headline(*this));
  each_line(backtrace(), [&](const std::string& line) { error = std::move(error).note(line); });
  return error;
}

std::string Trap::text() const {
  std::string out = visible_lines(headline(*this));
  while (out.ends_with('\n')) out.pop_back();
  // A guest chooses these names, and a person reads them on a terminal.
  each_line(backtrace(), [&](const std::string& line) { out += "\n  " + visible(line); });
  return out;
}

}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
#include "tenon/engine/trap.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "tenon/base/safe_text.h"
#include "tenon/engine/rules.h"

namespace tenon::engine {

namespace {

constexpr std::array messages = {
#define TENON_TRAP(name, message) std::string_view(message),
#include "tenon/engine/traps.def"
#undef TENON_TRAP
};

Error copy_of(const Error& from) {
  Error out(from.rule(), from.span(), from.detail());
  for (const Note& note : from.notes()) {
    out = note.span ? std::move(out).note(*note.span, note.text) : std::move(out).note(note.text);
  }
  return from.help_text().empty() ? std::move(out) : std::move(out).help(from.help_text());
}

}  // namespace

std::string_view trap_message(TrapCode code) {
  return messages[static_cast<std::size_t>(code)];
}

Trap::Trap(TrapCode code, std::string message)
    : data_(std::make_unique<Data>(Data{code, std::move(message), {}, {}})) {}

Trap::Trap(Exit exit) : Trap(TrapCode::exit, fmt::format("exit with code {}", exit.code)) {
  data_->exit_code = exit.code;
}

Trap Trap::refused(Error why) {
  Trap trap(TrapCode::host, why.text());
  trap.data_->refusal = std::make_unique<Error>(std::move(why));
  return trap;
}

std::string_view Trap::message() const {
  return data_ == nullptr || data_->message.empty() ? trap_message(code())
                                                    : std::string_view(data_->message);
}

const std::vector<Frame>& Trap::backtrace() const {
  static const std::vector<Frame> none;
  return data_ == nullptr ? none : data_->frames;
}

void Trap::append(std::vector<Frame> frames) {
  if (data_ == nullptr) return;
  data_->frames.insert(data_->frames.end(), std::make_move_iterator(frames.begin()),
                       std::make_move_iterator(frames.end()));
}

Trap::operator Error() const {
  if (const Error* why = refusal()) return copy_of(*why);
  Error error(rules::trap, Span::none(), std::string(message()));
  for (const Frame& frame : backtrace()) {
    const std::string function =
        frame.function.empty() ? fmt::format("func[{}]", frame.func_index) : frame.function;
    error = std::move(error).note(fmt::format(
        "at {}{}{} +{:#x}", frame.module, frame.module.empty() ? "" : "!", function, frame.offset));
  }
  return error;
}

std::string Trap::text() const {
  // A guest chooses these names, and a person reads them on a terminal.
  std::string out = visible_lines(message());
  out += '\n';
  for (const Frame& frame : backtrace()) {
    out += "  at ";
    if (!frame.module.empty()) out += visible(frame.module) + "!";
    out += frame.function.empty() ? fmt::format("func[{}]", frame.func_index)
                                  : visible(frame.function);
    out += fmt::format(" +{:#x}\n", frame.offset);
  }
  return out;
}

}  // namespace tenon::engine

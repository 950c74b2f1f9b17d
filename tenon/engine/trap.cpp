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

}  // namespace

std::string_view trap_message(TrapCode code) {
  return messages[static_cast<std::size_t>(code)];
}

Trap::Trap(TrapCode code, std::string message)
    : data_(Data{code, std::move(message), {}, {}, {}}) {}

Trap::Trap(Exit exit) : Trap(TrapCode::exit, fmt::format("exit with code {}", exit.code)) {
  data_.write().exit_code = exit.code;
}

Trap Trap::refused(Error why) {
  Trap trap(TrapCode::host, why.text());
  trap.data_.write().refusal = std::move(why);
  return trap;
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

// SPDX-License-Identifier: Apache-2.0
#pragma once

// For `main` functions alone: no room of tenon includes this, and a library should not either.
//
//   const auto component = tenon::or_exit(tenon::Component::from_file(engine, "add.wasm"));
//   const double sum = tenon::or_exit(add.call(store, 5.0, 3.0));
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <string>
#include <type_traits>
#include <utility>

#include "tenon/base/error.h"

namespace tenon {

/// 134 for a guest that trapped, also while it was instantiated; 1 for any other error.
template <class E>
int exit_status(const E& error) {
  if constexpr (requires { error.refusal(); }) {
    // A call that was refused for the host's own mistake is no fault of the guest.
    return error.refusal() == nullptr ? 134 : 1;
  } else if constexpr (requires { error.trap(); }) {
    return error.trap() == nullptr ? 1 : 134;
  } else {
    return 1;
  }
}

/// Prints an error or a trap with its notes and help to stderr and ends the program with
/// `exit_status`, or silently with the code of a guest that exited.
template <class E>
[[noreturn]] void exit_with(const E& error) {
  if constexpr (requires { error.exit_status(); }) {
    if (const auto status = error.exit_status()) std::exit(*status);
  }
  if constexpr (requires { error.refusal(); }) {
    if (const auto* why = error.refusal()) exit_with(*why);
  }
  std::string text = "error";
  if constexpr (requires { error.rule(); }) {
    // A trap has none of its own.
    if (exit_status(error) != 134) text += "[" + std::string(error.rule().id) + "]";
  }
  text += ": " + error.text();
  if constexpr (requires { error.notes(); }) {
    for (const auto& note : error.notes()) text += "\n  note: " + note.text;
    if (!error.help_text().empty()) text += "\n  help: " + error.help_text();
  }
  if (!text.ends_with('\n')) text += '\n';
  std::fputs(text.c_str(), stderr);
  std::exit(exit_status(error));
}

/// The value of a `Result`, an `Outcome` or what instantiation gives; if there is none, the program
/// ends with the error's text (`exit_with`).
template <class T, class E>
T or_exit(std::expected<T, E> result) {
  if (!result) exit_with(result.error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace tenon

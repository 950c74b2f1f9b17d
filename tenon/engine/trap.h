// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"

namespace tenon::engine {

/// Why a guest stopped; one row of traps.def each.
enum class TrapCode : std::uint8_t {
#define TENON_TRAP(name, message) name,
#include "tenon/engine/traps.def"
#undef TENON_TRAP
};

/// The message of a code, as the core test suite words it.
[[nodiscard]] std::string_view trap_message(TrapCode code);

/// One WebAssembly activation record of a backtrace, innermost first; or a remark: what stood in
/// the way, or how often the frames before it repeat.
struct Frame {
  /// Name of the module, from its name section; may be empty.
  std::string module;
  /// Name of the function, demangled; without a name section what it is exported as; else empty. Of
  /// a remark its text, which begins with `…`.
  std::string function;
  std::uint32_t func_index = 0;
  /// Offset of the instruction in the module's bytes.
  std::uint32_t offset = 0;
  /// The line, where debug information tells it: `src/x.cpp:12`; else empty. No part of the name,
  /// which a guest chooses.
  std::string place = {};
  bool is_remark = false;

  /// `f(int) (src/x.cpp:12)`, the name of a function that has none being `func[3]`.
  [[nodiscard]] std::string title() const;
};

/// A guest's request to end, as a host function passes it on: `throw Exit{3}` where it gives a
/// plain value, `return std::unexpected(Exit{3})` where it gives an `Outcome`. It unwinds all
/// guests on the stack, and whoever called or instantiated the outermost finds the code in
/// `Trap::exit_code` or `Failure::exit_code`.
struct Exit {
  int code = 0;
  /// What a process ends with: eight bits of the code, and 1 for a failure that has none of them,
  /// so that it never looks like a success.
  [[nodiscard]] constexpr int status() const {
    const int kept = code & 0xFF;
    return kept == 0 && code != 0 ? 1 : kept;
  }
};

/// The guest's fault, or a host function's refusal: code, message, backtrace. One pointer wide;
/// copies share what they say. What was moved from reads as `out_of_memory`. Never an input error.
/// Copies may be on different threads; one object is used by one thread at a time.
class Trap {
 public:
  explicit Trap(TrapCode code, std::string message = {});
  /// A host function's refusal.
  explicit Trap(std::string message) : Trap(TrapCode::host, std::move(message)) {}

  Trap(Exit exit);  // NOLINT(google-explicit-constructor): where a trap is returned, an exit may be

  /// The trap that needs no memory itself.
  static Trap out_of_memory() noexcept { return {}; }

  [[nodiscard]] TrapCode code() const { return data_ ? data_->code : TrapCode::out_of_memory; }
  /// The code's message, or the host's own.
  [[nodiscard]] std::string_view message() const;
  [[nodiscard]] const std::vector<Frame>& backtrace() const;
  /// One that needs no memory has no place for frames either.
  void append(std::vector<Frame> frames);
  /// The code of an `Exit`; it has the code `exit` then, and is no fault.
  [[nodiscard]] std::optional<int> exit_code() const {
    return data_ ? data_->exit_code : std::nullopt;
  }
  /// What a process ends with then (`Exit::status`).
  [[nodiscard]] std::optional<int> exit_status() const {
    const auto code = exit_code();
    return code ? std::optional(Exit{*code}.status()) : std::nullopt;
  }
  /// A call that the host itself spoiled, by a wrong argument or a store that is not the
  /// function's: the guest was not entered.
  static Trap refused(Error why);
  /// Why the call was refused; null when it was the guest that trapped.
  [[nodiscard]] const Error* refusal() const {
    return data_ && data_->refusal ? &*data_->refusal : nullptr;
  }

  /// The field of `StoreLimits` that the guest came up against, such as `memory_bytes`; empty for
  /// every other trap.
  [[nodiscard]] std::string_view limit() const { return data_ ? data_->limit : std::string_view(); }
  /// Notes the limit, which is a literal.
  Trap&& of_limit(std::string_view limit) &&;
  /// The import that was called, `interface#function`, and that nobody provides; empty for every
  /// other trap.
  [[nodiscard]] std::string_view missing_import() const {
    return data_ ? std::string_view(data_->missing_import) : std::string_view();
  }
  Trap&& of_missing_import(std::string name) &&;

  /// The trap as an error of the host's, for functions that return `Result`: rule `trap`, a note a
  /// frame; of a refused call, what it was refused for.
  operator Error() const;  // NOLINT(google-explicit-constructor)

  /// The message, then one line a frame: `  at f(int) (src/x.cpp:12)`, without debug information
  /// `  at module!function +0x1f`. What generated code and a language's library have between the
  /// author's frames is left out and counted. No newline at the end.
  [[nodiscard]] std::string text() const;

 private:
  Trap() = default;
  struct Data {
    TrapCode code;
    std::string message;
    std::vector<Frame> frames;
    std::optional<int> exit_code;
    std::optional<Error> refusal;
    std::string_view limit;
    std::string missing_import;
  };
  CopyOnWrite<Data> data_;
};

/// What an exception may be besides, when it carries a trap that shall go on as the trap it is.
class CarriesTrap {
 public:
  CarriesTrap() = default;
  CarriesTrap(const CarriesTrap&) = default;
  CarriesTrap& operator=(const CarriesTrap&) = default;
  virtual ~CarriesTrap() = default;
  /// Null when there is none.
  [[nodiscard]] virtual const Trap* trap() const noexcept = 0;
};

/// What a call into a guest gives.
template <class T>
using Outcome = std::expected<T, Trap>;

}  // namespace tenon::engine

/// Its `what()` is the trap's text, with the backtrace. Out of a host function it goes on as the
/// trap, with its code.
template <>
class std::bad_expected_access<tenon::engine::Trap> : public tenon::BadAccess<tenon::engine::Trap>,
                                                      public tenon::engine::CarriesTrap {
 public:
  using BadAccess::BadAccess;
  [[nodiscard]] const tenon::engine::Trap* trap() const noexcept override { return &error(); }
};

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "suite.hpp"

// A program that uses WASI 0.2 as no preview1 program can. Its first argument names a case; what a
// case says on standard output is the same on every runtime.
namespace cases {

namespace wasi = ::suite::wasi;
namespace streams = wasi::io::streams;
using wasi::io::poll::pollable;

struct Case {
  std::string_view name;
  void (*run)();
};
std::span<const Case> of_streams();
std::span<const Case> of_files();
std::span<const Case> of_tcp();
std::span<const Case> of_udp();

/// Writes a line.
void say(const std::string& text);
inline void say(std::string_view what, std::uint64_t value) {
  say(std::string(what) + ": " + std::to_string(value));
}

inline std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string text(const std::vector<std::uint8_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}
inline std::string kind(const streams::stream_error& error) {
  return std::holds_alternative<streams::stream_error::closed>(error) ? "closed"
                                                                      : "last-operation-failed";
}
/// `ok`, or the number of the error's case.
template <class T, class E>
std::string code(const std::expected<T, E>& result) {
  if (result) return "ok";
  if constexpr (std::is_same_v<E, streams::stream_error>) {
    return kind(result.error());
  } else {
    return "error " + std::to_string(static_cast<unsigned>(result.error()));
  }
}

/// Writes all of it, as a loop over permits.
std::string write_all(const streams::output_stream& to, std::span<const std::uint8_t> bytes);
/// Reads to the end.
std::string read_all(const streams::input_stream& from);
/// Waits for several, in the order in which they are given.
template <class... P>
std::vector<std::uint32_t> wait_for(const P&... each) {
  const ::tenon::guest::borrow<pollable> list[] = {each...};
  return wasi::io::poll::poll(list);
}

}  // namespace cases

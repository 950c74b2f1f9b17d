// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/core/module.h"

namespace tenon::core::testing {

/// Builds binaries for tests, byte by byte.
class Bytes {
 public:
  Bytes& add(std::initializer_list<int> bytes) {
    for (const int b : bytes) out_.u8(static_cast<std::uint8_t>(b));
    return *this;
  }
  Bytes& u32(std::uint32_t value) {
    out_.u32(value);
    return *this;
  }
  Bytes& repeat(std::uint8_t byte, std::size_t n) {
    out_.raw().insert(out_.raw().end(), n, byte);
    return *this;
  }
  Bytes& append(const Bytes& other) {
    out_.bytes(other.out_.view());
    return *this;
  }
  Bytes& name(std::string_view text) {
    out_.name(text);
    return *this;
  }
  [[nodiscard]] std::size_t size() const { return out_.size(); }
  [[nodiscard]] const Writer& writer() const { return out_; }
  [[nodiscard]] std::vector<std::uint8_t> take() { return out_.take(); }

 private:
  Writer out_;
};

/// Magic and version.
inline Bytes header() {
  return Bytes().add({0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00});
}

/// A section with its size.
inline Bytes section(int id, const Bytes& content) {
  Bytes out;
  out.add({id}).u32(static_cast<std::uint32_t>(content.size())).append(content);
  return out;
}

/// A module with one function of type [] -> [] whose entry (locals and body) is given.
inline Bytes one_func(const Bytes& entry) {
  Bytes code;
  code.add({1}).u32(static_cast<std::uint32_t>(entry.size())).append(entry);
  return header()
      .append(section(1, Bytes().add({1, 0x60, 0, 0})))
      .append(section(3, Bytes().add({1, 0})))
      .append(section(10, code));
}

}  // namespace tenon::core::testing

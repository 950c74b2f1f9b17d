// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <utility>

namespace tenon {

/// What `.value()` throws where there is an error: `what()` is the error's text. The
/// specialisations of `std::bad_expected_access` derive from it. Tenon itself throws nothing.
template <class E>
class BadAccess : public std::bad_expected_access<void> {
 public:
  explicit BadAccess(E error)
      : error_(std::move(error)), text_(std::make_shared<const std::string>(error_.text())) {}
  [[nodiscard]] const char* what() const noexcept override { return text_->c_str(); }
  [[nodiscard]] E& error() & noexcept { return error_; }
  [[nodiscard]] const E& error() const& noexcept { return error_; }
  [[nodiscard]] E&& error() && noexcept { return std::move(error_); }
  [[nodiscard]] const E&& error() const&& noexcept { return std::move(error_); }

 private:
  E error_;
  std::shared_ptr<const std::string> text_;
};

}  // namespace tenon

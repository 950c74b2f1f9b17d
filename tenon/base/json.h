// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/base/error.h"

namespace tenon {

/// A JSON value. Numbers keep their text, so that 64-bit integers lose nothing; objects keep the
/// order of their members. Each value knows where it stood.
class Json {
 public:
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
  using Member = std::pair<std::string, Json>;

  Json() = default;
  static Json boolean(bool v);
  /// `text` must be a JSON number.
  static Json number(std::string text);
  static Json number(std::int64_t v);
  static Json string(std::string v);
  static Json array(std::vector<Json> items);
  static Json object(std::vector<Member> members);

  /// Parses one JSON text (RFC 8259). A member's name may not come twice. Nesting is at most 200
  /// deep. O(n log n).
  [[nodiscard]] static Result<Json> parse(std::string_view text, std::uint32_t source = 0);
  /// One line; with `indent` > 0 pretty-printed.
  [[nodiscard]] std::string dump(int indent = 0) const;

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is_null() const { return kind_ == Kind::null; }
  [[nodiscard]] bool is_bool() const { return kind_ == Kind::boolean; }
  [[nodiscard]] bool is_number() const { return kind_ == Kind::number; }
  [[nodiscard]] bool is_string() const { return kind_ == Kind::string; }
  [[nodiscard]] bool is_array() const { return kind_ == Kind::array; }
  [[nodiscard]] bool is_object() const { return kind_ == Kind::object; }

  [[nodiscard]] bool as_bool() const { return bool_; }
  /// A string's text or a number's digits.
  [[nodiscard]] const std::string& text() const { return text_; }
  /// A number as a double: infinity when it is too large for one.
  [[nodiscard]] double as_double() const;
  [[nodiscard]] const std::vector<Json>& items() const { return items_; }
  [[nodiscard]] std::vector<Json>& items() { return items_; }
  [[nodiscard]] const std::vector<Member>& members() const { return members_; }
  /// To change them, before the object is handed on: look-ups go one by one from then on.
  [[nodiscard]] std::vector<Member>& members() {
    by_name_.clear();
    return members_;
  }
  /// The member of an object, or null (also when this is not an object). O(log n).
  [[nodiscard]] const Json* find(std::string_view name) const;
  [[nodiscard]] Span span() const { return span_; }

  /// What it is, for messages: "an object", "the number 3".
  [[nodiscard]] std::string describe() const;
  /// `text` in double quotes with JSON's escapes; what would act on a terminal or an editor is
  /// escaped too.
  [[nodiscard]] static std::string quote(std::string_view text);

 private:
  friend class JsonParser;
  void dump_to(std::string& out, int indent, int level) const;
  /// Sorts `by_name_` when there are many members.
  void index_members();

  Kind kind_ = Kind::null;
  bool bool_ = false;
  std::string text_;
  std::vector<Json> items_;
  std::vector<Member> members_;
  /// Places of the members in the order of their names; empty when they are few.
  std::vector<std::uint32_t> by_name_;
  Span span_ = Span::none();
};

}  // namespace tenon

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tenon/wit/package.h"

namespace tenon::wit {

/// What a page is written with: Markdown or HTML. Texts handed in are marked up already, but for
/// docs.
class Page {
 public:
  explicit Page(bool html) : html_(html) {}

  void heading(int level, std::string_view text, std::string_view anchor);
  void paragraph(std::string_view text);
  /// Docs below a heading of `level`.
  void docs(std::string_view text, int level);

  void begin_list();
  void end_list();
  /// One line of a list; docs of one paragraph follow it, longer ones below.
  void item(std::string_view text, std::string_view docs_text);

  [[nodiscard]] std::string link(std::string_view text, std::string_view anchor) const;
  [[nodiscard]] std::string mono(std::string_view text) const;
  /// A name with what its gates say of it.
  [[nodiscard]] std::string gated(std::string_view text, const Stability& s) const;
  [[nodiscard]] bool is_html() const { return html_; }
  [[nodiscard]] std::string take(std::string_view title);

 private:
  [[nodiscard]] std::string gate(std::string_view css, std::string_view text) const;

  bool html_;
  std::string out_;
};

}  // namespace tenon::wit

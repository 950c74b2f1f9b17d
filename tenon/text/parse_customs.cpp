// SPDX-License-Identifier: Apache-2.0
// Custom sections: those that annotations write out, and those that the text implies (names and
// branch hints). Spec: core/appendix/custom; tool-conventions/ProducersSection.md,
// DynamicLinking.md.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <deque>

#include "tenon/core/names.h"
#include "tenon/text/module_parser.h"
#include "tenon/text/producers.h"
#include "tenon/text/rules.h"

namespace tenon::text {

Result<std::vector<std::uint8_t>> producers_content(Cursor inside) {
  constexpr auto words = std::to_array<std::string_view>({"language", "sdk", "processed-by"});
  core::Producers out;
  for (const std::string_view word : words) out.fields.push_back({word, {}});
  std::deque<std::string> texts;  // what `out` refers to
  while (inside.at(TokenKind::lparen)) {
    inside.take();
    const auto field = std::ranges::find(out.fields, inside.text(), &core::Producers::Field::name);
    if (field == out.fields.end())
      return std::unexpected(inside.unexpected("`language`, `sdk` or `processed-by`"));
    inside.take();
    auto name = TENON_TRY(inside.name("the name of a producer"));
    auto version = TENON_TRY(inside.name("the version of a producer"));
    const std::string& kept_name = texts.emplace_back(std::move(name));
    const std::string& kept_version = texts.emplace_back(std::move(version));
    field->values.push_back({kept_name, kept_version});
    TENON_TRY(inside.expect_close());
  }
  if (!inside.at(TokenKind::rparen)) return std::unexpected(inside.unexpected("`(` or `)`"));
  std::erase_if(out.fields, [](const auto& field) { return field.values.empty(); });
  Writer content;
  core::write_producers(content, out);
  return content.take();
}

ByteRange ModuleParser::stored(std::string_view text) {
  const auto begin = static_cast<std::uint32_t>(out_.size());
  out_.bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return {begin, static_cast<std::uint32_t>(out_.size())};
}

/// What is between two fields.
Result<void> ModuleParser::customs() {
  using Kind = Annotation::Kind;
  if (!c_.has_annotations()) return {};
  TENON_TRY(no_hint_since(c_.previous_end()));
  for (const Annotation& found :
       c_.take_annotations({Kind::custom, Kind::data_count, Kind::producers, Kind::dylink})) {
    switch (found.kind) {
      case Kind::custom:
        TENON_TRY(custom(found));
        break;
      case Kind::producers:
        TENON_TRY(producers(found));
        break;
      case Kind::dylink:
        TENON_TRY(dylink(found));
        break;
      case Kind::data_count:
        wants_data_count_ = true;
        break;
      case Kind::name:
      case Kind::branch_hint:
        assert(false && "not asked for");
    }
  }
  return {};
}

/// A hint that no instruction took.
Result<void> ModuleParser::no_hint_since(std::uint32_t begin) {
  if (!c_.has_annotations()) return {};
  const auto found = c_.take_annotation_since(Annotation::Kind::branch_hint, begin);
  if (!found) return {};
  return std::unexpected(Error(rules::branch_hint, {c_.source(), found->begin, found->end},
                               "no instruction follows the hint"));
}

/// `(@custom "name" (before|after section)? "content"*)`. Spec: core/appendix/custom "Custom
/// Annotations".
Result<void> ModuleParser::custom(const Annotation& annotation) {
  using core::SectionId;
  struct Place {
    std::string_view word;
    SectionId id;
    SectionId before;  // the section that the binary has before it
  };
  constexpr auto places = std::to_array<Place>({
      {"type", SectionId::type, SectionId::custom},
      {"import", SectionId::import_, SectionId::type},
      {"func", SectionId::func, SectionId::import_},
      {"table", SectionId::table, SectionId::func},
      {"memory", SectionId::mem, SectionId::table},
      {"tag", SectionId::tag, SectionId::mem},
      {"global", SectionId::global, SectionId::tag},
      {"export", SectionId::export_, SectionId::global},
      {"start", SectionId::start, SectionId::export_},
      {"elem", SectionId::elem, SectionId::start},
      {"datacount", SectionId::data_count, SectionId::elem},
      {"code", SectionId::code, SectionId::data_count},
      {"data", SectionId::data, SectionId::code},
  });
  Cursor inside = c_.inside(annotation);
  Custom out;
  out.last = true;
  out.span = {c_.source(), annotation.begin, annotation.end};
  const std::string name = TENON_TRY(inside.name("the name of a custom section"));
  out.name = stored(name);
  if (inside.at(TokenKind::lparen)) {
    inside.take();
    const bool before = inside.at_keyword("before");
    if (!before && !inside.at_keyword("after"))
      return std::unexpected(inside.unexpected("`before` or `after`"));
    inside.take();
    const std::string_view word = inside.text();
    out.last = word == "last";
    const auto* const place = std::ranges::find(places, word, &Place::word);
    if (before && word == "first") {
      out.after = SectionId::custom;
    } else if (!before && word == "last") {
      out.after = SectionId::data;
    } else if (place != places.end()) {
      out.after = before ? place->before : place->id;
    } else {
      return std::unexpected(inside.unexpected("the name of a section"));
    }
    inside.take();
    TENON_TRY(inside.expect_close());
  }
  out.content = inside.strings(out_.raw());
  if (!inside.at(TokenKind::rparen)) return std::unexpected(inside.unexpected("a string or `)`"));
  customs_.push_back(out);
  return {};
}

/// `(@producers (language "C" "11") (processed-by "clang" "22") …)`: after the last section.
Result<void> ModuleParser::producers(const Annotation& annotation) {
  const std::vector<std::uint8_t> content = TENON_TRY(producers_content(c_.inside(annotation)));
  Custom section = made_custom("producers", [&] { out_.bytes(content); });
  section.last = true;
  section.span = {c_.source(), annotation.begin, annotation.end};
  customs_.push_back(section);
  return {};
}

void ModuleParser::build_branch_hints() {
  if (hints_.empty()) return;
  Custom out =
      made_custom(core::branch_hint_section, [&] { core::write_branch_hints(out_, hints_); });
  out.after = core::SectionId::data_count;
  customs_.push_back(out);
}

void ModuleParser::build_name_section(const std::optional<Id>& id,
                                      std::optional<std::string_view> name) {
  core::Names names;
  if (name) {
    names.module = name;
  } else if (id) {
    names.module = id->name;
  }
  const auto flat = [](const std::vector<ItemName>& items) {
    core::NameMap out;
    for (const ItemName& item : items) out.push_back({item.index, item.name});
    return out;
  };
  names.funcs = flat(funcs_.names);
  names.types = flat(type_names_);
  names.tables = flat(tables_.names);
  names.mems = flat(mems_.names);
  names.globals = flat(globals_.names);
  names.elems = flat(elems_.names);
  names.datas = flat(datas_.names);
  names.tags = flat(tags_.names);
  for (const FuncNames& func : func_names_) {
    if (!func.locals.empty()) names.locals.push_back({func.func, flat(func.locals)});
    if (func.labels.empty()) continue;
    names.labels.push_back({func.func, {}});
    for (const auto& label : func.labels)
      names.labels.back().names.push_back({label.index, label.name});
  }
  for (const auto& field : space_.field_names) {
    if (names.fields.empty() || names.fields.back().index != field.type.value) {
      names.fields.push_back({field.type.value, {}});
    }
    names.fields.back().names.push_back({field.field, field.name});
  }
  const Custom out = made_custom("name", [&] { core::write_names(out_, names); });
  if (out.content.size() == 0) return;
  customs_.push_back(out);
}

}  // namespace tenon::text

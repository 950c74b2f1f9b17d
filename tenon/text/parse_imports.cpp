// SPDX-License-Identifier: Apache-2.0
// Imports: alone, written into the definition, and in groups of the proposal `compact-imports`.
// Spec: core/text/modules "Imports".
#include <fmt/format.h>

#include "tenon/text/module_parser.h"
#include "tenon/text/rules.h"

namespace tenon::text {

using core::ExternKind;

Result<bool> ModuleParser::inline_import(core::Import& import, ExternKind kind) {
  if (!c_.at_open("import")) return false;
  const std::uint32_t begin = c_.peek().begin;
  c_.take();
  c_.take();
  const ByteRange module = TENON_TRY(name_string("the name of the module imported from"));
  const ByteRange name = TENON_TRY(name_string("the import's name"));
  TENON_TRY(c_.expect_close());
  import_names_.push_back(module);
  import_names_.push_back(name);
  import.type.kind = kind;
  import.span = c_.span_from(begin);
  return true;
}

Result<void> ModuleParser::add_import(core::Import import) {
  if (!first_definition_.empty()) {
    return std::unexpected(Error(rules::import_order, import.span,
                                 fmt::format("an import after a {}", first_definition_)));
  }
  switch (import.type.kind) {
    case ExternKind::func:
      ++m_.num_imported_funcs;
      m_.func_types.push_back(import.type.func);
      break;
    case ExternKind::table:
      ++m_.num_imported_tables;
      m_.table_types.push_back(import.type.table);
      break;
    case ExternKind::mem:
      ++m_.num_imported_mems;
      m_.mem_types.push_back(import.type.mem);
      break;
    case ExternKind::global:
      ++m_.num_imported_globals;
      m_.global_types.push_back(import.type.global);
      break;
    case ExternKind::tag:
      ++m_.num_imported_tags;
      m_.tag_types.push_back(import.type.tag);
      break;
  }
  m_.imports.push_back(import);
  return {};
}

std::optional<ExternKind> ModuleParser::import_kind(std::string_view word) {
  if (word == "func") return ExternKind::func;
  if (word == "table") return ExternKind::table;
  if (word == "memory") return ExternKind::mem;
  if (word == "global") return ExternKind::global;
  if (word == "tag") return ExternKind::tag;
  return std::nullopt;
}

ModuleParser::Space& ModuleParser::space_of(ExternKind kind) {
  switch (kind) {
    case ExternKind::func:
      return funcs_;
    case ExternKind::table:
      return tables_;
    case ExternKind::mem:
      return mems_;
    case ExternKind::global:
      return globals_;
    case ExternKind::tag:
      break;
  }
  return tags_;
}

/// `(func …)` and its like, the closing parenthesis included. Without `bound` the type has no item
/// of its own, and no identifier.
Result<core::ExternType> ModuleParser::import_type(bool bound) {
  core::ExternType out;
  const auto kind = import_kind(c_.open_keyword());
  if (!kind)
    return std::unexpected(c_.unexpected("`(func`, `(table`, `(memory`, `(global` or `(tag`"));
  out.kind = *kind;
  c_.take();
  c_.take();
  const std::uint32_t index = space_of(out.kind).count;
  if (bound) {
    TENON_TRY(bind(space_of(out.kind)));
  } else if (c_.at_id()) {
    return std::unexpected(
        Error(rules::unexpected_token, c_.span(), "the type of several imports has no identifier"));
  }
  switch (out.kind) {
    case ExternKind::func: {
      const TypeUse use = TENON_TRY(types_.type_use(true));
      if (bound) TENON_TRY(local_names(use.param_names, index));
      out.func = use.type;
      break;
    }
    case ExternKind::table:
      out.table = TENON_TRY(types_.table_type(types_.addr_type()));
      break;
    case ExternKind::mem:
      out.mem = TENON_TRY(types_.mem_type(types_.addr_type()));
      break;
    case ExternKind::global:
      out.global = TENON_TRY(types_.global_type());
      break;
    case ExternKind::tag: {
      const TypeUse use = TENON_TRY(types_.type_use(true));
      out.tag.type = use.type;
      break;
    }
  }
  TENON_TRY(c_.expect_close());
  return out;
}

Result<void> ModuleParser::import_field() {
  const std::uint32_t begin = c_.previous_end();
  const ByteRange module = TENON_TRY(name_string("the name of the module imported from"));
  if (c_.at(TokenKind::lparen) || c_.at(TokenKind::rparen)) return import_group(module, begin);
  const ByteRange name = TENON_TRY(name_string("the import's name"));
  core::Import import;
  import.type = TENON_TRY(import_type(true));
  import_names_.push_back(module);
  import_names_.push_back(name);
  import.span = c_.span_from(begin);
  return add_import(import);
}

/// `(import "m" (item "a" (func …)) …)` or `(import "m" (item "a") … (func …))`.
Result<void> ModuleParser::import_group(ByteRange module, std::uint32_t begin) {
  using Form = core::ImportGroup::Form;
  struct Item {
    ByteRange name;
    std::optional<std::string> annotation;
    std::uint32_t begin;
  };
  core::ImportGroup group;
  group.first = static_cast<std::uint32_t>(m_.imports.size());
  std::optional<Form> form;
  if (c_.at(TokenKind::rparen)) form = Form::types;
  std::vector<Item> waiting;
  while (c_.at_open("item")) {
    const std::uint32_t at = c_.peek().begin;
    c_.take();
    c_.take();
    const ByteRange name = TENON_TRY(name_string("the import's name"));
    auto annotation = TENON_TRY(name_annotation(c_));
    const Form own = c_.at(TokenKind::rparen) ? Form::one_type : Form::types;
    if (form.value_or(own) != own) {
      return std::unexpected(c_.unexpected(own == Form::types ? "`)`; the items before share a type"
                                                              : "the import's type"));
    }
    form = own;
    if (own == Form::types) {
      core::Import import;
      import.type = TENON_TRY(import_type(true));
      TENON_TRY(c_.expect_close());
      import.span = c_.span_from(at);
      import_names_.push_back(module);
      import_names_.push_back(name);
      TENON_TRY(add_import(import));
    } else {
      TENON_TRY(c_.expect_close());
      waiting.push_back({name, std::move(annotation), at});
    }
  }
  group.form = form.value_or(Form::one_type);
  if (group.form == Form::one_type) {
    const std::uint32_t at = c_.peek().begin;
    group.type = TENON_TRY(import_type(false));
    for (Item& item : waiting) {
      Space& space = space_of(group.type.kind);
      if (item.annotation) space.names.push_back({space.count, std::move(*item.annotation)});
      ++space.count;
      core::Import import;
      import.type = group.type;
      import.span = {c_.source(), item.begin, at};
      import_names_.push_back(module);
      import_names_.push_back(item.name);
      TENON_TRY(add_import(import));
    }
  }
  group.count = static_cast<std::uint32_t>(m_.imports.size()) - group.first;
  group.span = c_.span_from(begin);
  group_names_.push_back(module);
  m_.import_groups.push_back(group);
  return {};
}

}  // namespace tenon::text

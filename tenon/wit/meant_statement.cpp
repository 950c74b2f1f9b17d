// SPDX-License-Identifier: Apache-2.0
// Statements that WIT does not have, and the line to write in the place of each: one table, whose
// rows are what people type who know another language. A row is never asked for while the text is
// in order, so that it may be long.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

#include "tenon/base/ascii.h"
#include "tenon/wit/meant.h"

namespace tenon::wit {
namespace {

/// A statement of other languages. In the pattern `N` is a name, `Q` one in
/// quotes, `L` are names with commas, `T` is a
/// type, and `…` is whatever follows; all else stands as it is. In the help `{1}` is the first.
struct Statement {
  Place place;
  std::string_view pattern;
  std::string_view help;
};

constexpr std::string_view record_line = "a structure is a `record`: write `record {1} { … }`";
constexpr std::string_view resource_line =
    "an object with functions is a `resource`: write `resource {1} { … }`";
constexpr std::string_view flags_line = "write `flags {1} { … }`";
constexpr std::string_view variant_line = "write `variant {1} { … }`";
constexpr std::string_view enum_line = "write `enum {1} { … }`";
constexpr std::string_view alias_line = "an alias is `type {1} = {2};`";
constexpr std::string_view alias_line_2 = "an alias is `type {2} = {1};`";
constexpr std::string_view value_line =
    "there are functions and no values: write `{1}: func() -> {2};`";
constexpr std::string_view value_line_2 =
    "there are functions and no values: write `{2}: func() -> {1};`";
constexpr std::string_view interface_line =
    "functions and types belong in an interface: write `interface {1} { … }`";
constexpr std::string_view world_line = "write `world {1} { … }`";
constexpr std::string_view export_line = "write `export {1};`";
constexpr std::string_view import_line = "write `import {1};`";
constexpr std::string_view use_line = "write `use {2}.{{1}};`";

constexpr std::string_view callback_line =
    "functions are not values: pass a resource with a method, or export a function that is called "
    "back";
constexpr std::string_view option_line = "remove it: WIT files have no options";
constexpr std::string_view reserved_line =
    "remove it: fields have no numbers, so that none is reserved";

constexpr Statement statements[] = {
    {Place::world, "exports N", export_line},
    {Place::world, "exports : N", export_line},
    {Place::world, "export : N", export_line},
    {Place::world, "expose N", export_line},
    {Place::world, "exposes N", export_line},
    {Place::world, "provide N", export_line},
    {Place::world, "provides N", export_line},
    {Place::world, "implements N", export_line},
    {Place::world, "implement N", export_line},
    {Place::world, "publish N", export_line},
    {Place::world, "export * from N", export_line},
    {Place::world, "export { N }", export_line},
    {Place::world, "export default N", export_line},
    {Place::world, "export interface N", export_line},
    {Place::world, "export N . N", "an export is a whole interface: write `export {1};`"},
    {Place::world, "export N , N",
     "each has a statement of its own: write `export {1}; export {2};`"},
    {Place::world, "imports N", import_line},
    {Place::world, "imports : N", import_line},
    {Place::world, "import : N", import_line},
    {Place::world, "require N", import_line},
    {Place::world, "requires N", import_line},
    {Place::world, "needs N", import_line},
    {Place::world, "depends N", import_line},
    {Place::world, "import interface N", import_line},
    {Place::world, "import * from N", import_line},
    {Place::world, "import * as N from N", "write `import {2};`"},
    {Place::world, "import { L } from N", use_line},
    {Place::world, "import N from N", use_line},
    {Place::world, "import N , N",
     "each has a statement of its own: write `import {1}; import {2};`"},
    {Place::world, "import N . N",
     "write `import {1};` for the interface, `use {1}.{{2}};` for a type of it, or "
     "`import {1}:{2}/…;` for another package's"},
    {Place::world, "import N . { L }", "types are used, not imported: write `use {1}.{{2}};`"},
    {Place::world, "import N :: N",
     "write `import {2};`, or `import {1}:…/{2};` for another package's"},
    {Place::world, "import N / N",
     "an interface of another package has its namespace: write `import my-org:{1}/{2};`"},
    {Place::world, "import Q",
     "a name in quotes is a file's: write `import {1};` for the interface in it"},
    {Place::world, "include N . N",
     "a world of another package is `ns:pkg/name`: write `include my-org:{1}/{2};`"},
    {Place::world, "include N / N",
     "a world of another package has its namespace: write `include my-org:{1}/{2};`"},
    {Place::world, "include N : N", "write `include {1}:{2}/…;` with the name of a world"},
    {Place::world, "include Q",
     "a name in quotes is a file's: write `include {1};` for the world in it"},
    {Place::world, "from N import L", "write `use {1}.{{2}};`"},
    {Place::world, "extends N", "write `include {1};`"},
    {Place::world, "inherits N", "write `include {1};`"},
    {Place::world, "export N : record …",
     "types in a world have no `import` or `export` before them: write `record {1} { … }`"},
    {Place::world, "export N : enum …",
     "types in a world have no `import` or `export` before them: write `enum {1} { … }`"},
    {Place::world, "export N : variant …",
     "types in a world have no `import` or `export` before them: write `variant {1} { … }`"},
    {Place::world, "export N :", "write `export {1}: interface { … }`"},
    {Place::world, "import N :", "write `import {1}: interface { … }`"},
    {Place::world, "export N", "write `export {1}: interface { … }`"},
    {Place::world, "import record N …",
     "types in a world have no `import` or `export` before them: write `record {1} { … }`"},
    {Place::interface, "from N import L", "write `use {1}.{{2}};`"},
    {Place::interface, "import { L } from N", use_line},
    {Place::interface, "import N from N", use_line},
    {Place::interface, "use { L } from N", use_line},
    {Place::interface, "use L from N", use_line},
    {Place::interface, "use N :: N", "write `use {1}.{{2}};`"},
    {Place::interface, "use N / N", "write `use {1}.{{2}};`"},
    {Place::interface, "use N :: N :: { L", "write `use {1}:{2}/….{{3}};`"},
    {Place::interface, "using N :: N", "write `use {1}.{{2}};`"},
    {Place::interface, "include N", "worlds include worlds; write `use {1}.{…};` for its types"},
    {Place::interface, "package …",
     "a package is declared once, at the top of the file, or has braces: `package ns:name { … }`"},
    {Place::interface, "alias N = T", alias_line},
    {Place::interface, "using N = T", alias_line},
    {Place::interface, "newtype N = T", alias_line},
    {Place::interface, "typealias N = T", alias_line},
    {Place::interface, "typedef N = T", alias_line},
    {Place::interface, "type N struct", record_line},
    {Place::interface, "type N interface",
     "an interface goes at the top of the file, outside of this one: `interface {1} { … }`"},
    {Place::interface, "type N T", alias_line},
    {Place::interface, "list N < T >", "write `type {1} = list<{2}>;`"},
    {Place::interface, "option N = Q", option_line},
    {Place::interface, "reserved …", reserved_line},
    {Place::interface, "repeated T N",
     "fields belong in a `record`: `{2}: list<{1}>`; a function is `{2}: func() -> list<{1}>;`"},
    {Place::interface, "scalar N", "write `type {1} = string;`, with the type that it has"},
    {Place::interface, "input N", record_line},
    {Place::interface, "option N = T", "write `type {1} = option<{2}>;`"},
    {Place::interface, "list N = T", "write `type {1} = list<{2}>;`"},
    {Place::interface, "typedef T N", alias_line_2},
    {Place::interface, "const N : T = …", value_line},
    {Place::interface, "const N : T", value_line},
    {Place::interface, "const T N = …", value_line_2},
    {Place::interface, "let N : T", value_line},
    {Place::interface, "let N : T = …", value_line},
    {Place::interface, "var N : T", value_line},
    {Place::interface, "val N : T", value_line},
    {Place::interface, "static N : T", value_line},
    {Place::interface, "static N : T = …", value_line},
    {Place::interface, "readonly N : T", value_line},
    {Place::interface, "property N : T", value_line},
    {Place::interface, "attribute N : T", value_line},
    {Place::interface, "field N : T", value_line},
    {Place::interface, "get N : T", value_line},
    {Place::interface, "readonly attribute T N", value_line_2},
    {Place::interface, "attribute T N", value_line_2},
    {Place::interface, "property T N", value_line_2},
    {Place::interface, "struct N", record_line},
    {Place::interface, "structure N", record_line},
    {Place::interface, "message N", record_line},
    {Place::interface, "dataclass N", record_line},
    {Place::interface, "data class N", record_line},
    {Place::interface, "object N", record_line},
    {Place::interface, "dictionary N", record_line},
    {Place::interface, "record class N", record_line},
    {Place::interface, "pub struct N", record_line},
    {Place::interface, "class N", resource_line},
    {Place::interface, "class N :", resource_line},
    {Place::interface, "class N ( ) :", resource_line},
    {Place::interface, "N : TypeAlias = T", alias_line},
    {Place::interface, "event N N", callback_line},
    {Place::interface, "interface N permits …", variant_line},
    {Place::interface, "use std :: …", "remove it: WIT's own types need no `use`"},
    {Place::interface, "mod N",
     "an interface goes at the top of the file, outside of this one: `interface {1} { … }`"},
    {Place::interface, "var N T", value_line},
    {Place::interface, "delegate …", callback_line},
    {Place::interface, "type N func …", callback_line},
    {Place::interface, "trait N", resource_line},
    {Place::interface, "protocol N", resource_line},
    {Place::interface, "service N", resource_line},
    {Place::interface, "impl N", resource_line},
    {Place::interface, "object class N", resource_line},
    {Place::interface, "error N", variant_line},
    {Place::interface, "exception N", variant_line},
    {Place::interface, "oneof N", variant_line},
    {Place::interface, "sum N", variant_line},
    {Place::interface, "bitflags N", flags_line},
    {Place::interface, "bitset N", flags_line},
    {Place::interface, "flag N", flags_line},
    {Place::interface, "bitfield N", flags_line},
    {Place::interface, "enum class N", enum_line},
    {Place::interface, "enum struct N", enum_line},
    {Place::interface, "pub enum N", enum_line},
    {Place::interface, "enumeration N", enum_line},
    {Place::interface, "record", "a type has a name: write `record my-record { … }`"},
    {Place::interface, "enum", "a type has a name: write `enum my-enum { … }`"},
    {Place::interface, "variant", "a type has a name: write `variant my-variant { … }`"},
    {Place::interface, "flags", "a type has a name: write `flags my-flags { … }`"},
    {Place::interface, "resource", "a type has a name: write `resource my-resource { … }`"},
    {Place::interface, "type N = record", "write `record {1} { … }`"},
    {Place::interface, "type N = variant", variant_line},
    {Place::interface, "type N = enum", enum_line},
    {Place::interface, "type N = flags", flags_line},
    {Place::interface, "type N = resource", "write `resource {1} { … }`, or `resource {1};`"},
    {Place::interface, "type N = struct", record_line},
    {Place::interface, "type N = class", resource_line},
    {Place::interface, "type N = interface", record_line},
    {Place::interface, "type N =", record_line},
    {Place::top, "class N", interface_line},
    {Place::top, "abstract class N", interface_line},
    {Place::top, "service N", interface_line},
    {Place::top, "trait N", interface_line},
    {Place::top, "pub trait N", interface_line},
    {Place::top, "module N", interface_line},
    {Place::top, "mod N", interface_line},
    {Place::top, "pub mod N", interface_line},
    {Place::top, "namespace N", interface_line},
    {Place::top, "protocol N", interface_line},
    {Place::top, "impl N", interface_line},
    {Place::top, "contract N", interface_line},
    {Place::top, "api N", interface_line},
    {Place::top, "abstract interface N", interface_line},
    {Place::top, "public interface N", interface_line},
    {Place::top, "pub interface N", interface_line},
    {Place::top, "export interface N", interface_line},
    {Place::top, "default interface N", interface_line},
    {Place::top, "interface", "an interface has a name: write `interface my-interface { … }`"},
    {Place::top, "interface N", "an interface has a body: write `interface {1} { … }`"},
    {Place::top, "component N", world_line},
    {Place::top, "plugin N", world_line},
    {Place::top, "program N", world_line},
    {Place::top, "application N", world_line},
    {Place::top, "pub world N", world_line},
    {Place::top, "export world N", world_line},
    {Place::top, "default world N", world_line},
    {Place::top, "world", "a world has a name: write `world my-world { … }`"},
    {Place::top, "world N", "a world has a body: write `world {1} { … }`"},
    {Place::top, "struct N",
     "structures are records inside an interface: "
     "`interface my-interface { record {1} { … } }`"},
    {Place::top, "message N",
     "structures are records inside an interface: "
     "`interface my-interface { record {1} { … } }`"},
    {Place::top, "input N",
     "structures are records inside an interface: "
     "`interface my-interface { record {1} { … } }`"},
    {Place::top, "scalar N",
     "types belong inside an interface: `interface my-interface { type {1} = string; }`, with the "
     "type that it has"},
    {Place::top, "record N",
     "types belong inside an interface: `interface my-interface { record "
     "{1} { … } }`"},
    {Place::top, "enum N",
     "types belong inside an interface: `interface my-interface { enum {1} { … "
     "} }`"},
    {Place::top, "variant N",
     "types belong inside an interface: `interface my-interface { variant "
     "{1} { … } }`"},
    {Place::top, "flags N",
     "types belong inside an interface: `interface my-interface { flags {1} { "
     "… } }`"},
    {Place::top, "resource N",
     "types belong inside an interface: `interface my-interface { resource "
     "{1} { … } }`"},
    {Place::top, "type N = T",
     "types belong inside an interface: `interface my-interface { type {1} "
     "= {2}; }`"},
    {Place::top, "import Q",
     "the files of a folder are one package: nothing has to be imported; remove it"},
    {Place::top, "include Q",
     "the files of a folder are one package: nothing has to be imported; remove it"},
    {Place::top, "import N", "imports belong in a world: `world my-world { import {1}; }`"},
    {Place::top, "export N", "exports belong in a world: `world my-world { export {1}; }`"},
    {Place::top, "include N", "worlds include worlds: `world my-world { include {1}; }`"},
    {Place::top, "import { L } from N",
     "types are used inside an interface or world: `use {2}.{{1}};`"},
    {Place::top, "import N from N",
     "types are used inside an interface or world: `use {2}.{{1}};`"},
    {Place::top, "use N . { L",
     "types are used inside an interface or world: write `use "
     "{1}.{{2}};` there"},
    {Place::top, "use N . N",
     "types are used inside an interface or world: write `use {1}.{{2}};` "
     "there"},
    {Place::top, "use N :: N",
     "types are used inside an interface or world: write `use "
     "{1}.{{2}};` there"},
    {Place::top, "const N …",
     "there are no constants: write `{1}: func() -> u32;` in an interface, "
     "with its type"},
    {Place::top, "syntax …", "remove it: WIT files have no line for the syntax"},
    {Place::top, "option …", option_line},
    {Place::top, "version …",
     "the version goes after the package's name: `package ns:name@1.2.3;`"},
    {Place::top, "edition …", "remove it: WIT files have no edition"},
};

struct Piece {
  std::string_view text;
  std::size_t begin = 0;
  bool quoted = false;
};

bool is_word(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '-';
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = std::min(text.find_first_not_of(blanks), text.size());
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// Words, signs, and what stands in quotes.
std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    const auto close = c == '"' || c == '\'' ? text.find(c, at + 1) : std::string_view::npos;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at;
    } else if (close != std::string_view::npos) {
      out.push_back({text.substr(at + 1, close - at - 1), at, true});
      at = close + 1;
    } else {
      if (end == at) end += text.substr(at).starts_with("::") ? 2 : 1;
      out.push_back({text.substr(at, end - at), at});
      at = end;
    }
  }
  return out;
}

/// `dir/name.wit` without folder and extension.
std::string_view stem(std::string_view path) {
  path.remove_prefix(std::min(path.find_last_of("/:") + 1, path.size()));
  return path.substr(0, path.find('.'));
}

/// Matches a pattern, and says what its letters stand for.
class Matcher {
 public:
  Matcher(std::string_view text, const std::vector<Piece>& pieces) : text_(text), pieces_(pieces) {}

  std::optional<std::vector<std::string>> match(std::string_view pattern) {
    const std::vector<Piece> wanted = pieces_of(pattern);
    std::vector<std::string> found;
    std::size_t at = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const std::string_view word = wanted[i].text;
      // A sign of more than one byte.
      if (pattern.substr(wanted[i].begin).starts_with("…")) return found;
      if (at >= pieces_.size()) return std::nullopt;
      if (word == "N" || word == "Q") {
        const Piece& piece = pieces_[at++];
        std::string name = wit_name(word == "Q" ? stem(piece.text) : piece.text);
        if (name.empty() || (word == "Q" && !piece.quoted)) return std::nullopt;
        found.push_back(std::move(name));
      } else if (word == "L") {
        std::string names = wit_name(pieces_[at++].text);
        while (at + 1 < pieces_.size() && pieces_[at].text == ",") {
          names += ", " + wit_name(pieces_[at + 1].text);
          at += 2;
        }
        found.push_back(std::move(names));
      } else if (word == "T") {
        const auto type = this->type(at, pattern.substr(wanted[i].begin + 1));
        if (!type) return std::nullopt;
        found.push_back(*type);
      } else if (pieces_[at++].text != word) {
        return std::nullopt;
      }
    }
    return at == pieces_.size() ? std::optional(std::move(found)) : std::nullopt;
  }

 private:
  /// The type from a piece on, up to what the rest of the pattern begins with.
  std::optional<std::string> type(std::size_t& at, std::string_view rest) {
    rest = trimmed(rest);
    std::size_t end = pieces_.size();
    if (rest.starts_with('N') || rest.starts_with('>')) --end;
    for (std::size_t i = at; rest.starts_with('=') && i < end; ++i) {
      if (pieces_[i].text == "=") end = i;
    }
    if (end <= at) return std::nullopt;
    const std::size_t begin = pieces_[at].begin;
    const std::size_t stop = end == pieces_.size() ? text_.size() : pieces_[end].begin;
    at = end;
    auto out = wit_type(text_.substr(begin, stop - begin));
    return out;
  }

  std::string_view text_;
  const std::vector<Piece>& pieces_;
};

/// What a pair of parentheses at the front of a text holds, and what is behind it.
std::optional<std::pair<std::string_view, std::string_view>> parentheses(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with('(')) return std::nullopt;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0)
      return std::pair(text.substr(1, i - 1), trimmed(text.substr(i + 1)));
  }
  return std::nullopt;
}

/// The text behind words, which are pieces of their own.
std::optional<std::string_view> behind(std::string_view text, const std::vector<Piece>& pieces,
                                       std::initializer_list<std::string_view> words) {
  if (pieces.size() <= words.size()) return std::nullopt;
  if (!std::equal(words.begin(), words.end(), pieces.begin(),
                  [](std::string_view word, const Piece& piece) { return word == piece.text; }))
    return std::nullopt;
  return text.substr(pieces[words.size()].begin);
}

/// `x: Int, val y: String` as fields.
std::optional<std::string> fields_of(std::string_view list) {
  std::string out;
  while (!list.empty()) {
    std::size_t depth = 0;
    std::size_t end = 0;
    for (; end < list.size() && (depth > 0 || list[end] != ','); ++end) {
      if (std::string_view("(<[").contains(list[end])) ++depth;
      if (std::string_view(")>]").contains(list[end]) && depth > 0) --depth;
    }
    const auto field = meant_field(trimmed(list.substr(0, end)));
    if (!field) return std::nullopt;
    out += (out.empty() ? "" : ", ") + *field;
    list = trimmed(list.substr(std::min(end + 1, list.size())));
  }
  return out.empty() ? std::nullopt : std::optional(std::move(out));
}

/// `int x = 5` and `string name`: a value or a field, whose type is one that is known.
std::optional<std::string> meant_value(std::string_view text, const std::vector<Piece>& pieces) {
  constexpr std::string_view modifiers =
      " public private protected internal static final readonly volatile extern optional repeated "
      "required const unsigned signed ";
  std::size_t first = 0;
  while (first < pieces.size() && modifiers.contains(fmt::format(" {} ", pieces[first].text)))
    ++first;
  if (first + 1 >= pieces.size() || text.substr(0, text.find('=')).find_first_of("(:") != text.npos)
    return std::nullopt;
  const std::string_view type = pieces[first].text;
  const bool generic = pieces[first + 1].text == "<";
  const bool own = wit_type(type) == type && wit_name(type).starts_with('%');
  const bool known = own || !meant_word(type).empty();
  if (!known && !generic) return std::nullopt;
  const auto field = meant_field(text);
  const auto colon = field ? field->find(": ") : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return fmt::format("fields belong in a `record`: `{0}`; a function is `{1}: func() -> {2};`",
                     *field, field->substr(0, colon), field->substr(colon + 2));
}

/// `const x = 5`: a type is there that its value may have.
std::optional<std::string> meant_constant(std::string_view text, const std::vector<Piece>& pieces) {
  constexpr std::string_view words = " const let var val static final ";
  if (pieces.size() < 4 || !words.contains(fmt::format(" {} ", pieces[0].text)) ||
      pieces[2].text != "=")
    return std::nullopt;
  const std::string name = wit_name(pieces[1].text);
  const std::string_view value = text.substr(pieces[3].begin);
  const bool number = is_digit(value[0]) || (value[0] == '-' && value.size() > 1);
  std::string_view type;
  if (value[0] == '"' || value[0] == '\'' || value[0] == '`') type = "string";
  if (value == "true" || value == "false") type = "bool";
  if (number) type = value.contains('.') ? "f64" : value[0] == '-' ? "s32" : "u32";
  if (type.empty() || name.empty()) return std::nullopt;
  return fmt::format("there are no constants: write `{}: func() -> {};`", name, type);
}

/// `record p(int x)`, `data class p(val x: Int)`: the words before the name are passed.
std::optional<std::string> meant_record(std::string_view text, const std::vector<Piece>& pieces) {
  constexpr std::string_view words = " record struct class data case ";
  std::size_t name_at = 0;
  bool record = false;
  while (name_at < pieces.size() && words.contains(fmt::format(" {} ", pieces[name_at].text))) {
    const std::string_view word = pieces[name_at++].text;
    record = record || word == "record" || word == "data" || word == "case";
  }
  if (!record || name_at + 1 >= pieces.size()) return std::nullopt;
  const auto inside = parentheses(text.substr(pieces[name_at + 1].begin));
  const auto fields = inside ? fields_of(inside->first) : std::nullopt;
  const std::string name = wit_name(pieces[name_at].text);
  if (!fields || name.empty()) return std::nullopt;
  return fmt::format("a structure is a `record`: write `record {} {{ {} }}`", name, *fields);
}

/// `class color(Enum):` of Python: what it is a kind of.
std::optional<std::string> meant_class(std::string_view text, const std::vector<Piece>& pieces) {
  const auto rest = behind(text, pieces, {"class"});
  if (!rest || pieces.size() < 5 || pieces[2].text != "(") return std::nullopt;
  const std::string name = wit_name(pieces[1].text);
  const auto bases = parentheses(text.substr(pieces[2].begin));
  if (name.empty() || !bases) return std::nullopt;
  const std::string_view list = bases->first;
  const auto has = [&](std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return list.contains(word); });
  };
  if (has({"Flag"})) return fmt::format("write `flags {} {{ … }}`", name);
  if (has({"Enum"})) return fmt::format("write `enum {} {{ … }}`", name);
  if (has({"TypedDict", "NamedTuple", "BaseModel", "Struct"}))
    return fmt::format("a structure is a `record`: write `record {} {{ … }}`", name);
  if (has({"Exception", "Error"})) return fmt::format("write `variant {} {{ … }}`", name);
  return fmt::format("an object with functions is a `resource`: write `resource {} {{ … }}`", name);
}

/// What no pattern can say: types and functions whose parts stand in parentheses.
std::optional<std::string> meant_with_parts(std::string_view text,
                                            const std::vector<Piece>& pieces) {
  // `func (p *point) move(dx int)` of Go.
  if (const auto rest = behind(text, pieces, {"func"}); rest && rest->starts_with('(')) {
    const auto of = parentheses(*rest);
    if (!of) return std::nullopt;
    const auto word = of->first.find_last_of(" *");
    const std::string resource =
        wit_name(word == std::string_view::npos ? of->first : of->first.substr(word + 1));
    const auto line = meant_function(fmt::format("func {}", of->second));
    if (!line || resource.empty() || line->contains('&') || line->contains("…"))
      return std::nullopt;
    return fmt::format("a method belongs in its resource: `resource {} {{ {} }}`", resource, *line);
  }
  for (const auto& words : {std::vector<std::string_view>{"struct"}, {"pub", "struct"}}) {
    // `struct pair(u32, u32)` of Rust.
    const bool fits =
        pieces.size() > words.size() + 1 &&
        std::ranges::equal(words, std::span(pieces).first(words.size()), {}, {}, &Piece::text);
    if (!fits) continue;
    const auto inside = parentheses(text.substr(pieces[words.size() + 1].begin));
    const std::string name = wit_name(pieces[words.size()].text);
    const auto type =
        inside ? wit_type(fmt::format("({})", inside->first)) : std::optional<std::string>();
    if (type && !name.empty()) return fmt::format("write `type {} = {};`", name, *type);
  }
  // `user-id = NewType('UserId', int)` of Python.
  if (pieces.size() > 5 && pieces[1].text == "=" && pieces[2].text == "NewType") {
    const auto type =
        wit_type(text.substr(pieces[5].begin + 1, text.rfind(')') - pieces[5].begin - 1));
    const std::string name = wit_name(pieces[0].text);
    if (type && !name.empty()) return fmt::format("an alias is `type {} = {};`", name, *type);
  }
  // `alias = list[int]` of Python.
  if (pieces.size() > 2 && pieces[1].text == "=") {
    const auto type = wit_type(text.substr(pieces[2].begin));
    const std::string name = wit_name(pieces[0].text);
    if (type && !name.empty() && name[0] != '%')
      return fmt::format("an alias is `type {} = {};`", name, *type);
  }
  // `typedef int (*call)(int)` of C.
  if (!pieces.empty() && pieces[0].text == "typedef" && text.contains("(*"))
    return std::string(callback_line);
  if (auto out = meant_constant(text, pieces)) return out;
  if (auto out = meant_record(text, pieces)) return out;
  if (auto out = meant_class(text, pieces)) return out;
  return meant_value(text, pieces);
}

/// `public sealed class c` without what says who may see it, and who may inherit.
std::string_view without_access(std::string_view text) {
  constexpr std::string_view words[] = {"public ",   "private ",    "protected ", "internal ",
                                        "sealed ",   "abstract ",   "final ",     "open ",
                                        "readonly ", "pub ",        "export ",    "declare ",
                                        "const ",    "pub(crate) ", "pub(super) "};
  while (true) {
    const auto* const word =
        std::ranges::find_if(words, [&](std::string_view w) { return text.starts_with(w); });
    if (word == std::end(words)) return text;
    text = trimmed(text.substr(word->size()));
  }
}

std::string filled(std::string_view help, const std::vector<std::string>& found) {
  std::string out(help);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::string sign = fmt::format("{{{}}}", i + 1);
    for (auto at = out.find(sign); at != std::string::npos;
         at = out.find(sign, at + found[i].size()))
      out.replace(at, sign.size(), found[i]);
  }
  return out;
}

}  // namespace

std::optional<std::string> meant_statement(std::string_view text, Place place) {
  text = trimmed(text);
  constexpr std::size_t longest = 400;
  if (text.size() > longest) return std::nullopt;
  const std::vector<Piece> pieces = pieces_of(text);
  Matcher matcher(text, pieces);
  const auto look = [&](Place where) -> std::optional<std::string> {
    for (const Statement& one : statements) {
      if (one.place != where) continue;
      if (const auto found = matcher.match(one.pattern)) return filled(one.help, *found);
    }
    return std::nullopt;
  };
  if (auto out = look(place)) return out;
  if (auto out = place == Place::top ? std::nullopt : meant_with_parts(text, pieces)) return out;
  if (const std::string_view rest = without_access(text); rest.size() < text.size()) {
    if (auto out = meant_statement(rest, place)) return out;
    // `const enum e` of TypeScript: what is behind the word is WIT's.
    const std::vector<Piece> left = pieces_of(rest);
    constexpr std::string_view types = " record variant enum flags resource ";
    if (left.size() == 2 && types.contains(fmt::format(" {} ", left[0].text)) &&
        !wit_name(left[1].text).empty())
      return fmt::format("write `{} {} {{ … }}`", left[0].text, wit_name(left[1].text));
  }
  // Types stand in a world as they do in an interface.
  return place == Place::world ? look(Place::interface) : std::nullopt;
}

}  // namespace tenon::wit

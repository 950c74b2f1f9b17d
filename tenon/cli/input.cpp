// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/input.h"

#include <fmt/format.h>
#include <unistd.h>

#include "tenon/base/file.h"
#include "tenon/cli/rules.h"

namespace tenon::cli {
namespace {

/// Moves past white space, comments and annotations' marks of WAT; one pass, no recursion.
std::string_view skip_blank(std::string_view text) {
  while (!text.empty()) {
    if (text[0] == ' ' || text[0] == '\t' || text[0] == '\n' || text[0] == '\r') {
      text.remove_prefix(1);
    } else if (text.starts_with(";;")) {
      const auto end = text.find('\n');
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    } else if (text.starts_with("(;")) {
      std::size_t depth = 0;
      std::size_t at = 0;
      do {
        if (text.substr(at).starts_with("(;")) {
          ++depth;
          at += 2;
        } else if (text.substr(at).starts_with(";)")) {
          --depth;
          at += 2;
        } else {
          ++at;
        }
      } while (depth > 0 && at < text.size());
      text.remove_prefix(at);
    } else {
      break;
    }
  }
  return text;
}

/// The fields a module may begin with when it is without `(module`.
constexpr std::string_view module_fields[] = {"module", "type",   "rec",    "import", "func",
                                              "table",  "memory", "global", "elem",   "data",
                                              "start",  "export", "tag"};

bool is_word(std::string_view text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  const std::string_view rest = text.substr(word.size());
  return rest.empty() || rest[0] == ' ' || rest[0] == '\n' || rest[0] == '\t' || rest[0] == '\r' ||
         rest[0] == '(' || rest[0] == ')' || rest[0] == ';' || rest[0] == '"';
}

/// A format known by its first bytes that is nobody's text, or empty.
struct Format {
  std::string_view magic;
  std::string_view name;
  std::string_view help;
};

const Format* format_of(std::string_view bytes) {
  static constexpr Format formats[] = {
      {"\x1f\x8b", "data compressed by gzip", "unpack it first: `gzip -dc FILE | tenon … -`"},
      {"\x28\xb5\x2f\xfd", "data compressed by zstd",
       "unpack it first: `zstd -dc FILE | tenon … -`"},
      {"\xfd"
       "7zXZ",
       "data compressed by xz", "unpack it first: `xz -dc FILE | tenon … -`"},
      {"PK\x03\x04", "a zip archive", "take the module out of it first"},
      {"\x7f"
       "ELF",
       "an ELF program or library of this machine", "compile for a wasm target"},
      {"\xcf\xfa\xed\xfe", "a Mach-O program or library", "compile for a wasm target"},
      {"MZ", "a Windows program or library", "compile for a wasm target"},
      {"!<arch>\n", "an archive of object files", "link it into a module first"},
      {"BC\xc0\xde", "LLVM bitcode", "compile it to a module first"},
  };
  for (const Format& format : formats) {
    if (bytes.starts_with(format.magic)) return &format;
  }
  return nullptr;
}

bool is_no_text(std::string_view bytes) {
  return bytes.substr(0, 512).contains('\0') || format_of(bytes) != nullptr;
}

}  // namespace

std::string_view to_string(InputKind kind) {
  switch (kind) {
    case InputKind::core_module:
      return "a core module";
    case InputKind::component:
      return "a component";
    case InputKind::wat_module:
      return "the text of a core module";
    case InputKind::wat_component:
      return "the text of a component";
    case InputKind::text:
      return "text";
  }
  std::unreachable();
}

InputKind sniff(ByteSpan bytes) {
  const std::string_view text = as_text(bytes);
  // The four bytes after the magic: a version, then a layer. Spec: Binary.md "Component
  // Definitions".
  if (text.starts_with(std::string_view("\0asm", 4))) {
    return bytes.size() >= 8 && bytes[6] == 1 && bytes[7] == 0 ? InputKind::component
                                                               : InputKind::core_module;
  }
  std::string_view rest = skip_blank(text);
  if (!rest.starts_with('(')) return InputKind::text;
  rest = skip_blank(rest.substr(1));
  if (is_word(rest, "component")) return InputKind::wat_component;
  for (const std::string_view field : module_fields) {
    if (is_word(rest, field)) return InputKind::wat_module;
  }
  return InputKind::text;
}

Result<Input> read_input(Context& context, std::string_view path) {
  Input input;
  input.name = path == "-" ? "<stdin>" : std::string(path);
  input.bytes =
      TENON_TRY(path == "-" ? read_descriptor(STDIN_FILENO, "<stdin>") : read_file(input.name));
  input.kind = sniff(input.bytes);
  input.source = input.is_binary() || is_no_text(input.text())
                     ? context.sources.add_binary(input.name)
                     : context.sources.add(input.name, std::string(input.text()));
  return input;
}

Error wrong_kind(const Input& input, std::string_view wanted) {
  if (input.kind == InputKind::text && is_no_text(input.text())) {
    const Format* const format = format_of(input.text());
    Error error(
        rules::wrong_input_kind, Span{input.source, 0, 0},
        fmt::format("found {}, wanted {}", format ? format->name : "unknown binary data", wanted));
    if (format == nullptr)
      return std::move(error).help("a WebAssembly binary begins with the bytes 00 61 73 6d");
    return std::move(error).help(std::string(format->help));
  }
  Error error(rules::wrong_input_kind, Span{input.source, 0, 0},
              input.bytes.empty()
                  ? fmt::format("found an empty file, wanted {}", wanted)
                  : fmt::format("found {}, wanted {}", to_string(input.kind), wanted));
  if (input.kind != InputKind::text || input.bytes.empty()) return error;
  if (input.name.ends_with(".wit"))
    return std::move(error).help("WIT is checked by `tenon wit check`");
  for (const std::string_view ending : {".c", ".cc", ".cpp", ".h", ".hpp", ".rs", ".toml"}) {
    if (input.name.ends_with(ending))
      return std::move(error).help("`tenon build` makes a component of a project");
  }
  return error;
}

}  // namespace tenon::cli

// SPDX-License-Identifier: Apache-2.0
// A trap wants the lines of at most a hundred instructions, once. So the line programs of all units
// are run from begin to end, and each row that covers a wanted address notes itself; no table is
// built. In WebAssembly an address is an offset in the content of the code section. Functions that
// the linker dropped leave sequences at address 0 or at the end of the address space: of several
// sequences that cover an address, the one that begins last is the function's own.
#include "tenon/engine/source_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <string_view>

#include "tenon/base/bytes.h"
#include "tenon/base/narrow.h"

namespace tenon::engine {
namespace {

constexpr std::size_t most_bytes = 64U << 20U;
/// Longer ones are no paths.
constexpr std::size_t longest_path = 4096;

/// Bytes of a section. Reading past the end gives zeros and is remembered.
class Cursor {
 public:
  explicit Cursor(ByteSpan bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return !ok_ || at_ == bytes_.size(); }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }

  std::uint64_t fixed(std::size_t size) {
    if (size > left()) return fail();
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < size; ++i)
      out |= static_cast<std::uint64_t>(bytes_[at_ + i]) << (8 * i);
    at_ += size;
    return out;
  }
  std::uint8_t u8() { return low_bits<std::uint8_t>(fixed(1)); }
  std::uint64_t uleb() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; at_ < bytes_.size(); shift += 7) {
      const std::uint8_t byte = bytes_[at_++];
      if (shift < 64) out |= std::uint64_t{byte & 0x7FU} << shift;
      if ((byte & 0x80U) == 0) return out;
    }
    return fail();
  }
  std::int64_t sleb() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; at_ < bytes_.size();) {
      const std::uint8_t byte = bytes_[at_++];
      if (shift < 64) out |= std::uint64_t{byte & 0x7FU} << shift;
      shift += 7;
      if ((byte & 0x80U) != 0) continue;
      if (shift < 64 && (byte & 0x40U) != 0) out |= ~std::uint64_t{0} << shift;
      return static_cast<std::int64_t>(out);
    }
    return static_cast<std::int64_t>(fail());
  }
  /// A text that ends in a zero.
  std::string_view text() {
    const auto rest = bytes_.subspan(at_);
    const auto* end = std::find(rest.data(), rest.data() + rest.size(), std::uint8_t{0});
    if (end == rest.data() + rest.size()) {
      fail();
      return {};
    }
    const auto size = static_cast<std::size_t>(end - rest.data());
    at_ += size + 1;
    return {reinterpret_cast<const char*>(rest.data()), size};
  }
  Cursor sub(std::uint64_t size) {
    if (size > left()) {
      fail();
      return Cursor(ByteSpan());
    }
    Cursor out(bytes_.subspan(at_, size));
    at_ += size;
    return out;
  }
  void skip(std::uint64_t size) { static_cast<void>(sub(size)); }

 private:
  std::uint64_t fail() {
    ok_ = false;
    at_ = bytes_.size();
    return 0;
  }

  ByteSpan bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

struct Sections {
  ByteSpan line;
  ByteSpan str;
  ByteSpan line_str;
};

/// A name that is in another section.
std::string_view text_at(ByteSpan section, std::uint64_t offset) {
  if (offset >= section.size()) return {};
  return Cursor(section.subspan(offset)).text();
}

struct File {
  std::string_view name;
  std::uint64_t folder = 0;
};

/// The tables in front of a line program.
struct Header {
  unsigned version = 0;
  unsigned offset_size = 4;
  std::uint8_t min_instruction = 1;
  std::int8_t line_base = 0;
  std::uint8_t line_range = 1;
  std::uint8_t opcode_base = 1;
  std::vector<std::uint8_t> operands;
  std::vector<std::string_view> folders;
  std::vector<File> files;

  /// Until version 4, files and folders count from 1, and folder 0 is where the compiler ran; from
  /// 5 on all are in the tables.
  [[nodiscard]] std::string path(std::uint64_t file) const {
    const std::uint64_t first = version < 5 ? 1 : 0;
    if (file < first || file - first >= files.size()) return {};
    const File& found = files[file - first];
    if (found.name.size() > longest_path) return {};
    const bool own = found.folder == 0 || found.name.starts_with('/');
    if (own || found.folder - first >= folders.size()) return std::string(found.name);
    const std::string_view folder = folders[found.folder - first];
    if (folder.empty() || folder.size() > longest_path) return std::string(found.name);
    return fmt::format("{}/{}", folder, found.name);
  }
};

/// One attribute of an entry in the tables of version 5.
bool read_form(Cursor& in, std::uint64_t form, unsigned offset_size, const Sections& sections,
               std::string_view& text, std::uint64_t& number) {
  switch (form) {
    case 0x08:  // string
      text = in.text();
      return in.ok();
    case 0x0E:  // strp
      text = text_at(sections.str, in.fixed(offset_size));
      return in.ok();
    case 0x1F:  // line_strp
      text = text_at(sections.line_str, in.fixed(offset_size));
      return in.ok();
    case 0x0B:  // data1
      number = in.fixed(1);
      return in.ok();
    case 0x05:  // data2
      number = in.fixed(2);
      return in.ok();
    case 0x06:  // data4
      number = in.fixed(4);
      return in.ok();
    case 0x07:  // data8
      number = in.fixed(8);
      return in.ok();
    case 0x0F:  // udata
      number = in.uleb();
      return in.ok();
    case 0x1E:  // data16
      in.skip(16);
      return in.ok();
    case 0x09:  // block
      in.skip(in.uleb());
      return in.ok();
    default:
      return false;
  }
}

/// A table of version 5: what its entries have, then the entries.
bool read_entries(Cursor& in, unsigned offset_size, const Sections& sections,
                  std::vector<File>& out) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> format(in.u8());
  for (auto& [content, form] : format) {
    content = in.uleb();
    form = in.uleb();
  }
  const std::uint64_t count = in.uleb();
  // Each entry takes a byte at least, or there is no end of them.
  if (!in.ok() || count > in.left() || (format.empty() && count != 0)) return false;
  for (std::uint64_t i = 0; i < count; ++i) {
    File file;
    for (const auto& [content, form] : format) {
      std::string_view text;
      std::uint64_t number = 0;
      if (!read_form(in, form, offset_size, sections, text, number)) return false;
      if (content == 1) file.name = text;
      if (content == 2) file.folder = number;
    }
    out.push_back(file);
  }
  return true;
}

bool read_tables(Cursor& in, const Sections& sections, Header& header) {
  if (header.version >= 5) {
    std::vector<File> folders;
    if (!read_entries(in, header.offset_size, sections, folders) ||
        !read_entries(in, header.offset_size, sections, header.files))
      return false;
    for (const File& folder : folders) header.folders.push_back(folder.name);
    return true;
  }
  for (std::string_view folder = in.text(); !folder.empty(); folder = in.text())
    header.folders.push_back(folder);
  for (std::string_view name = in.text(); !name.empty(); name = in.text()) {
    File& file = header.files.emplace_back();
    file.name = name;
    file.folder = in.uleb();
    in.uleb();  // when it was changed
    in.uleb();  // its size
  }
  return in.ok();
}

/// What is known of a wanted address.
struct Found {
  std::uint64_t sequence = 0;
  std::string place;
};

/// One unit's line program, run.
class Program {
 public:
  Program(const Header& header, std::span<const std::uint64_t> sorted, std::span<Found> found)
      : header_(header), sorted_(sorted), found_(found) {}

  void run(Cursor in) {
    reset();
    while (!in.at_end()) {
      const std::uint8_t opcode = in.u8();
      if (opcode >= header_.opcode_base) {
        const unsigned adjusted = opcode - header_.opcode_base;
        advance(adjusted / header_.line_range);
        line_ +=
            static_cast<std::uint64_t>(static_cast<std::int64_t>(header_.line_base) +
                                       static_cast<std::int64_t>(adjusted % header_.line_range));
        row();
      } else if (opcode == 0) {
        extended(in);
      } else {
        standard(opcode, in);
      }
    }
  }

 private:
  void reset() {
    address_ = 0;
    file_ = 1;
    line_ = 1;
    begun_ = false;
  }
  void advance(std::uint64_t operations) { address_ += operations * header_.min_instruction; }

  void extended(Cursor& in) {
    Cursor body = in.sub(in.uleb());
    switch (body.at_end() ? 0 : body.u8()) {
      case 1:  // end of the sequence
        row();
        reset();
        break;
      case 2:  // an address
        address_ = body.fixed(std::min<std::size_t>(body.left(), 8));
        break;
      default:
        break;
    }
  }

  void standard(std::uint8_t opcode, Cursor& in) {
    switch (opcode) {
      case 1:  // a row
        row();
        return;
      case 2:
        advance(in.uleb());
        return;
      case 3:
        line_ += static_cast<std::uint64_t>(in.sleb());
        return;
      case 4:
        file_ = in.uleb();
        return;
      case 8:
        advance((255U - header_.opcode_base) / header_.line_range);
        return;
      case 9:
        address_ += in.fixed(2);
        return;
      default:
        for (std::uint8_t i = 0; i < header_.operands[opcode - 1U]; ++i) in.uleb();
        return;
    }
  }

  /// The row before this one holds for the addresses up to it.
  void row() {
    if (!begun_) {
      sequence_ = address_;
    } else if (address_ > row_address_) {
      auto at = std::ranges::lower_bound(sorted_, row_address_);
      for (; at != sorted_.end() && *at < address_; ++at) note(at - sorted_.begin());
    }
    begun_ = true;
    row_address_ = address_;
    row_file_ = file_;
    row_line_ = line_;
  }

  void note(std::ptrdiff_t index) {
    Found& found = found_[static_cast<std::size_t>(index)];
    if (!found.place.empty() && found.sequence >= sequence_) return;
    const std::string path = header_.path(row_file_);
    if (path.empty() || row_line_ == 0) return;
    found = {sequence_, fmt::format("{}:{}", path, row_line_)};
  }

  const Header& header_;
  std::span<const std::uint64_t> sorted_;
  std::span<Found> found_;
  std::uint64_t address_ = 0;
  std::uint64_t file_ = 1;
  std::uint64_t line_ = 1;
  bool begun_ = false;
  std::uint64_t sequence_ = 0;
  std::uint64_t row_address_ = 0;
  std::uint64_t row_file_ = 1;
  std::uint64_t row_line_ = 1;
};

/// The header of a unit, and after it the program; nothing when it is not understood.
std::optional<Header> read_header(Cursor& unit, unsigned offset_size, const Sections& sections,
                                  Cursor& program) {
  Header header;
  header.offset_size = offset_size;
  header.version = low_bits<std::uint16_t>(unit.fixed(2));
  if (header.version < 2 || header.version > 5) return std::nullopt;
  if (header.version >= 5) unit.skip(2);  // sizes of addresses and of segment selectors
  Cursor tables = unit.sub(unit.fixed(offset_size));
  program = unit;
  header.min_instruction = tables.u8();
  if (header.version >= 4) tables.skip(1);  // operations of an instruction
  tables.skip(1);                           // whether rows begin statements
  header.line_base = std::bit_cast<std::int8_t>(tables.u8());
  header.line_range = tables.u8();
  header.opcode_base = tables.u8();
  if (!tables.ok() || header.line_range == 0 || header.opcode_base == 0) return std::nullopt;
  for (unsigned i = 1; i < header.opcode_base; ++i) header.operands.push_back(tables.u8());
  if (!read_tables(tables, sections, header)) return std::nullopt;
  return header;
}

void run_units(const Sections& sections, std::span<const std::uint64_t> sorted,
               std::span<Found> found) {
  Cursor in(sections.line);
  while (!in.at_end()) {
    std::uint64_t length = in.fixed(4);
    unsigned offset_size = 4;
    if (length == 0xFFFFFFFF) {
      length = in.fixed(8);
      offset_size = 8;
    }
    Cursor unit = in.sub(length);
    Cursor program{ByteSpan()};
    const auto header = read_header(unit, offset_size, sections, program);
    if (header) Program(*header, sorted, found).run(program);
  }
}

ByteSpan custom(const core::Module& module, std::string_view name) {
  const core::CustomSection* section = core::find_custom(module, name);
  return section == nullptr ? ByteSpan() : section->content.in(module.bytes.view());
}

}  // namespace

std::vector<std::string> source_lines(const core::Module& module,
                                      std::span<const std::uint32_t> offsets) {
  std::vector<std::string> out(offsets.size());
  const Sections sections = {custom(module, ".debug_line"), custom(module, ".debug_str"),
                             custom(module, ".debug_line_str")};
  const auto code =
      std::ranges::find(module.sections, core::SectionId::code, &core::SectionRange::id);
  if (sections.line.empty() || sections.line.size() > most_bytes || code == module.sections.end())
    return out;
  std::vector<std::uint64_t> sorted;
  for (const std::uint32_t offset : offsets) {
    if (offset >= code->content.begin) sorted.push_back(offset - code->content.begin);
  }
  std::ranges::sort(sorted);
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<Found> found(sorted.size());
  run_units(sections, sorted, found);
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] < code->content.begin) continue;
    const auto at = std::ranges::lower_bound(sorted, offsets[i] - code->content.begin);
    out[i] = found[static_cast<std::size_t>(at - sorted.begin())].place;
  }
  return out;
}

}  // namespace tenon::engine

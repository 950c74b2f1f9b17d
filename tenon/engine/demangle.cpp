// SPDX-License-Identifier: Apache-2.0
// A demangler whose work is bounded, in place of `__cxa_demangle`, whose is not: substitutions of
// the Itanium ABI double a name with every few characters. It goes over the name once and builds
// text, not trees; every character that it copies is paid from a budget, and nesting has a limit.
// What it does not read (expressions in template arguments, `decltype`, vendor extensions) leaves
// the name as it is.
// Spec: itanium-cxx-abi "External Names (a.k.a. Mangling)".
#include "tenon/engine/demangle.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "tenon/base/ascii.h"

namespace tenon::engine {

namespace {

/// A type as text: a declarator is between `left` and `right`.
struct Piece {
  enum class Kind : unsigned char { plain, function, array };
  std::string left;
  std::string right;
  Kind kind = Kind::plain;
};
/// One type, or those of a parameter pack.
using Pieces = std::vector<Piece>;

struct Word {
  std::string_view code;
  std::string_view text;
};

constexpr Word builtin_types[] = {
    {"v", "void"},
    {"w", "wchar_t"},
    {"b", "bool"},
    {"c", "char"},
    {"a", "signed char"},
    {"h", "unsigned char"},
    {"s", "short"},
    {"t", "unsigned short"},
    {"i", "int"},
    {"j", "unsigned int"},
    {"l", "long"},
    {"m", "unsigned long"},
    {"x", "long long"},
    {"y", "unsigned long long"},
    {"n", "__int128"},
    {"o", "unsigned __int128"},
    {"f", "float"},
    {"d", "double"},
    {"e", "long double"},
    {"g", "__float128"},
    {"z", "..."},
    {"Da", "auto"},
    {"Dc", "decltype(auto)"},
    {"Dn", "decltype(nullptr)"},
    {"Di", "char32_t"},
    {"Ds", "char16_t"},
    {"Du", "char8_t"},
    {"Dh", "half"},
};

constexpr Word operators[] = {
    {"nw", "operator new"},      {"na", "operator new[]"},    {"dl", "operator delete"},
    {"da", "operator delete[]"}, {"aw", "operator co_await"}, {"ps", "operator+"},
    {"ng", "operator-"},         {"ad", "operator&"},         {"de", "operator*"},
    {"co", "operator~"},         {"pl", "operator+"},         {"mi", "operator-"},
    {"ml", "operator*"},         {"dv", "operator/"},         {"rm", "operator%"},
    {"an", "operator&"},         {"or", "operator|"},         {"eo", "operator^"},
    {"aS", "operator="},         {"pL", "operator+="},        {"mI", "operator-="},
    {"mL", "operator*="},        {"dV", "operator/="},        {"rM", "operator%="},
    {"aN", "operator&="},        {"oR", "operator|="},        {"eO", "operator^="},
    {"ls", "operator<<"},        {"rs", "operator>>"},        {"lS", "operator<<="},
    {"rS", "operator>>="},       {"eq", "operator=="},        {"ne", "operator!="},
    {"lt", "operator<"},         {"gt", "operator>"},         {"le", "operator<="},
    {"ge", "operator>="},        {"ss", "operator<=>"},       {"nt", "operator!"},
    {"aa", "operator&&"},        {"oo", "operator||"},        {"pp", "operator++"},
    {"mm", "operator--"},        {"cm", "operator,"},         {"pm", "operator->*"},
    {"pt", "operator->"},        {"cl", "operator()"},        {"ix", "operator[]"},
    {"qu", "operator?"},
};

constexpr Word std_substitutions[] = {
    {"Sa", "std::allocator"}, {"Sb", "std::basic_string"}, {"Ss", "std::string"},
    {"Si", "std::istream"},   {"So", "std::ostream"},      {"Sd", "std::iostream"},
};

/// What those are when their constructors and destructors are named.
constexpr Word std_full_names[] = {
    {"std::string", "std::basic_string<char, std::char_traits<char>, std::allocator<char> >"},
    {"std::istream", "std::basic_istream<char, std::char_traits<char> >"},
    {"std::ostream", "std::basic_ostream<char, std::char_traits<char> >"},
    {"std::iostream", "std::basic_iostream<char, std::char_traits<char> >"},
};

/// Suffixes of integers in template arguments.
constexpr Word literal_suffixes[] = {{"i", ""},   {"j", "u"},  {"l", "l"},
                                     {"m", "ul"}, {"x", "ll"}, {"y", "ull"}};

const Word* find_full_name(std::string_view name) {
  for (const Word& w : std_full_names) {
    if (w.code == name) return &w;
  }
  return nullptr;
}

/// The last name of a qualified one, without template arguments: what constructors are called.
std::string_view base_name(std::string_view name) {
  // Tags of the ABI are no part of it.
  while (name.ends_with(']') && name.rfind("[abi:") != std::string_view::npos)
    name = name.substr(0, name.rfind("[abi:"));
  std::size_t end = name.size();
  std::size_t nested = 0;
  for (std::size_t i = name.size(); i-- > 0;) {
    if (name[i] == '>') ++nested;
    if (name[i] == '<' && nested != 0) {
      --nested;
      if (nested == 0) end = i;
    }
    if (nested == 0 && name[i] == ':') return name.substr(i + 1, end - i - 1);
  }
  return name.substr(0, end);
}

class Demangler {
 public:
  explicit Demangler(std::string_view in) : in_(in) {}

  /// The whole name behind `_Z`.
  std::optional<std::string> run() {
    std::string out = encoding();
    // What optimisers split off: `.cold`, `.isra.0`.
    while (take(".")) {
      const std::size_t begin = at_;
      while (peek() != '\0' && (peek() != '.' || is_digit(peek(1)))) ++at_;
      add(out, " [clone .");
      add(out, in_.substr(begin, at_ - begin));
      add(out, "]");
    }
    if (!ok_ || at_ != in_.size() || out.size() > demangle_max_output) return std::nullopt;
    return out;
  }

 private:
  /// What a name says about the function that it names.
  struct Named {
    bool template_args = false;
    /// Constructors, destructors and conversions are written without their result.
    bool no_result = false;
    std::string qualifiers;
  };
  /// Counts nesting; beyond the limit nothing more is read.
  class Deeper {
   public:
    explicit Deeper(Demangler& d) : d_(d) {
      if (++d_.depth_ > max_depth) d_.fail();
    }
    ~Deeper() { --d_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    static constexpr std::size_t max_depth = 128;
    Demangler& d_;
  };

  // ---- Reading. After a failure there is nothing left to read, so that every loop ends. ----
  void fail() { ok_ = false; }
  [[nodiscard]] char peek(std::size_t n = 0) const {
    return ok_ && at_ + n < in_.size() ? in_[at_ + n] : '\0';
  }
  bool take(std::string_view what) {
    if (!ok_ || !in_.substr(at_).starts_with(what)) return false;
    at_ += what.size();
    return true;
  }
  void expect(std::string_view what) {
    if (!take(what)) fail();
  }
  /// The row whose code comes next, or null.
  template <std::size_t n>
  const Word* take_word(const Word (&table)[n]) {
    for (const Word& w : table) {
      if (take(w.code)) return &w;
    }
    return nullptr;
  }
  std::string_view digits() {
    const std::size_t begin = at_;
    while (is_digit(peek())) ++at_;
    return in_.substr(begin, at_ - begin);
  }
  std::size_t number() {
    const std::string_view text = digits();
    if (text.empty() || text.size() > 6) fail();
    std::size_t value = 0;
    for (const char c : text.substr(0, 6)) value = value * 10 + static_cast<std::size_t>(c - '0');
    return value;
  }
  [[nodiscard]] bool at_end() const { return peek() == '\0' || peek() == 'E' || peek() == '.'; }

  // ---- Writing, from the budget. ----
  void spend(std::size_t n) {
    if (n > budget_) fail();
    budget_ -= std::min(n, budget_);
  }
  void add(std::string& to, std::string_view what) {
    spend(what.size() + 1);
    if (ok_) to += what;
  }
  void prepend(std::string& to, std::string_view what) {
    spend(what.size() + to.size() + 1);
    if (ok_) to.insert(0, what);
  }
  Pieces copy(const Pieces& pieces) {
    for (const Piece& p : pieces) spend(sizeof(Piece) + p.left.size() + p.right.size());
    return ok_ ? pieces : Pieces();
  }
  static Pieces plain(std::string text) {
    Pieces out(1);
    out[0].left = std::move(text);
    return out;
  }
  std::string flat(const Pieces& pieces) {
    std::string out;
    for (const Piece& p : pieces) {
      if (&p != pieces.data()) add(out, ", ");
      add(out, p.left);
      add(out, p.right);
    }
    return out;
  }
  /// Notes what later substitutions may refer to.
  void remember(const Pieces& pieces, std::size_t uses_before) {
    known_.push_back({copy(pieces), uses_ == uses_before ? 0 : context_, std::nullopt});
  }
  void remember(const std::string& name, std::size_t uses_before) {
    spend(name.size());
    if (ok_) known_.push_back({plain(name), uses_ == uses_before ? 0 : context_, std::nullopt});
  }

  // ---- Encodings and names. ----
  enum class Result : unsigned char { shown, hidden };
  std::string encoding(Result how = Result::shown);
  std::string special();
  std::string parameters();
  std::string name(Named* named);
  std::string nested_name(Named* named);
  std::string local_name(Named* named);
  bool component(std::string& so_far, Named* named);
  std::string unqualified(Named* named);
  std::string unnamed();
  std::string source_name();
  std::string operator_name(Named* named);
  std::string abi_tags();
  void skip_discriminator();
  void skip_call_offset();

  // ---- Types and template arguments. ----
  Pieces type();
  Pieces qualified_type();
  Pieces parameter_type();
  Pieces compound_type();
  Pieces pointer(std::string_view mark);
  Pieces function_type(std::string_view suffix);
  Pieces array_type();
  Pieces member_pointer();
  Pieces substitution();
  Pieces template_param();
  Pieces argument(std::size_t i);
  std::string template_args(bool of_function);
  Pieces template_arg();
  std::string literal();
  std::size_t sequence_id();
  void add_args(std::string& to, bool of_function) {
    // `operator< <int>`.
    if (to.ends_with('<')) add(to, " ");
    add(to, template_args(of_function));
  }

  std::string_view in_;
  std::size_t at_ = 0;
  bool ok_ = true;
  std::size_t depth_ = 0;
  std::size_t budget_ = demangle_max_work;
  /// Inside of a lambda's parameters, where `T_` is `auto`.
  std::size_t in_lambda_ = 0;
  /// What a substitution stands for.
  struct Known {
    Pieces pieces;
    /// The encoding whose arguments it was made with: in another it would read otherwise. 0: none.
    std::size_t context = 0;
    /// Of a template parameter alone.
    std::optional<std::size_t> param;
  };
  /// `S_`, `S0_` … .
  std::vector<Known> known_;
  std::size_t context_ = 0;
  std::size_t contexts_ = 0;
  /// How often an argument was put in for a parameter.
  std::size_t uses_ = 0;
  /// What `T_`, `T0_` … stand for: the arguments of the function's name.
  std::vector<Pieces> args_;
};

std::string Demangler::encoding(Result how) {
  const Deeper deeper(*this);
  if (peek() == 'G' || peek() == 'T') return special();
  auto outer_args = std::exchange(args_, {});
  const std::size_t outer_context = std::exchange(context_, ++contexts_);
  Named named;
  std::string out = name(&named);
  if (!at_end()) {
    Pieces result;
    if (named.template_args && !named.no_result) result = type();
    add(out, parameters());
    add(out, named.qualifiers);
    if (!result.empty() && how == Result::shown) {
      if (!result[0].left.ends_with("(*")) add(result[0].left, " ");
      prepend(out, result[0].left);
      add(out, result[0].right);
    }
  }
  args_ = std::move(outer_args);
  context_ = outer_context;
  return out;
}

std::string Demangler::special() {
  constexpr Word of_types[] = {{"TV", "vtable for "},
                               {"TT", "VTT for "},
                               {"TI", "typeinfo for "},
                               {"TS", "typeinfo name for "}};
  constexpr Word of_names[] = {{"GV", "guard variable for "},
                               {"TW", "TLS wrapper function for "},
                               {"TH", "TLS init function for "}};
  std::string out;
  if (const Word* w = take_word(of_types)) {
    add(out, w->text);
    add(out, flat(type()));
  } else if (const Word* of = take_word(of_names)) {
    add(out, of->text);
    add(out, name(nullptr));
  } else if (take("Tc")) {
    skip_call_offset();
    skip_call_offset();
    add(out, "covariant return thunk to ");
    add(out, encoding());
  } else if (take("T")) {
    add(out, peek() == 'v' ? "virtual thunk to " : "non-virtual thunk to ");
    skip_call_offset();
    add(out, encoding());
  } else {
    fail();
  }
  return out;
}

void Demangler::skip_call_offset() {
  const bool is_virtual = take("v");
  if (!is_virtual) expect("h");
  for (int i = is_virtual ? 2 : 1; i > 0; --i) {
    (void)take("n");
    (void)number();
    expect("_");
  }
}

std::string Demangler::parameters() {
  std::string out;
  add(out, "(");
  if (!take("v")) {
    while (ok_ && !at_end()) {
      const Pieces p = type();
      if (out.size() > 1 && !p.empty()) add(out, ", ");
      add(out, flat(p));
    }
  }
  add(out, ")");
  return out;
}

std::string Demangler::name(Named* named) {
  const Deeper deeper(*this);
  if (peek() == 'N') return nested_name(named);
  if (peek() == 'Z') return local_name(named);
  std::string out;
  if (peek() == 'S' && peek(1) != 't') {
    out = flat(substitution());
    if (peek() != 'I') fail();
  } else {
    if (take("St")) add(out, "std::");
    add(out, unqualified(named));
    if (peek() == 'I') remember(out, uses_);
  }
  if (peek() == 'I') {
    add_args(out, named != nullptr);
    if (named != nullptr) named->template_args = true;
  }
  return out;
}

std::string Demangler::local_name(Named* named) {
  expect("Z");
  std::string out = encoding(Result::hidden);
  expect("E");
  add(out, "::");
  if (take("s")) {
    add(out, "string literal");
  } else {
    // The default arguments of a parameter.
    if (take("d")) {
      (void)digits();
      expect("_");
    }
    add(out, name(named));
  }
  skip_discriminator();
  return out;
}

void Demangler::skip_discriminator() {
  if (peek() == '_' && is_digit(peek(1))) {
    at_ += 2;
  } else if (take("__")) {
    (void)number();
    expect("_");
  }
}

std::string Demangler::nested_name(Named* named) {
  expect("N");
  std::string qualifiers;
  if (take("r")) add(qualifiers, " restrict");
  if (take("V")) add(qualifiers, " volatile");
  if (take("K")) add(qualifiers, " const");
  if (take("R")) add(qualifiers, " &");
  if (take("O")) add(qualifiers, " &&");
  if (named != nullptr) named->qualifiers = std::move(qualifiers);
  std::string so_far;
  const std::size_t uses = uses_;
  bool remembered = false;
  while (ok_ && !take("E")) {
    remembered = component(so_far, named);
    if (remembered) remember(so_far, uses);
    if (at_ >= in_.size()) fail();
  }
  // The whole name is noted by whoever uses it as a type.
  if (!remembered || known_.empty())
    fail();
  else
    known_.pop_back();
  return so_far;
}

/// One step of a nested name; whether later substitutions may refer to it.
bool Demangler::component(std::string& so_far, Named* named) {
  if (named != nullptr) named->template_args = false;
  (void)take("M");  // a lambda in the initialiser of a member
  const char c = peek();
  if (c == 'S' && peek(1) != 't') {
    if (!so_far.empty()) fail();
    so_far = flat(substitution());
    return false;
  }
  if (c == 'T') {
    if (!so_far.empty()) fail();
    so_far = flat(template_param());
  } else if (c == 'I') {
    if (so_far.empty()) fail();
    add_args(so_far, named != nullptr);
    if (named != nullptr) named->template_args = true;
  } else if (c == 'C' || (c == 'D' && is_digit(peek(1)))) {
    if (const Word* w = find_full_name(so_far)) so_far = w->text;
    const std::string base(base_name(so_far));
    at_ += 2;
    if (c == 'C' && in_.substr(at_ - 1).starts_with("I")) fail();
    if (base.empty()) fail();
    add(so_far, c == 'C' ? "::" : "::~");
    add(so_far, base);
    add(so_far, abi_tags());
    if (named != nullptr) named->no_result = true;
  } else {
    if (take("St")) add(so_far, "std");
    if (!so_far.empty()) add(so_far, "::");
    add(so_far, unqualified(named));
  }
  return true;
}

std::string Demangler::unqualified(Named* named) {
  (void)take("L");  // of this translation unit
  std::string out;
  if (is_digit(peek()))
    out = source_name();
  else if (peek() == 'U')
    out = unnamed();
  else
    out = operator_name(named);
  add(out, abi_tags());
  return out;
}

std::string Demangler::abi_tags() {
  std::string out;
  while (take("B")) {
    add(out, "[abi:");
    add(out, source_name());
    add(out, "]");
  }
  return out;
}

std::string Demangler::source_name() {
  const std::size_t n = number();
  if (!ok_ || n == 0 || n > in_.size() - at_) {
    fail();
    return {};
  }
  const std::string_view text = in_.substr(at_, n);
  at_ += n;
  std::string out;
  add(out, text.starts_with("_GLOBAL__N") ? "(anonymous namespace)" : text);
  return out;
}

std::string Demangler::unnamed() {
  const Deeper deeper(*this);
  std::string out;
  if (take("Ut")) {
    add(out, "{unnamed type#");
  } else if (take("Ul")) {
    ++in_lambda_;
    add(out, "{lambda");
    add(out, parameters());
    --in_lambda_;
    expect("E");
    add(out, "#");
  } else {
    fail();
  }
  const std::size_t n = peek() == '_' ? 1 : number() + 2;
  expect("_");
  add(out, std::to_string(n));
  add(out, "}");
  return out;
}

std::string Demangler::operator_name(Named* named) {
  std::string out;
  if (const Word* w = take_word(operators)) {
    add(out, w->text);
  } else if (take("cv")) {
    add(out, "operator ");
    add(out, flat(type()));
    if (named != nullptr) named->no_result = true;
  } else if (take("li")) {
    add(out, "operator\"\" ");
    add(out, source_name());
  } else {
    fail();
  }
  return out;
}

Pieces Demangler::type() {
  const Deeper deeper(*this);
  spend(1);
  if (const Word* w = take_word(builtin_types)) return plain(std::string(w->text));
  const std::size_t uses = uses_;
  Pieces out;
  if (peek() == 'S' && peek(1) != 't') {
    out = substitution();
    // Itself known already.
    if (peek() != 'I') return out;
    std::string text = flat(out);
    add_args(text, false);
    out = plain(std::move(text));
  } else if (peek() == 'T' && (peek(1) == '_' || is_digit(peek(1)))) {
    return parameter_type();
  } else {
    out = compound_type();
  }
  remember(out, uses);
  return out;
}

/// A template parameter, or a template template parameter with its arguments.
Pieces Demangler::parameter_type() {
  const std::size_t uses = uses_;
  const std::size_t begin = at_ + 1;
  Pieces out = template_param();
  remember(out, uses);
  if (!ok_) return out;
  if (in_lambda_ == 0) {
    const std::string_view digits = in_.substr(begin, at_ - begin - 1);
    std::size_t i = 0;
    for (const char c : digits) i = i * 10 + static_cast<std::size_t>(c - '0');
    known_.back().param = digits.empty() ? 0 : i + 1;
  }
  if (peek() != 'I') return out;
  std::string text = flat(out);
  add_args(text, false);
  out = plain(std::move(text));
  remember(out, uses);
  return out;
}

Pieces Demangler::qualified_type() {
  std::string qualifiers;
  if (take("r")) add(qualifiers, " restrict");
  if (take("V")) add(qualifiers, " volatile");
  if (take("K")) add(qualifiers, " const");
  Pieces out = type();
  for (Piece& p : out) add(p.kind == Piece::Kind::function ? p.right : p.left, qualifiers);
  return out;
}

Pieces Demangler::compound_type() {
  if (peek() == 'r' || peek() == 'V' || peek() == 'K') return qualified_type();
  if (take("P")) return pointer("*");
  if (take("R")) return pointer("&");
  if (take("O")) return pointer("&&");
  if (take("Dp")) return type();
  if (take("DoF")) return function_type(" noexcept");
  if (take("F")) return function_type("");
  if (take("A")) return array_type();
  if (take("M")) return member_pointer();
  if (take("Ts") || take("Tu") || take("Te")) return plain(name(nullptr));
  if (take("u")) return plain(source_name());
  if (take("Dv")) {
    const std::string_view lanes = digits();
    expect("_");
    Pieces out = type();
    for (Piece& p : out) {
      add(p.left, " __vector(");
      add(p.left, lanes);
      add(p.left, ")");
    }
    return out;
  }
  if (peek() == 'N' || peek() == 'Z' || peek() == 'S' || is_digit(peek()))
    return plain(name(nullptr));
  fail();
  return {};
}

Pieces Demangler::pointer(std::string_view mark) {
  Pieces out = type();
  for (Piece& p : out) {
    if (p.kind != Piece::Kind::plain) {
      add(p.left, p.right.starts_with(' ') ? " (" : "(");
      add(p.left, mark);
      if (p.kind == Piece::Kind::function && p.right.starts_with(' ')) p.right.erase(0, 1);
      prepend(p.right, ")");
      p.kind = Piece::Kind::plain;
    } else if (mark != "*" && p.left.ends_with('&')) {
      // References to references, of template arguments, are one.
      if (mark == "&" && p.left.ends_with("&&")) p.left.pop_back();
    } else {
      add(p.left, mark);
    }
  }
  return out;
}

Pieces Demangler::function_type(std::string_view suffix) {
  (void)take("Y");
  Pieces out = type();
  if (out.size() != 1) {
    fail();
    return {};
  }
  std::string right;
  if (out[0].right.empty()) add(right, " ");
  add(right, "(");
  if (!take("v")) {
    bool first = true;
    while (ok_ && peek() != 'E' && !(peek(1) == 'E' && (peek() == 'R' || peek() == 'O'))) {
      const Pieces p = type();
      if (!first && !p.empty()) add(right, ", ");
      first = first && p.empty();
      add(right, flat(p));
    }
  }
  add(right, ")");
  if (take("R")) add(right, " &");
  if (take("O")) add(right, " &&");
  expect("E");
  add(right, suffix);
  prepend(out[0].right, right);
  out[0].kind = Piece::Kind::function;
  return out;
}

Pieces Demangler::array_type() {
  std::string size;
  add(size, " [");
  add(size, digits());
  add(size, "]");
  expect("_");
  Pieces out = type();
  for (Piece& p : out) {
    if (p.kind == Piece::Kind::array && p.right.starts_with(' ')) p.right.erase(0, 1);
    prepend(p.right, size);
    p.kind = Piece::Kind::array;
  }
  return out;
}

Pieces Demangler::member_pointer() {
  std::string mark = flat(type());
  add(mark, "::*");
  Pieces out = type();
  if (out.size() == 1 && out[0].kind == Piece::Kind::plain) add(out[0].left, " ");
  if (out.size() != 1) fail();
  for (Piece& p : out) {
    if (p.kind == Piece::Kind::plain) {
      add(p.left, mark);
    } else {
      add(p.left, p.right.starts_with(' ') ? " (" : "(");
      add(p.left, mark);
      if (p.kind == Piece::Kind::function && p.right.starts_with(' ')) p.right.erase(0, 1);
      prepend(p.right, ")");
      p.kind = Piece::Kind::plain;
    }
  }
  return out;
}

/// `_` is the first, `0_` the second, and so on in base 36.
std::size_t Demangler::sequence_id() {
  if (take("_")) return 0;
  std::size_t value = 0;
  for (int n = 0; n < 6 && peek() != '_'; ++n) {
    const char c = peek();
    if (!is_digit(c) && !(c >= 'A' && c <= 'Z')) fail();
    value = value * 36 + static_cast<std::size_t>(is_digit(c) ? c - '0' : c - 'A' + 10);
    ++at_;
  }
  expect("_");
  return value + 1;
}

Pieces Demangler::substitution() {
  if (const Word* w = take_word(std_substitutions)) return plain(std::string(w->text));
  expect("S");
  const std::size_t i = sequence_id();
  if (!ok_ || i >= known_.size()) {
    fail();
    return {};
  }
  const Known& known = known_[i];
  if (known.context != 0 && known.context != context_) {
    if (known.param) return argument(*known.param);
    fail();
  }
  if (known.context != 0) ++uses_;
  return copy(known.pieces);
}

Pieces Demangler::template_param() {
  expect("T");
  const std::size_t i = peek() == '_' ? 0 : number() + 1;
  expect("_");
  if (ok_ && in_lambda_ != 0) return plain("auto:" + std::to_string(i + 1));
  return argument(i);
}

/// What a template parameter stands for here.
Pieces Demangler::argument(std::size_t i) {
  ++uses_;
  if (!ok_ || i >= args_.size()) {
    fail();
    return {};
  }
  return copy(args_[i]);
}

std::string Demangler::template_args(bool of_function) {
  const Deeper deeper(*this);
  expect("I");
  if (of_function) args_.clear();
  std::string out;
  add(out, "<");
  while (ok_ && !take("E")) {
    if (at_ >= in_.size()) fail();
    Pieces arg = template_arg();
    if (out.size() > 1 && !arg.empty()) add(out, ", ");
    add(out, flat(arg));
    if (of_function) args_.push_back(std::move(arg));
  }
  add(out, out.ends_with('>') ? " >" : ">");
  return out;
}

Pieces Demangler::template_arg() {
  const Deeper deeper(*this);
  if (peek() == 'L') return plain(literal());
  if (take("X")) {
    // Of expressions only a parameter that stands for a value.
    Pieces out = peek() == 'T' ? template_param() : plain(literal());
    expect("E");
    return out;
  }
  if (take("J")) {
    Pieces out;
    while (ok_ && !take("E")) {
      if (at_ >= in_.size()) fail();
      for (Piece& p : template_arg()) out.push_back(std::move(p));
    }
    return out;
  }
  return type();
}

std::string Demangler::literal() {
  expect("L");
  std::string out;
  if (take("_Z")) {
    out = encoding();
  } else if (take("b0") || take("b1")) {
    out = in_[at_ - 1] == '1' ? "true" : "false";
  } else {
    const Word* suffix = take_word(literal_suffixes);
    if (suffix == nullptr) {
      add(out, "(");
      add(out, flat(type()));
      add(out, ")");
    }
    if (take("n")) add(out, "-");
    const std::string_view value = digits();
    add(out, value.empty() ? "0" : value);
    if (suffix != nullptr) add(out, suffix->text);
  }
  expect("E");
  return out;
}

// ---- Rust's older mangling: nested names whose last is a hash. ----

constexpr Word rust_escapes[] = {{"$SP$", "@"},  {"$BP$", "*"},   {"$RF$", "&"},  {"$LT$", "<"},
                                 {"$GT$", ">"},  {"$LP$", "("},   {"$RP$", ")"},  {"$C$", ","},
                                 {"$u20$", " "}, {"$u22$", "\""}, {"$u27$", "'"}, {"$u2b$", "+"},
                                 {"$u3b$", ";"}, {"$u5b$", "["},  {"$u5d$", "]"}, {"$u7b$", "{"},
                                 {"$u7d$", "}"}, {"$u7e$", "~"},  {"..", "::"}};

/// The name without its hash and with its punctuation, when it is one of Rust's.
std::optional<std::string> rust_name(std::string_view name) {
  constexpr std::size_t tail = 19;
  if (name.size() <= tail || name.substr(name.size() - tail, 3) != "::h") return std::nullopt;
  if (name.find_first_not_of("0123456789abcdef", name.size() - 16) != std::string_view::npos)
    return std::nullopt;
  name.remove_suffix(tail);
  std::string out;
  bool begins = true;
  while (!name.empty()) {
    // An identifier that would begin with an escape has an underscore before it.
    if (begins && name.starts_with("_$")) name.remove_prefix(1);
    const auto* w =
        std::ranges::find_if(rust_escapes, [&](const Word& e) { return name.starts_with(e.code); });
    const bool escaped = w != std::ranges::end(rust_escapes);
    out += escaped ? w->text : name.substr(0, 1);
    name.remove_prefix(escaped ? w->code.size() : 1);
    begins = out.ends_with("::");
  }
  return out;
}

}  // namespace

std::string demangle(std::string_view name) {
  std::string_view mangled = name;
  if (mangled.starts_with("__Z")) mangled.remove_prefix(1);
  if (!mangled.starts_with("_Z") || mangled.size() > demangle_max_input) return std::string(name);
  auto text = Demangler(mangled.substr(2)).run();
  if (!text) return std::string(name);
  if (auto rust = rust_name(*text)) return std::move(*rust);
  return std::move(*text);
}

}  // namespace tenon::engine

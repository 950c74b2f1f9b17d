// SPDX-License-Identifier: Apache-2.0
// Names as their compilers made them, and names that stand for more text than there is memory.
#include "tenon/engine/demangle.h"

#include <gtest/gtest.h>

namespace tenon::engine {
namespace {

TEST(Demangle, ReadsWhatCompilersWrite) {
  // Each as `c++filt` shows it.
  const std::pair<const char*, const char*> names[] = {
      {"_Z3foov", "foo()"},
      {"__Z3fooi", "foo(int)"},
      {"plain", "plain"},
      {"", ""},
      {"_Z", "_Z"},
      {"_ZN4calm5enterEv", "calm::enter()"},
      {"_ZNK1a1b1cEv", "a::b::c() const"},
      {"_ZNR1a1bEv", "a::b() &"},
      {"_ZN1aC1Ev", "a::a()"},
      {"_ZN1aIiED2Ev", "a<int>::~a()"},
      {"_ZNSsC1EPKc",
       "std::basic_string<char, std::char_traits<char>, std::allocator<char> "
       ">::basic_string(char const*)"},
      {"_Z1fIiEvT_S0_", "void f<int>(int, int)"},
      {"_Z1fIJicEEvDpT_", "void f<int, char>(int, char)"},
      {"_Z1fIRiEvOT_", "void f<int&>(int&)"},
      {"_ZNSt6vectorIS_IiSaIiEESaIS1_EE9push_backERKS1_",
       "std::vector<std::vector<int, std::allocator<int> >, std::allocator<std::vector<int, "
       "std::allocator<int> > > >::push_back(std::vector<int, std::allocator<int> > const&)"},
      {"_Z1fPFivE", "f(int (*)())"},
      {"_Z1fPFPFvcEiE", "f(void (*(*)(int))(char))"},
      {"_Z1fRA3_Ki", "f(int const (&) [3])"},
      {"_Z1fA2_A3_i", "f(int [2][3])"},
      {"_Z1fM1aKFivE", "f(int (a::*)() const)"},
      {"_Z1fM1ai", "f(int a::*)"},
      {"_Z1fILi5ELb1ELj7EEvv", "void f<5, true, 7u>()"},
      {"_Z1fIL1e3EEvv", "void f<(e)3>()"},
      {"_ZN1alsEi", "a::operator<<(int)"},
      {"_ZlsIiE1aS0_T_", "a operator<< <int>(a, int)"},
      {"_ZN1acvbEv", "a::operator bool()"},
      {"_Zli3_kmy", "operator\"\" _km(unsigned long long)"},
      {"_ZTV1a", "vtable for a"},
      {"_ZThn8_N1a1fEv", "non-virtual thunk to a::f()"},
      {"_ZGVZ1fvE1x", "guard variable for f()::x"},
      {"_ZZ1fvENKUliE_clEi", "f()::{lambda(int)#1}::operator()(int) const"},
      {"_ZZ1fvENUt0_1gEv", "f()::{unnamed type#2}::g()"},
      {"_ZN12_GLOBAL__N_11fEv", "(anonymous namespace)::f()"},
      {"_Z1fB5cxx11v", "f[abi:cxx11]()"},
      {"_Z1fv.isra.0.cold", "f() [clone .isra.0] [clone .cold]"},
      {"_Z1fSs", "f(std::string)"},
      {"_Z1fDv4_f", "f(float __vector(4))"},
      {"_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE", "core::fmt::Write::write_fmt"},
      {"_ZN4core3ptr45drop_in_place$LT$alloc..string..String..x$GT$17h0123456789abcdefE",
       "core::ptr::drop_in_place<alloc::string::String::x>"},
      {"_ZN36_$LT$T$u20$as$u20$core..any..Any$GT$7type_id17h0123456789abcdefE",
       "<T as core::any::Any>::type_id"},
  };
  for (const auto& [mangled, shown] : names) EXPECT_EQ(demangle(mangled), shown) << mangled;
}

/// `S_`, `S0_` … in base 36.
std::string substitution(std::size_t i) {
  if (i == 0) return "S_";
  std::string digits;
  std::size_t n = i - 1;
  do {
    digits.insert(digits.begin(), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[n % 36]);
    n /= 36;
  } while (n != 0);
  return "S" + digits + "_";
}

/// A pair of pairs of pairs …: each step has `width` times the text of the one before.
std::string tower(std::size_t steps, std::size_t width) {
  std::string out = "_Z1fSt4pairIiiE";
  for (std::size_t i = 1; i < steps; ++i) {
    out += "S_I";
    for (std::size_t k = 0; k < width; ++k) out += substitution(i);
    out += "E";
  }
  return out;
}

TEST(Demangle, ANameThatStandsForGigabytesStaysAsItIs) {
  EXPECT_EQ(demangle(tower(3, 2)),
            "f(std::pair<int, int>, std::pair<std::pair<int, int>, std::pair<int, int> >, "
            "std::pair<std::pair<std::pair<int, int>, std::pair<int, int> >, "
            "std::pair<std::pair<int, int>, std::pair<int, int> > >)");
  for (const std::size_t steps : {12U, 24U, 60U, 300U}) {
    for (const std::size_t width : {2U, 3U, 8U, 40U}) {
      const std::string name = tower(steps, width);
      EXPECT_EQ(demangle(name), name);
    }
  }
}

TEST(Demangle, EveryKindOfHostileNameEnds) {
  const auto repeat = [](std::string_view what, std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += what;
    return out;
  };
  const std::string names[] = {
      // Nesting of each kind.
      "_Z1f" + repeat("P", 4000) + "v",
      "_Z1f" + repeat("K", 4000) + "v",
      "_Z1f" + repeat("N", 4000),
      "_Z" + repeat("Z1f", 1300) + "vE",
      "_Z1f" + repeat("F", 2000) + "v" + repeat("E", 2000),
      "_Z1f" + repeat("A1_", 1300) + "i",
      "_Z1f" + repeat("M1a", 1300) + "i",
      "_Z1f" + repeat("St4pairI", 500) + repeat("E", 500),
      "_Z1fI" + repeat("J", 2000) + repeat("E", 2000) + "vv",
      "_Z1fI" + repeat("LZ1f", 900),
      "_Z1f" + repeat("Ul", 2000),
      "_Z" + repeat("Tc", 2000),
      // Packs in packs, and packs without anything in them.
      "_Z1fI" + repeat("JE", 1900) + "Ev" + repeat("DpT_", 10),
      "_Z1fIJ" + repeat("i", 1000) + "EEv" + repeat("DpT_", 700),
      "_Z1fIJ" + repeat("i", 300) + "EEvDpSt4pairIDpT_DpT_E" + repeat("DpS1_", 600),
      // Long qualified names, each part of which is remembered.
      "_ZN" + repeat("1a", 2000) + "Ev",
      "_ZN" + repeat("1a", 1000) + "E" + repeat("S_", 1000),
      // Lengths and indices that are too large.
      "_Z99999999999999999999f",
      "_Z1fS99999999999_",
      "_Z1fT99999999999_",
      "_Z1fA99999999999999999999_i",
      "_ZThn99999999999_1fv",
      // Broken off anywhere.
      "_Z1fI",
      "_Z1fIJ",
      "_ZN",
      "_ZN1a",
      "_ZN1aI",
      "_ZZ",
      "_ZT",
      "_ZGV",
      "_Z1fILi",
      "_Z1fIX",
      "_ZZ1fvENKUl",
      // Too long.
      "_Z" + std::to_string(demangle_max_input) + repeat("a", demangle_max_input) + "v",
  };
  for (const std::string& name : names) {
    const std::string shown = demangle(name);
    EXPECT_TRUE(shown == name || shown.size() <= demangle_max_output) << name.substr(0, 40);
  }
}

}  // namespace
}  // namespace tenon::engine

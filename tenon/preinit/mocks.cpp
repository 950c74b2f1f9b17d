// SPDX-License-Identifier: Apache-2.0
#include "tenon/preinit/mocks.h"

#include <algorithm>

#include "tenon/preinit/rules.h"
#include "tenon/testing/cases.h"
#include "tenon/testing/rules.h"

namespace tenon::preinit {

namespace {

bool names_import(const component::ComponentInfo& info, const testing::Mock& mock,
                  const MockFile& file, bool wasi) {
  const auto made = testing::prepare_mocks(info, {&mock}, file.files, {}, {}, wasi, false);
  return made || made.error().rule() != testing::rules::mock_import;
}

}  // namespace

Result<void> Mocks::define(runtime::Linker& linker, const runtime::Component& component,
                           std::span<const MockFile> files, bool wasi, bool all_named) {
  using runtime::Value;
  info_ = &component.info();
  for (const MockFile& file : files) {
    const auto mocks = TENON_TRY(testing::parse_mocks(file.text, file.source));
    std::vector<const testing::Mock*> wanted;
    for (const testing::Mock& mock : mocks) {
      if (all_named || names_import(*info_, mock, file, wasi)) wanted.push_back(&mock);
    }
    auto made = TENON_TRY(testing::prepare_mocks(*info_, wanted, file.files, {}, {}, wasi, false));
    for (testing::PreparedMock& mock : made) {
      const bool named = std::ranges::any_of(mocks_, [&](const testing::PreparedMock& m) {
        return m.func.interface == mock.func.interface && m.func.name == mock.func.name;
      });
      if (!named) mocks_.push_back(std::move(mock));
    }
  }
  calls_.resize(mocks_.size());
  for (std::size_t i = 0; i < mocks_.size(); ++i) {
    const testing::ImportedFunc& func = mocks_[i].func;
    auto answers = [this, i](
                       runtime::Store&,
                       std::span<const Value> args) -> runtime::Outcome<std::optional<Value>> {
      auto given = testing::answer(mocks_[i], calls_[i], {args.begin(), args.end()});
      if (!given) return std::unexpected(runtime::Trap(std::move(given).error()));
      return *std::move(given);
    };
    // A mock of a function of WASI is among the others of its interface.
    const auto in_wasi = wasi ? testing::place_in_wasi(func.interface) : std::string();
    const std::string& interface = in_wasi.empty() ? func.interface : in_wasi;
    auto place = interface.empty() ? linker.root() : linker.instance(interface);
    TENON_TRY(place.func_new(func.name, std::move(answers)));
  }
  return {};
}

Result<void> Mocks::check() const {
  testing::SavedHandles saved;
  for (std::size_t i = 0; i < mocks_.size(); ++i) {
    if (const auto wrong = testing::check_calls(mocks_[i], calls_[i], *info_, saved))
      return std::unexpected(Error(rules::failed, Span::none(), *wrong));
  }
  return {};
}

}  // namespace tenon::preinit

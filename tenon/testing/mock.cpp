// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/mock.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tenon/base/nearest.h"
#include "tenon/runtime/json.h"
#include "tenon/runtime/wave.h"
#include "tenon/testing/call_name.h"
#include "tenon/testing/rules.h"
#include "tenon/types/semver.h"
#include "tenon/wasi/context.h"

namespace tenon::testing {
namespace {

using runtime::Value;

bool is_for(const Mock& mock, std::string_view interface, std::string_view name) {
  if (mock.function != name && mock.function != plain_name(name)) return false;
  return mock.interface.empty() ? interface.empty() : means_interface(mock.interface, interface);
}
bool is_for(const Mock& mock, const ImportedFunc& func) {
  return is_for(mock, func.interface, func.name);
}

std::string spelled(const Mock& mock) {
  return mock.interface.empty() ? mock.function
                                : fmt::format("{}#{}", mock.interface, mock.function);
}

Error names_nothing(const Mock& mock, const std::vector<ImportedFunc>& funcs,
                    std::span<const WitFunc> wit) {
  std::vector<std::string> all;
  for (const ImportedFunc& func : funcs) all.push_back(func.call());
  const std::size_t imported = all.size();
  for (const WitFunc& func : wit) all.push_back(ImportedFunc{func.interface, func.name, {}}.call());
  const std::vector<std::string_view> names(all.begin(), all.end());
  const std::string_view near = nearest(spelled(mock), names);
  std::string help = "the component imports no function";
  if (!near.empty()) {
    help = fmt::format("did you mean `{}`?", near);
  } else if (imported != 0) {
    all.resize(imported);
    help = fmt::format("it imports {}", fmt::join(all, ", "));
  }
  return Error(rules::mock_import, mock.span, fmt::format("`{}`", spelled(mock)))
      .help(std::move(help));
}

/// All that is missing, as it has to be under `mocks`.
Error not_mocked(const component::ComponentInfo& info,
                 const std::vector<const ImportedFunc*>& funcs) {
  std::string names;
  std::string rows;
  for (std::size_t i = 0; i < funcs.size(); ++i) {
    const ImportedFunc& func = *funcs[i];
    names += fmt::format("{}`{}`", i == 0 ? "" : ", ", func.call());
    const std::string_view where = types::split_version(func.interface).base;
    const bool begins = i == 0 || types::split_version(funcs[i - 1]->interface).base != where;
    if (begins) rows += fmt::format("{}\"{}\": {{ ", i == 0 ? "" : " }, ", where);
    rows += fmt::format("{}\"{}\": {}", begins ? "" : ", ", plain_name(func.name),
                        info.func_types[func.type].result ? "{ \"return\": … }" : "{}");
  }
  return Error(rules::import_not_mocked, Span::none(), std::move(names))
      .help(fmt::format("add to `mocks`: {{ {} }} }}", rows));
}

runtime::TypeView view(const component::ComponentInfo& info, component::ValType type) {
  return {info.abi_types(), type};
}

/// A mock's result in another language's spelling, or in WAVE.
Error with_meant(Error error, const Json& json, const runtime::TypeView& type,
                 std::string_view key) {
  if (!error.help_text().empty()) return error;
  std::string help = meant_json(json, type, key);
  return help.empty() ? error : std::move(error).help(std::move(help));
}

Result<void> prepare_results(const component::ComponentInfo& info, const Mock& mock,
                             const component::FuncType& type, const FileReader& files,
                             PreparedMock& out) {
  for (const Json& json : mock.values) {
    if (!type.result) {
      if (json.is_null()) continue;
      return std::unexpected(
          Error(rules::case_file, json.span(), fmt::format("`{}` has no result", out.func.call()))
              .help("write `{}` for a function without a result"));
    }
    const runtime::TypeView result = view(info, *type.result);
    auto value = read_value(json, result, {}, files);
    if (!value) {
      const bool one = mock.kind == Mock::Kind::return_;
      return std::unexpected(
          with_meant(std::move(value).error(), json, result, one ? "\"return\": " : ""));
    }
    out.results.push_back(*std::move(value));
  }
  if (mock.kind == Mock::Kind::return_ && mock.values.empty() && type.result) {
    const auto least = runtime::default_value(view(info, *type.result));
    return std::unexpected(
        Error(rules::case_file, mock.span,
              fmt::format("`{}` has a result, the mock none", out.func.call()))
            .help(fmt::format("add `\"return\": {}`",
                              least ? value_to_json(*least).dump() : std::string("…"))));
  }
  if (mock.kind == Mock::Kind::echo &&
      (mock.echo >= type.params.size() || !type.result ||
       to_string(view(info, type.params[mock.echo].type)) != to_string(view(info, *type.result)))) {
    return std::unexpected(Error(
        rules::case_file, mock.span,
        fmt::format("argument {} of `{}` is not what it returns", mock.echo, out.func.call())));
  }
  return {};
}

Result<PreparedMock> prepare(const component::ComponentInfo& info, const Mock& mock,
                             const ImportedFunc& func, const FileReader& files) {
  PreparedMock out;
  out.func = func;
  out.kind = mock.kind;
  out.reason = mock.reason;
  out.echo = mock.echo;
  const component::FuncType& type = info.func_types[func.type];
  TENON_TRY(prepare_results(info, mock, type, files, out));
  if (!mock.expect_calls) return out;
  out.expect_calls.emplace();
  for (const std::vector<Json>& args : *mock.expect_calls) {
    if (args.size() != type.params.size()) {
      return std::unexpected(Error(rules::case_arguments, mock.span,
                                   fmt::format("`{}` takes {}, {} are expected", func.call(),
                                               type.params.size(), args.size())));
    }
    std::vector<Expectation> call;
    for (std::size_t i = 0; i < args.size(); ++i) {
      Expectation one =
          TENON_TRY(read_expectation(args[i], view(info, type.params[i].type), {}, files));
      call.push_back(std::move(one));
    }
    out.expect_calls->push_back(std::move(call));
  }
  return out;
}

/// Whether a linked component exports the function.
bool is_linked(std::span<const runtime::Component* const> links, const ImportedFunc& func) {
  return std::any_of(links.begin(), links.end(), [&](const runtime::Component* link) {
    const auto exported = exported_funcs(link->info());
    return std::any_of(exported.begin(), exported.end(), [&](const ExportedFunc& e) {
      return e.name == func.name &&
             types::canonical_interface(e.interface) == types::canonical_interface(func.interface);
    });
  });
}

std::string wave_args(const component::ComponentInfo& info, const component::FuncType& type,
                      const std::vector<Value>& args) {
  std::string out;
  for (std::size_t i = 0; i < args.size(); ++i)
    out += (out.empty() ? "" : ", ") + to_wave(args[i], view(info, type.params[i].type), 400);
  return out;
}

}  // namespace

std::string place_in_wasi(std::string_view interface) {
  if (!interface.starts_with("wasi:")) return {};
  const auto [base, version] = types::split_version(interface);
  const auto package = base.substr(0, base.find('/'));
  for (const std::string_view have : wasi::component_packages()) {
    if (types::compatible_names(fmt::format("{}@{}", package, version), have))
      return fmt::format("{}{}", base, have.substr(have.find('@')));
  }
  return {};
}

std::string ImportedFunc::call() const {
  const std::string_view plain = plain_name(name);
  return interface.empty() ? std::string(plain) : fmt::format("{}#{}", interface, plain);
}

std::vector<ImportedFunc> imported_funcs(const component::ComponentInfo& info) {
  std::vector<ImportedFunc> out;
  for (const component::ImportInfo& item : info.imports) {
    if (item.type.kind == component::ExternKind::func) {
      out.push_back({"", item.name->name, item.type.func()});
    } else if (item.type.kind == component::ExternKind::instance) {
      for (const component::NamedExtern& inner :
           info.instance_types[item.type.instance()].exports) {
        if (inner.type.kind == component::ExternKind::func)
          out.push_back({item.name->name, inner.name, inner.type.func()});
      }
    }
  }
  return out;
}

Result<std::vector<PreparedMock>> prepare_mocks(const component::ComponentInfo& info,
                                                const std::vector<const Mock*>& mocks,
                                                const FileReader& files,
                                                std::span<const runtime::Component* const> links,
                                                std::span<const WitFunc> wit, bool wasi, bool all) {
  const std::vector<ImportedFunc> funcs = imported_funcs(info);
  for (const Mock* mock : mocks) {
    const bool named =
        std::ranges::any_of(funcs, [&](const ImportedFunc& f) { return is_for(*mock, f); }) ||
        std::ranges::any_of(wit,
                            [&](const WitFunc& f) { return is_for(*mock, f.interface, f.name); });
    if (!named) return std::unexpected(names_nothing(*mock, funcs, wit));
  }
  std::vector<PreparedMock> out;
  std::vector<const ImportedFunc*> missing;
  for (const ImportedFunc& func : funcs) {
    const auto mock =
        std::find_if(mocks.begin(), mocks.end(), [&](const Mock* m) { return is_for(*m, func); });
    if (mock == mocks.end() &&
        (!all || is_linked(links, func) || (wasi && !place_in_wasi(func.interface).empty())))
      continue;
    if (mock == mocks.end()) {
      missing.push_back(&func);
      continue;
    }
    PreparedMock prepared = TENON_TRY(prepare(info, **mock, func, files));
    out.push_back(std::move(prepared));
  }
  if (!missing.empty()) return std::unexpected(not_mocked(info, missing));
  return out;
}

std::vector<std::string> unused_mocks(const component::ComponentInfo& info,
                                      const std::vector<const Mock*>& mocks,
                                      std::span<const WitFunc> wit) {
  std::vector<std::string> out;
  if (wit.empty()) return out;
  const std::vector<ImportedFunc> funcs = imported_funcs(info);
  for (const Mock* mock : mocks) {
    if (std::ranges::any_of(funcs, [&](const ImportedFunc& f) { return is_for(*mock, f); }))
      continue;
    if (std::ranges::any_of(wit,
                            [&](const WitFunc& f) { return is_for(*mock, f.interface, f.name); }))
      out.push_back(fmt::format(
          "the mock of `{}` is not used: the world imports the function, this component does not",
          spelled(*mock)));
  }
  return out;
}

std::expected<std::optional<Value>, std::string> answer(const PreparedMock& mock, MockCalls& calls,
                                                        std::vector<Value> args) {
  const std::size_t number = calls.count++;
  std::optional<Value> result;
  if (mock.kind == Mock::Kind::echo) result = args[mock.echo];
  if (mock.expect_calls) calls.args.push_back(std::move(args));
  switch (mock.kind) {
    case Mock::Kind::return_:
      if (!mock.results.empty()) result = mock.results[0];
      return result;
    case Mock::Kind::sequence:
      if (number >= mock.results.size()) {
        return std::unexpected(fmt::format("the mock of `{}` has no result for call {}",
                                           mock.func.call(), number + 1));
      }
      return mock.results[number];
    case Mock::Kind::trap:
      return std::unexpected(mock.reason);
    case Mock::Kind::echo:
      return result;
  }
  std::unreachable();
}

std::optional<std::string> check_calls(const PreparedMock& mock, const MockCalls& calls,
                                       const component::ComponentInfo& info, SavedHandles& saved) {
  if (!mock.expect_calls) return std::nullopt;
  const component::FuncType& type = info.func_types[mock.func.type];
  const std::size_t common = std::min(calls.args.size(), mock.expect_calls->size());
  for (std::size_t i = 0; i < common; ++i) {
    for (std::size_t j = 0; j < type.params.size(); ++j) {
      const auto d = compare((*mock.expect_calls)[i][j], calls.args[i][j],
                             view(info, type.params[j].type), saved);
      if (!d) continue;
      return fmt::format("call {} of `{}({})`\n{}{}: expected {}, found {}", i + 1,
                         mock.func.call(), wave_args(info, type, calls.args[i]),
                         type.params[j].label, d->path, d->expected, d->actual);
    }
  }
  if (calls.args.size() == mock.expect_calls->size()) return std::nullopt;
  std::string out = fmt::format("`{}`: expected {} calls, found {}", mock.func.call(),
                                mock.expect_calls->size(), calls.args.size());
  for (std::size_t i = common; i < calls.args.size() && i < common + 3; ++i)
    out += fmt::format("\nalso called with ({})", wave_args(info, type, calls.args[i]));
  return out;
}

}  // namespace tenon::testing

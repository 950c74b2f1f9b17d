// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/call_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "tenon/base/json.h"
#include "tenon/base/nearest.h"
#include "tenon/runtime/json.h"
#include "tenon/runtime/value.h"
#include "tenon/testing/rules.h"
#include "tenon/types/semver.h"

namespace tenon::testing {
namespace {

runtime::TypeView view(const component::ComponentInfo& info, component::ValType type) {
  return {info.abi_types(), type};
}

std::string list_of(std::span<const ExportedFunc> funcs) {
  constexpr std::size_t most = 20;
  std::string out;
  for (std::size_t i = 0; i < funcs.size() && i < most; ++i)
    out += fmt::format("\n  {}", funcs[i].call());
  if (funcs.size() > most) out += fmt::format("\n  and {} more", funcs.size() - most);
  return out;
}

/// What is left of a name that is spelled as in another language: `shop.getItem`, `shop::GET_ITEM`
/// become `get-item`.
std::string in_words_of_wit(std::string_view call) {
  if (const auto part = call.find_last_of(".:/#"); part != std::string_view::npos)
    call.remove_prefix(part + 1);
  return to_kebab(call);
}

Error no_such_func(std::span<const ExportedFunc> funcs, std::string_view call, Span span) {
  Error error(rules::case_function, span, fmt::format("`{}`", call));
  if (funcs.empty()) return std::move(error).help("the component exports no function at all");
  std::vector<std::string> spelled;
  for (const ExportedFunc& func : funcs) {
    spelled.push_back(func.call());
    spelled.emplace_back(plain_name(func.name));
  }
  const std::vector<std::string_view> names(spelled.begin(), spelled.end());
  // `add(1, 2)`: the arguments have a key of their own.
  if (const auto open = call.find('('); open != std::string_view::npos && call.ends_with(')')) {
    const std::string_view bare = call.substr(0, open);
    const std::string_view near = nearest(bare, names);
    const std::string_view inside = call.substr(open + 1, call.size() - open - 2);
    return std::move(error).help(fmt::format("write `\"call\": \"{}\", \"args\": [{}]`",
                                             near.empty() ? bare : near, inside));
  }
  std::string_view near = nearest(call, names);
  if (near.empty() && call.find('#') != std::string_view::npos)
    near = nearest(call.substr(call.find('#') + 1), names);
  if (near.empty()) {
    const std::string meant = in_words_of_wit(call);
    const auto found = std::ranges::find(names, std::string_view(meant));
    if (found != names.end()) near = *found;
  }
  if (!near.empty()) return std::move(error).help(fmt::format("did you mean `{}`?", near));
  return std::move(error).help("it exports:" + list_of(funcs));
}

}  // namespace

std::string_view plain_name(std::string_view name) {
  if (!name.starts_with('[')) return name;
  const auto close = name.find(']');
  const std::string_view rest = close == std::string_view::npos ? name : name.substr(close + 1);
  // Getters and setters share a plain name, so that they go by their whole one.
  const bool accessor = name.contains("[get]") || name.contains("[set]");
  return accessor ? name : rest;
}

bool means_interface(std::string_view written, std::string_view full) {
  if (written == full) return true;
  const std::string_view bare = types::split_version(full).base;
  if (written == bare) return true;
  const auto slash = bare.find('/');
  return slash != std::string_view::npos && written == bare.substr(slash + 1);
}

std::string ExportedFunc::call() const {
  const std::string_view plain = plain_name(name);
  return interface.empty() ? std::string(plain) : fmt::format("{}#{}", interface, plain);
}

std::vector<ExportedFunc> exported_funcs(const component::ComponentInfo& info) {
  std::vector<ExportedFunc> out;
  for (const component::ExportInfo& item : info.exports) {
    if (item.type.kind == component::ExternKind::func) {
      out.push_back({"", item.name->name, item.type.func()});
    } else if (item.type.kind == component::ExternKind::instance) {
      for (const component::NamedExtern& inner :
           info.instance_types[item.type.instance()].exports) {
        if (inner.type.kind != component::ExternKind::func) continue;
        out.push_back({item.name->name, inner.name, inner.type.func()});
      }
    }
  }
  return out;
}

std::string func_text(const component::ComponentInfo& info, component::FuncTypeIdx func) {
  const component::FuncType& type = info.func_types[func];
  std::string out = "(";
  for (std::size_t i = 0; i < type.params.size(); ++i) {
    out += fmt::format("{}{}: {}", i == 0 ? "" : ", ", type.params[i].label,
                       type_text(info, type.params[i].type));
  }
  out += ")";
  if (type.result) out += " -> " + type_text(info, *type.result);
  return out;
}

std::string signature(const ExportedFunc& func, const component::ComponentInfo& info) {
  return func.call() + func_text(info, func.type);
}

Result<ExportedFunc> find_func(std::span<const ExportedFunc> funcs, std::string_view call,
                               Span span) {
  const auto hash = call.find('#');
  const std::string_view interface =
      hash == std::string_view::npos ? std::string_view() : call.substr(0, hash);
  const std::string_view name = hash == std::string_view::npos ? call : call.substr(hash + 1);
  std::vector<ExportedFunc> found;
  for (const ExportedFunc& func : funcs) {
    if (func.name != name && plain_name(func.name) != name) continue;
    if (hash != std::string_view::npos && !means_interface(interface, func.interface)) continue;
    found.push_back(func);
  }
  if (found.size() == 1) return found[0];
  // A function of the world itself is before one of the same name in an interface.
  const auto own = std::find_if(found.begin(), found.end(),
                                [](const ExportedFunc& f) { return f.interface.empty(); });
  if (hash == std::string_view::npos && own != found.end()) return *own;
  if (found.empty()) return std::unexpected(no_such_func(funcs, call, span));
  return std::unexpected(
      Error(rules::case_function, span, fmt::format("`{}` may mean several", call))
          .help("write one of:" + list_of(found)));
}

namespace {

/// A mock for every function that the component imports: it returns the least value of its type,
/// or traps where no value can be written, as for a handle.
std::vector<Json::Member> generate_mocks(const component::ComponentInfo& info) {
  std::vector<Json::Member> out;
  std::vector<Json::Member> functions;
  const auto add = [&](std::string_view name, component::FuncTypeIdx idx) {
    const component::FuncType& type = info.func_types[idx];
    std::vector<Json::Member> mock;
    if (type.result) {
      const auto least = runtime::default_value(view(info, *type.result));
      mock.emplace_back(least ? "return" : "trap",
                        least ? value_to_json(*least) : Json::string("not mocked"));
    }
    functions.emplace_back(std::string(name), Json::object(std::move(mock)));
  };
  for (const component::ImportInfo& item : info.imports) {
    if (item.type.kind == component::ExternKind::func) add(item.name->name, item.type.func());
  }
  if (!functions.empty()) out.emplace_back("", Json::object(std::exchange(functions, {})));
  for (const component::ImportInfo& item : info.imports) {
    if (item.type.kind != component::ExternKind::instance) continue;
    for (const component::NamedExtern& inner : info.instance_types[item.type.instance()].exports) {
      if (inner.type.kind == component::ExternKind::func) add(inner.name, inner.type.func());
    }
    if (!functions.empty())
      out.emplace_back(item.name->name, Json::object(std::exchange(functions, {})));
  }
  return out;
}

/// The case that calls one function with the least values. A handle that it takes is made by an
/// earlier step: by the first function that returns one and takes none.
class Skeleton {
 public:
  Skeleton(const component::ComponentInfo& info, std::span<const ExportedFunc> funcs)
      : info_(info) {
    const auto has_least = [&](const component::LabelValType& param) {
      return runtime::default_value(view(info, param.type)).has_value();
    };
    for (const ExportedFunc& func : funcs) {
      const component::FuncType& type = info.func_types[func.type];
      const auto made = type.result ? resource_of(*type.result, false) : std::nullopt;
      if (made && std::ranges::all_of(type.params, has_least)) makers_.emplace(made->value, &func);
    }
  }

  Json of(const ExportedFunc& func) {
    steps_.clear();
    unmade_.clear();
    const Json name = Json::string(std::string(plain_name(func.name)));
    std::vector<Json::Member> row = call(func);
    if (!steps_.empty()) {
      steps_.push_back(Json::object(std::move(row)));
      row = {{"steps", Json::array(std::move(steps_))}};
    }
    row.insert(row.begin(), {"name", name});
    if (!unmade_.empty()) {
      row.emplace_back("skip", Json::string(fmt::format("no function here returns `{}`", unmade_)));
    }
    return Json::object(std::move(row));
  }

 private:
  std::vector<Json::Member> call(const ExportedFunc& func) {
    const component::FuncType& type = info_.func_types[func.type];
    std::vector<Json> args;
    for (const component::LabelValType& param : type.params) args.push_back(argument(param));
    std::vector<Json::Member> row = {{"call", Json::string(func.call())}};
    row.emplace_back("args", Json::array(std::move(args)));
    if (type.result) {
      const auto least = runtime::default_value(view(info_, *type.result));
      if (least) row.emplace_back("expect", value_to_json(*least));
    }
    return row;
  }

  Json argument(const component::LabelValType& param) {
    if (const auto least = runtime::default_value(view(info_, param.type)))
      return value_to_json(*least);
    // Two handles of one function are two resources.
    const std::string saved =
        steps_.empty() ? param.label : fmt::format("{}-{}", param.label, steps_.size() + 1);
    if (const ExportedFunc* maker = maker_of(param.type)) {
      std::vector<Json::Member> row = call(*maker);
      row.emplace_back("expect", Json::object({{"$save", Json::string(saved)}}));
      steps_.push_back(Json::object(std::move(row)));
    } else {
      unmade_ = type_text(info_, param.type);
      if (unmade_.starts_with("borrow<")) unmade_ = unmade_.substr(7, unmade_.size() - 8);
    }
    return Json::object({{"$ref", Json::string(saved)}});
  }

  [[nodiscard]] std::optional<component::TypeIdx> resource_of(component::ValType type,
                                                              bool may_borrow) const {
    const auto* def = view(info_, type).def();
    if (def == nullptr) return std::nullopt;
    if (const auto* own = std::get_if<component::Own>(def)) return own->resource;
    const auto* lent = may_borrow ? std::get_if<component::Borrow>(def) : nullptr;
    return lent == nullptr ? std::nullopt : std::optional(lent->resource);
  }

  [[nodiscard]] const ExportedFunc* maker_of(component::ValType handle) const {
    const auto wanted = resource_of(handle, true);
    const auto found = wanted ? makers_.find(wanted->value) : makers_.end();
    return found == makers_.end() ? nullptr : found->second;
  }

  const component::ComponentInfo& info_;
  /// By the resource.
  std::unordered_map<std::uint32_t, const ExportedFunc*> makers_;
  std::vector<Json> steps_;
  /// A resource that nothing makes.
  std::string unmade_;
};

}  // namespace

std::string generate_cases(const component::ComponentInfo& info) {
  std::vector<Json> cases;
  const std::vector<ExportedFunc> funcs = exported_funcs(info);
  Skeleton skeleton(info, funcs);
  for (const ExportedFunc& func : funcs) cases.push_back(skeleton.of(func));
  std::vector<Json::Member> mocks = generate_mocks(info);
  if (mocks.empty()) return Json::array(std::move(cases)).dump(2) + "\n";
  return Json::object(
             {{"mocks", Json::object(std::move(mocks))}, {"cases", Json::array(std::move(cases))}})
             .dump(2) +
         "\n";
}

}  // namespace tenon::testing

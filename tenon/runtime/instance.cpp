// SPDX-License-Identifier: Apache-2.0
// Exports are found by their name, or by the part behind `#` if only one function has it, with any
// compatible version of the interface. After instantiation the index spaces are freed, except those
// that components inside may still alias.
#include "tenon/runtime/instance.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/base/contract.h"
#include "tenon/base/nearest.h"
#include "tenon/runtime/instance_state.h"
#include "tenon/runtime/rules.h"
#include "tenon/runtime/version.h"

namespace tenon::runtime {

const Item* InstanceItem::find(std::string_view name) const {
  const auto i = names->find(name);
  return i == NameIndex::none ? nullptr : &items[i];
}

Instance::Instance(Store& store, const InstanceState& state)
    : life_(store.life()), exports_(&state.exports), state_(&state) {}

namespace {

void collect(const InstanceItem& instance, const std::string& prefix,
             std::vector<ExportedFunc>& out) {
  for (std::size_t i = 0; i < instance.items.size(); ++i) {
    const auto name = std::string((*instance.names)[i]);
    if (const auto* const* f = std::get_if<const FuncInst*>(&instance.items[i])) {
      out.push_back({prefix + name, *f});
    } else if (const auto* const* nested = std::get_if<const InstanceItem*>(&instance.items[i])) {
      collect(**nested, prefix + name + "#", out);
    }
  }
}

std::string_view after_hash(std::string_view name) {
  const auto hash = name.rfind('#');
  return hash == std::string_view::npos ? name : name.substr(hash + 1);
}

std::string candidates(const std::vector<ExportedFunc>& all) {
  std::string out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i == 20) return out + fmt::format(", and {} more", all.size() - i);
    out += fmt::format("{}`{}`", i != 0 ? ", " : "", all[i].name);
  }
  return out;
}

}  // namespace

void InstanceState::forget_spaces() {
  const auto forget = [](auto&... spaces) {
    ((spaces = std::remove_reference_t<decltype(spaces)>()), ...);
  };
  forget(funcs, instances, values, core_instances, core_funcs, core_tables, core_globals,
         core_tags);
  // Components inside may be instantiated later, by whoever gets them, and alias these.
  if (compiled->nested.empty()) forget(components, types, modules);
}

std::vector<ExportedFunc> Instance::funcs() const {
  std::vector<ExportedFunc> out;
  if (life_->store() != nullptr) collect(*exports_, {}, out);
  return out;
}

void used_after_store(std::string_view what) noexcept {
  contract_broken(
      fmt::format("{} was used after the store that it belongs to was destroyed", what));
}

Result<void> Instance::alive() const {
  if (life_->store() != nullptr) [[likely]]
    return {};
  return std::unexpected(
      Error(rules::other_store, Span::none(), "the instance belongs to a store that is gone"));
}

Result<void> Instance::belongs_to(const Store& store) const {
  if (life_->store() == &store) return {};
  TENON_TRY(alive());
  return std::unexpected(of_another("the instance", *life_->store(), store));
}

Result<Func> Instance::get_func(std::string_view name) const {
  TENON_TRY(alive());
  if (const auto* item = exports_->find(name)) {
    if (const auto* const* f = std::get_if<const FuncInst*>(item)) return Func(store(), **f);
  }
  const auto all = funcs();
  std::vector<ExportedFunc> found;
  const auto hash = name.rfind('#');
  for (const auto& e : all) {
    if (e.name == name) return Func(store(), *e.func);
    const bool same = hash == std::string_view::npos
                          ? after_hash(e.name) == name
                          : after_hash(e.name) == name.substr(hash + 1) &&
                                fits_version(name.substr(0, hash),
                                             std::string_view(e.name).substr(0, e.name.rfind('#')));
    if (same) found.push_back(e);
  }
  if (found.size() == 1) return Func(store(), *found.front().func);
  if (!found.empty()) {
    return std::unexpected(Error(rules::export_ambiguous, Span::none(), fmt::format("`{}`", name))
                               .help(fmt::format("name one of {}", candidates(found))));
  }
  Error error(rules::export_missing, Span::none(), fmt::format("no function `{}`", name));
  if (all.empty())
    return std::unexpected(std::move(error).help("the component exports no function"));
  std::vector<std::string_view> names;
  for (const auto& e : all) {
    names.push_back(e.name);
    names.push_back(after_hash(e.name));
  }
  const auto near = nearest(name, names);
  if (!near.empty()) error = std::move(error).help(fmt::format("the nearest is `{}`", near));
  return std::unexpected(
      std::move(error).note(fmt::format("the component exports {}", candidates(all))));
}

Result<Value> Instance::get_value(std::string_view name) const {
  TENON_TRY(alive());
  const auto hash = name.rfind('#');
  const auto* from = exports_;
  if (hash != std::string_view::npos) {
    const auto* item = exports_->find(name.substr(0, hash));
    const auto* const* instance =
        item == nullptr ? nullptr : std::get_if<const InstanceItem*>(item);
    from = instance == nullptr ? nullptr : *instance;
  }
  if (from != nullptr) {
    const auto* item = from->find(name.substr(hash == std::string_view::npos ? 0 : hash + 1));
    if (const auto* value = item == nullptr ? nullptr : std::get_if<ValueItem>(item))
      return **value;
  }
  return std::unexpected(
      Error(rules::export_missing, Span::none(), fmt::format("no value `{}`", name)));
}

Result<void> Func::can_be_typed() const {
  if (!alive()) return std::unexpected(wrong_store(*life_));
  if (func_->host != nullptr) {
    return std::unexpected(
        Error(rules::unsupported, Span::none(),
              fmt::format("`{}` is a function of the host's: call it with values", func_->name)));
  }
  if (func_->type.type->async_ || func_->opts.async_) {
    return std::unexpected(Error(rules::unsupported, Span::none(),
                                 fmt::format("`{}` is an async function", func_->name)));
  }
  if (func_->opts.ptr_type() == abi::Ptr::i64) {
    return std::unexpected(
        Error(rules::unsupported, Span::none(),
              fmt::format("`{}` has a 64-bit memory: call it with values", func_->name)));
  }
  return {};
}

}  // namespace tenon::runtime

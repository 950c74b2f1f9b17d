// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tenon/core/module.h"
#include "tenon/engine/engine.h"
#include "tenon/engine/memory.h"
#include "tenon/engine/type_registry.h"
#include "tenon/engine/vmcontext.h"

namespace tenon::engine {

class CodeCache;
class ModuleNames;

/// A validated module, ready to be instantiated any number of times, from any thread. Function
/// bodies are translated when they are first called.
class Module {
 public:
  /// Takes the module over. Cheap: O(types + functions), no body is read. Rule `type-limit` when
  /// the engine has no room for its types.
  [[nodiscard]] static Result<std::shared_ptr<const Module>> create(
      Engine& engine, core::Validated<core::Module> module) {
    return create(engine, std::make_shared<const core::Validated<core::Module>>(std::move(module)));
  }
  /// Shares the module with its owner, such as the component that it is in.
  [[nodiscard]] static Result<std::shared_ptr<const Module>> create(
      Engine& engine, std::shared_ptr<const core::Validated<core::Module>> module);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  [[nodiscard]] Engine& engine() const { return engine_; }
  /// `Engine::id`, also when the engine is gone and another one has its address.
  [[nodiscard]] std::uint64_t engine_id() const { return engine_id_; }
  [[nodiscard]] const core::Module& core() const { return **module_; }
  /// The engine-wide type of each entry of the type index space.
  [[nodiscard]] const std::vector<const RuntimeType*>& types() const { return types_.all(); }
  [[nodiscard]] const RuntimeType* func_type(core::FuncIdx func) const {
    return types_.all()[core().func_types[func.value].value];
  }
  /// Index into `core().exports`, for `Instance::get`.
  [[nodiscard]] std::optional<std::uint32_t> find_export(std::string_view name) const;

  // For the engine.
  static constexpr std::uint32_t no_escape = 0xFFFFFFFF;
  /// Which FuncRef of an instance stands for a defined function, or `no_escape`.
  [[nodiscard]] std::uint32_t escape_index(std::uint32_t func) const {
    const auto it = escapes_.find(func);
    return it == escapes_.end() ? no_escape : it->second;
  }
  [[nodiscard]] std::size_t num_escapes() const { return escape_list_.size(); }
  [[nodiscard]] const std::vector<std::uint32_t>& escape_list() const { return escape_list_; }
  [[nodiscard]] const VMOffsets& offsets() const { return offsets_; }
  [[nodiscard]] CodeCache& code() const { return *code_; }
  /// The initial contents of defined memory 0 when all its active segments are known before
  /// instantiation: then `data_in_image` says which segments it holds.
  [[nodiscard]] const std::vector<std::uint8_t>& image() const { return image_; }
  [[nodiscard]] const MemoryImage* image_file() const { return image_file_.get(); }
  [[nodiscard]] bool has_image() const { return has_image_; }
  /// Name and function names of the name section; read when first asked for.
  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::string func_name(std::uint32_t func) const;
  /// The global that the name section calls `__stack_pointer`, as linkers do.
  [[nodiscard]] std::optional<std::uint32_t> stack_pointer() const;

 private:
  Module(Engine& engine, std::shared_ptr<const core::Validated<core::Module>> module,
         ModuleTypes types);
  void find_escapes();
  void lay_out();
  void build_image();
  [[nodiscard]] const ModuleNames& names() const;

  Engine& engine_;
  std::uint64_t engine_id_;
  std::shared_ptr<const core::Validated<core::Module>> module_;
  ModuleTypes types_;
  std::unordered_map<std::string_view, std::uint32_t> exports_;
  std::unordered_map<std::uint32_t, std::uint32_t> escapes_;
  std::vector<std::uint32_t> escape_list_;
  VMOffsets offsets_;
  std::unique_ptr<CodeCache> code_;
  std::vector<std::uint8_t> image_;
  std::shared_ptr<const MemoryImage> image_file_;
  bool has_image_ = false;
  mutable std::once_flag names_once_;
  mutable std::unique_ptr<ModuleNames> names_;
};

}  // namespace tenon::engine

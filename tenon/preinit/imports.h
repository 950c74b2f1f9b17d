// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tenon/core/module.h"
#include "tenon/engine/instance.h"
#include "tenon/preinit/open_files.h"
#include "tenon/preinit/preinit.h"
#include "tenon/runtime/linker.h"
#include "tenon/wasi/core/random.h"
#include "tenon/wasi/preview1.h"

namespace tenon::preinit {

/// What a core module imports while its initialisation runs: links first, then random numbers from
/// the seed and an empty environment, which libraries read before they do anything; other functions
/// are there, and trap with their names. Lives as long as the store.
class CoreImports {
 public:
  CoreImports(engine::Store& store, const Options& options, Report& report)
      : store_(store),
        options_(options),
        report_(report),
        random_(wasi::Random::seeded(options.random_seed)) {}

  /// Instantiates the links. The error is a trap's, or that a module is none.
  [[nodiscard]] Result<void> link();
  /// One for each import of a module, in order.
  [[nodiscard]] Result<std::vector<engine::Extern>> resolve(const engine::Module& module);
  /// An error that names a link of which nothing was imported.
  [[nodiscard]] Result<void> check_links(const core::Module& module) const;
  /// Files that the guest has open; an error then.
  [[nodiscard]] Result<void> check_files();

 private:
  struct Stub {
    CoreImports* self = nullptr;
    std::string name;
    /// Of preview 1's: the function's own.
    std::string_view func;
    /// What is called instead.
    engine::FuncRef* target = nullptr;
  };
  struct Linked {
    std::string_view name;
    engine::Instance* instance = nullptr;
    std::string_view file;
    bool used = false;
  };
  [[nodiscard]] Result<engine::Extern> find(const core::Import& import,
                                            const engine::RuntimeType* type);
  static engine::HostStatus refuse(void* env, engine::VMContext* caller,
                                   engine::ValueSlot* slots) noexcept;
  /// Counts a call and passes it on.
  static engine::HostStatus counted(void* env, engine::VMContext* caller,
                                    engine::ValueSlot* slots) noexcept;
  [[nodiscard]] engine::Func counting(const core::Import& import, engine::FuncRef* target);
  /// The functions of preview 1 that are there: `random_get`, an environment that is empty, and no
  /// folders.
  static engine::HostStatus preview1(void* env, engine::VMContext* caller,
                                     engine::ValueSlot* slots) noexcept;

  engine::Store& store_;
  const Options& options_;
  Report& report_;
  std::shared_ptr<wasi::Random> random_;
  std::deque<Stub> stubs_;
  /// When WASI is allowed.
  wasi::Context context_;
  std::optional<wasi::Preview1> wasi_;
  OpenFiles files_;
  std::vector<Linked> linked_;
};

/// Gives a component what it imports of `wasi:random`, from the seed, an empty environment, and no
/// folders.
[[nodiscard]] Result<void> define_defaults(runtime::Linker& linker,
                                           const runtime::Component& component,
                                           const std::shared_ptr<wasi::Random>& random);
/// Grants what the options allow, and nothing of the host's but read-only
/// folders: clocks stand still, random numbers come from the seed, output goes nowhere.
/// `files` knows what is opened.
[[nodiscard]] Result<void> grant_wasi(wasi::Context& context, const Options& options,
                                      const OpenFiles& files);

/// A trap or an error of an instantiation, as an error.
[[nodiscard]] Error as_error(engine::Failure failure);

}  // namespace tenon::preinit

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tenon/wasi/core/clock.h"
#include "tenon/wasi/core/descriptor.h"
#include "tenon/wasi/core/network.h"
#include "tenon/wasi/core/quota.h"
#include "tenon/wasi/core/random.h"
#include "tenon/wasi/core/refusals.h"
#include "tenon/wasi/core/stream.h"

namespace tenon::wasi {

/// A directory that a guest has from the beginning, and its name.
struct Preopen {
  std::string guest;
  DescriptorPtr directory;
};

/// What a `Context` holds: the grants, which the implementations of all versions of WASI read.
struct ContextState {
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;
  std::optional<std::string> cwd;
  std::vector<Preopen> preopens;
  std::shared_ptr<InputSource> in = InputSource::empty();
  std::shared_ptr<OutputSink> out = OutputSink::discard();
  std::shared_ptr<OutputSink> err = OutputSink::discard();
  std::shared_ptr<Clock> clock = Clock::host();
  std::shared_ptr<Random> random = Random::host();
  std::shared_ptr<Random> insecure_random = random;
  NetworkGrants network;
  std::map<std::string, std::string> config;
  /// None: in memory.
  std::optional<std::string> keyvalue_file;
  std::uint64_t max_random_size = std::uint64_t{64} << 20U;
  Quota quota{10'000};
  /// Shared with the directories that were granted.
  std::shared_ptr<Refusals> refusals = std::make_shared<Refusals>();

  /// What `metadata-hash` tells: of two objects that are there at the same time the same if and
  /// only if they are one. The key is the context's, so that it tells nothing else.
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> metadata_hash(const FileStat& stat);

 private:
  /// Taken from the host's random bytes at first use; none in a world that is seeded.
  std::optional<std::array<std::uint64_t, 4>> hash_key_;
};

}  // namespace tenon::wasi

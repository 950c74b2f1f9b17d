// SPDX-License-Identifier: Apache-2.0

// Waiting. A pollable tells what it waits for, descriptors and times; one call of `Store::wait`
// waits for all of them, so a deadline or an interruption ends it, and on a thread of the store
// other guests run meanwhile. Nothing here blocks in any other way. A clock that stands still is
// moved on to the first time that somebody waits for.
#include "tenon/wasi/p2/host.h"

#include <algorithm>
#include <limits>

#include "tenon/base/narrow.h"
#include "tenon/wasi/p2/io.h"

namespace tenon::wasi::p2 {

using Time = engine::Waiter::Time;

void trap(std::string message) {
  throw Trap(std::move(message));
}

void WaitSet::descriptor(int fd, bool read, bool write) {
  const auto key =
      (std::uint64_t{low_bits<std::uint32_t>(fd)} << 2U) | (read ? 1U : 0U) | (write ? 2U : 0U);
  const auto [at, fresh] = event_of_.try_emplace(key, narrow<std::uint32_t>(events_.size()));
  if (fresh) events_.push_back({.fd = fd, .read = read, .write = write});
  waiting_.push_back({at->second, index_});
}

void WaitSet::timer(std::uint64_t monotonic) {
  timers_.push_back({monotonic, index_});
}

bool WaitSet::due(std::vector<std::uint32_t>& ready) {
  if (timers_.empty()) return false;
  const auto now = clock_.monotonic();
  const auto before = ready.size();
  for (const auto& timer : timers_) {
    if (timer.monotonic <= now) ready.push_back(timer.index);
  }
  return ready.size() != before;
}

void WaitSet::wait(Store& store, bool only_look, std::vector<std::uint32_t>& ready) {
  only_look |= due(ready);
  const auto first = std::ranges::min_element(timers_, {}, &Timer::monotonic);
  std::optional<Time> until;
  bool stands_still = false;
  if (first != timers_.end()) {
    const auto at = clock_.host_time(first->monotonic);
    stands_still = !at;
    if (at && *at != Time::max()) until = *at;
  }
  if (only_look || stands_still) until = Time::min();
  if (only_look && events_.empty()) return;
  const auto waited = store.wait(events_, until);
  if (!waited) throw Trap(waited.error());
  for (const auto& [event, index] : waiting_) {
    if (events_[event].ready) ready.push_back(index);
  }
  if (stands_still && ready.empty()) clock_.advance(first->monotonic);
  if (!only_look) (void)due(ready);
}

Host::Host(Store& store, Context& context) : store_(store), context_(context) {}

Host::~Host() {
  try {
    finish();
  } catch (...) {  // NOLINT(bugprone-empty-catch): nobody is left to be told
  }
}

std::vector<std::uint32_t> Host::wait(std::span<Waitable* const> list) {
  std::vector<std::uint32_t> ready;
  while (ready.empty()) {
    WaitSet set(clock());
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      set.begin(i);
      if (list[i]->collect(set)) ready.push_back(i);
    }
    if (!lingering_.empty()) collect_lingering(set, list.size());
    set.wait(store_, !ready.empty(), ready);
    std::erase_if(ready, [&](std::uint32_t index) { return index >= list.size(); });
  }
  std::ranges::sort(ready);
  const auto rest = std::ranges::unique(ready);
  ready.erase(rest.begin(), rest.end());
  return ready;
}

void Host::wait(Waitable& one) {
  Waitable* const list = &one;
  (void)wait({&list, 1});
}

bool Host::ready(Waitable& one) {
  WaitSet set(clock());
  if (one.collect(set)) return true;
  std::vector<std::uint32_t> ready;
  set.wait(store_, true, ready);
  return !ready.empty();
}

Quota::Token Host::token() const {
  auto token = state().quota.take();
  if (!token) trap("the guest holds as many resources of WASI as it may");
  return token;
}

const std::shared_ptr<StandardOutput>& Host::out() {
  if (out_ == nullptr) out_ = std::make_shared<StandardOutput>(*this, state().out);
  return out_;
}

const std::shared_ptr<StandardOutput>& Host::err() {
  if (err_ == nullptr) err_ = std::make_shared<StandardOutput>(*this, state().err);
  return err_;
}

void Host::linger(const std::shared_ptr<Output>& output, Quota::Token token) noexcept {
  try {
    output->push();
    if (!output->empty() && output != out_ && output != err_)
      lingering_.push_back({output, std::move(token)});
  } catch (...) {  // NOLINT(bugprone-empty-catch): without memory the bytes are lost
  }
}

void Host::collect_lingering(WaitSet& set, std::size_t from) {
  std::erase_if(lingering_, [](const Lingering& one) {
    one.output->push();
    return one.output->empty();
  });
  for (std::size_t i = 0; i < lingering_.size(); ++i) {
    set.begin(narrow<std::uint32_t>(from + i));
    (void)lingering_[i].output->collect(set);
  }
}

void Host::finish() {
  for (const Lingering& one : lingering_) one.output->push();
  for (const auto& output : {out_, err_}) {
    if (output != nullptr) output->finish();
  }
}

Host& host_of(Store& store) {
  if (auto* found = store.extension<Host>()) return *found;
  return store.emplace_extension<Host>(store, *store.extension<Context>());
}

}  // namespace tenon::wasi::p2

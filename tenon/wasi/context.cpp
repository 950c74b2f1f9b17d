// SPDX-License-Identifier: Apache-2.0
// Grants are checked when they are given, so that a mistake is an error of the host and not
// something a guest sees. Only text that a guest can be told (UTF-8 without NUL) is accepted.
// `metadata-hash` permutes device and inode with a random key, so that equal hashes mean equal
// files and reveal neither number.
#include "tenon/wasi/context.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "tenon/base/unicode.h"
#include "tenon/wasi/core/host_fs.h"
#include "tenon/wasi/core/state.h"
#include "tenon/wasi/dir_grant.h"
#include "tenon/wasi/rules.h"

namespace tenon::wasi {
namespace {

Error refused(std::string detail) {
  return Error(rules::grant, Span::none(), std::move(detail));
}

/// What a guest can be told: UTF-8 without NUL.
bool is_fit(std::string_view text) {
  return text.find('\0') == std::string_view::npos && is_utf8(text);
}

bool is_fit_name(std::string_view name) {
  return !name.empty() && is_fit(name) && name.find('=') == std::string_view::npos;
}

void put(ContextState& state, std::string name, std::string value) {
  const auto at = std::ranges::find(state.env, name, &std::pair<std::string, std::string>::first);
  if (at != state.env.end()) {
    at->second = std::move(value);
  } else {
    state.env.emplace_back(std::move(name), std::move(value));
  }
}

/// What other programs have for an access behind a directory's name, such as `:rw`; else empty.
std::string_view access_suffix(std::string_view guest) {
  for (const std::string_view suffix :
       {":rw", ":wo", ":r", ":w", ":RO", ":RW", ":z", ":Z", ":readonly", ":read-only"}) {
    if (guest.ends_with(suffix) && guest.size() > suffix.size())
      return guest.substr(guest.size() - suffix.size());
  }
  return {};
}

/// What to write instead of a directory that cannot be opened.
std::string instead_of_directory(const std::string& host, ErrorCode why) {
  if (why == ErrorCode::not_directory)
    return "name the directory that the file is in: a grant is for a whole directory";
  const std::size_t colon = host.find(':');
  if (colon == std::string::npos || colon == 0)
    return "name a directory of this machine that is there: `HOST` or `HOST::GUEST`";
  const std::string_view before = std::string_view(host).substr(0, colon);
  const std::string_view behind = std::string_view(host).substr(colon + 1);
  if (behind == "ro" || access_suffix(host) == std::string_view(host).substr(colon)) {
    return fmt::format("`:ro` goes after the guest's name: write `{0}::{0}{1}`", before,
                       behind == "ro" ? ":ro" : "");
  }
  return fmt::format("two colons are between the host's name and the guest's: write `{}::{}`",
                     before, behind);
}

std::uint64_t mix(std::uint64_t word, std::uint64_t key) {
  word = (word ^ key) * 0x9E3779B97F4A7C15ULL;
  word = (word ^ (word >> 32U)) * 0xBF58476D1CE4E5B9ULL;
  return word ^ (word >> 29U);
}

}  // namespace

/// A Feistel network of four rounds: a permutation, so that two objects never collide.
std::pair<std::uint64_t, std::uint64_t> ContextState::metadata_hash(const FileStat& stat) {
  if (!hash_key_) {
    hash_key_.emplace();
    for (std::uint64_t& word : *hash_key_) word = random->next().value_or(0);
  }
  std::uint64_t left = stat.device;
  std::uint64_t right = stat.inode;
  for (const std::uint64_t key : *hash_key_) {
    left ^= mix(right, key);
    std::swap(left, right);
  }
  return {left, right};
}

Result<DirGrant> parse_dir_grant(std::string_view text) {
  constexpr const char* forms = "write `HOST`, `HOST::GUEST` or `HOST::GUEST:ro`";
  const std::size_t split = text.rfind("::");
  if (split == std::string_view::npos) {
    if (text.empty()) return std::unexpected(refused("no directory is named").help(forms));
    return DirGrant{std::string(text), std::string(text)};
  }
  const std::string_view host = text.substr(0, split);
  std::string_view guest = text.substr(split + 2);
  auto access = Access::read_write;
  if (guest.ends_with(":ro")) {
    access = Access::read_only;
    guest.remove_suffix(3);
  }
  // `.::/::ro`: the suffix has one colon.
  if (const std::string_view last = text.substr(split + 2);
      (last == "ro" || last == "rw") && host.contains("::")) {
    return std::unexpected(
        refused(fmt::format("`{}` ends in `::{}`, and `:ro` is the only suffix", text, last))
            .help(fmt::format("write `{}{}`", host, last == "ro" ? ":ro" : "")));
  }
  // `a:::ro` is none of a directory `a:`.
  if (host.empty() || host.ends_with(':') || guest.empty()) {
    return std::unexpected(
        refused(fmt::format("`{}` names no directory on one side", text)).help(forms));
  }
  if (const std::string_view suffix = access_suffix(guest); !suffix.empty()) {
    return std::unexpected(
        refused(fmt::format("`{}` ends in `{}`, and `:ro` is the only suffix", text, suffix))
            .help(fmt::format("without a suffix the guest reads and writes: write `{}::{}`", host,
                              guest.substr(0, guest.size() - suffix.size()))));
  }
  return DirGrant{std::string(host), std::string(guest), access};
}

Context::Context() : state_(std::make_unique<ContextState>()) {}
Context::~Context() = default;
Context::Context(Context&&) noexcept = default;
Context& Context::operator=(Context&&) noexcept = default;

Result<void> Context::set_args(std::vector<std::string> args) {
  for (const std::string& arg : args) {
    if (!is_fit(arg))
      return std::unexpected(refused("an argument is no UTF-8, or has a NUL character in it"));
  }
  state_->args = std::move(args);
  return {};
}

Result<void> Context::grant_env(std::string name, std::string value) {
  if (!is_fit_name(name) || !is_fit(value)) {
    return std::unexpected(refused(fmt::format(
        "the variable `{}` has no name, a `=` in its name, or text that is no UTF-8 or has a NUL "
        "character",
        name)));
  }
  put(*state_, std::move(name), std::move(value));
  return {};
}

Result<void> Context::inherit_env(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) {
    if (is_fit_name(name)) return {};
    return std::unexpected(refused(fmt::format("`{}` is not a name of a variable", name)));
  }
  return grant_env(name, value);
}

void Context::inherit_env() {
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view text(*at);
    const std::size_t equals = text.find('=', 1);
    if (equals == std::string_view::npos) continue;
    const std::string_view name = text.substr(0, equals);
    const std::string_view value = text.substr(equals + 1);
    if (is_fit_name(name) && is_fit(value)) put(*state_, std::string(name), std::string(value));
  }
}

Result<void> Context::set_cwd(std::string path) {
  if (!is_fit(path) || path.empty())
    return std::unexpected(refused("the directory to begin in is empty or no UTF-8"));
  state_->cwd = std::move(path);
  return {};
}

Result<void> Context::grant_dir(const std::string& host, std::string guest, Access access) {
  HostDirectoryOptions options;
  options.read_only = access == Access::read_only;
  options.refusals = state_->refusals;
  auto directory = open_host_directory(host, options);
  if (!directory) {
    return std::unexpected(refused(fmt::format("the directory `{}` cannot be opened: {}", host,
                                               to_string(directory.error())))
                               .help(instead_of_directory(host, directory.error())));
  }
  return grant_dir(std::move(*directory), std::move(guest));
}

Result<void> Context::grant_dir(std::string_view text) {
  DirGrant grant = TENON_TRY(parse_dir_grant(text));
  return grant_dir(grant.host, std::move(grant.guest), grant.access);
}

Result<void> Context::grant_dir(DescriptorPtr directory, std::string guest) {
  if (guest.empty() || !is_fit(guest))
    return std::unexpected(refused("the guest's name of a directory is empty or no UTF-8"));
  if (directory == nullptr)
    return std::unexpected(refused(fmt::format("the directory for `{}` is a null pointer", guest)));
  const auto at = std::ranges::find(state_->preopens, guest, &Preopen::guest);
  if (at != state_->preopens.end())
    return std::unexpected(refused(fmt::format("two directories are to be `{}`", guest)));
  state_->preopens.push_back({std::move(guest), std::move(directory)});
  return {};
}

void Context::set_stdin(std::shared_ptr<InputSource> source) {
  state_->in = source != nullptr ? std::move(source) : InputSource::empty();
}

void Context::set_stdout(std::shared_ptr<OutputSink> sink) {
  state_->out = sink != nullptr ? std::move(sink) : OutputSink::discard();
}

void Context::set_stderr(std::shared_ptr<OutputSink> sink) {
  state_->err = sink != nullptr ? std::move(sink) : OutputSink::discard();
}

void Context::inherit_stdio() {
  set_stdin(InputSource::descriptor(STDIN_FILENO));
  set_stdout(OutputSink::descriptor(STDOUT_FILENO));
  set_stderr(OutputSink::descriptor(STDERR_FILENO));
}

void Context::set_clock(std::shared_ptr<Clock> clock) {
  state_->clock = clock != nullptr ? std::move(clock) : Clock::host();
}

void Context::set_random(std::shared_ptr<Random> random) {
  if (random == nullptr) random = Random::host();
  state_->random = random;
  state_->insecure_random = std::move(random);
}

Result<void> Context::grant_outbound(std::string_view address) {
  AddressGrant grant = TENON_TRY(parse_address_grant(address));
  state_->network.outbound.push_back(std::move(grant));
  return {};
}

Result<void> Context::grant_inbound(std::string_view address) {
  AddressGrant grant = TENON_TRY(parse_address_grant(address));
  state_->network.inbound.push_back(std::move(grant));
  return {};
}

Result<void> Context::grant_resolve(std::string_view name) {
  std::string grant = TENON_TRY(parse_resolve_grant(name));
  state_->network.resolve.push_back(std::move(grant));
  return {};
}

void Context::inherit_network() {
  NetworkGrants& network = state_->network;
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    network.outbound.push_back({transport, "*", std::nullopt});
    network.inbound.push_back({transport, "*", std::nullopt});
  }
  network.resolve.emplace_back("*");
}

void Context::grant_special_ranges() {
  state_->network.special_ranges = true;
}

void Context::set_config(std::string key, std::string value) {
  state_->config.insert_or_assign(std::move(key), std::move(value));
}

void Context::set_keyvalue_file(std::string path) {
  state_->keyvalue_file = std::move(path);
}

void Context::set_max_resources(std::uint64_t most) {
  state_->quota.set_most(most);
}

void Context::set_max_random_size(std::uint64_t most) {
  state_->max_random_size = most;
}

std::uint64_t Context::open_resources() const {
  return state_->quota.used();
}

std::vector<Refusal> Context::refusals() const {
  const auto all = state_->refusals->all();
  std::vector<Refusal> out(all.begin(), all.end());
  if (state_->quota.refused()) out.push_back({Refused::resource, {}});
  return out;
}

}  // namespace tenon::wasi

// SPDX-License-Identifier: Apache-2.0
// Both outputs of a program go into one pipe, so that they stay in order and reading cannot block.
// There is no standard input and no shell. After a failure no further command of a batch is
// started.
#include "tenon/builder/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string_view>
#include <thread>

#include "tenon/builder/rules.h"

// POSIX asks the program to declare it.
extern char** environ;  // NOLINT: the one that POSIX names

namespace tenon::builder {
namespace {

Error cannot_run(const Command& command, int code) {
  return {rules::cannot_run, Span::none(),
          fmt::format("`{}`: {}", command.argv[0], std::strerror(code))};
}

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const bool replaced = std::any_of(added.begin(), added.end(), [&](const auto& pair) {
      return text.size() > pair.first.size() && text.starts_with(pair.first) &&
             text[pair.first.size()] == '=';
    });
    if (!replaced) out.emplace_back(text);
  }
  for (const auto& [name, value] : added) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (std::string& s : strings) out.push_back(s.data());
  out.push_back(nullptr);
  return out;
}

/// Starts the program with both outputs on `write_end`. Returns 0 or an errno.
int spawn(const Command& command, int write_end, pid_t& child) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, write_end, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, write_end, STDERR_FILENO);
  if (!command.cwd.empty()) posix_spawn_file_actions_addchdir_np(&actions, command.cwd.c_str());
  std::vector<std::string> argv = command.argv;
  std::vector<std::string> env = environment_with(command.env);
  const int code = posix_spawnp(&child, argv[0].c_str(), &actions, nullptr, pointers(argv).data(),
                                pointers(env).data());
  posix_spawn_file_actions_destroy(&actions);
  return code;
}

std::string read_all(int descriptor) {
  std::string out;
  char buffer[16384];
  for (;;) {
    const ssize_t n = ::read(descriptor, buffer, sizeof buffer);
    if (n > 0) {
      out.append(buffer, static_cast<std::size_t>(n));
    } else if (n == 0 || errno != EINTR) {
      return out;
    }
  }
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool is_executable_file(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

Result<Outcome> run(const Command& command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(cannot_run(command, errno));
  pid_t child = 0;
  const int code = spawn(command, ends[1], child);
  ::close(ends[1]);
  if (code != 0) {
    ::close(ends[0]);
    return std::unexpected(cannot_run(command, code));
  }
  Outcome outcome;
  outcome.output = read_all(ends[0]);
  ::close(ends[0]);
  outcome.status = wait_for(child);
  return outcome;
}

Result<std::vector<Outcome>> run_all(const std::vector<Command>& commands, unsigned jobs) {
  if (jobs == 0) jobs = std::max(1U, std::thread::hardware_concurrency());
  jobs = std::min<unsigned>(jobs, static_cast<unsigned>(commands.size()));
  std::vector<Outcome> outcomes(commands.size(), Outcome{-1, {}});
  std::vector<std::optional<Error>> errors(commands.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  const auto work = [&] {
    for (std::size_t i = next++; i < commands.size() && !failed; i = next++) {
      Result<Outcome> outcome = run(commands[i]);
      if (outcome) {
        if (!outcome->ok()) failed = true;
        outcomes[i] = std::move(*outcome);
      } else {
        failed = true;
        errors[i] = std::move(outcome).error();
      }
    }
  };
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < jobs; ++i) workers.emplace_back(work);
    work();
  }
  for (auto& error : errors) {
    if (error) return std::unexpected(std::move(*error));
  }
  return outcomes;
}

std::vector<std::string> find_programs(std::string_view name) {
  std::vector<std::string> out;
  if (name.contains('/')) {
    if (is_executable_file(std::string(name))) out.emplace_back(name);
    return out;
  }
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
  std::set<std::string> seen;
  while (!rest.empty()) {
    const auto cut = rest.find(':');
    const std::string candidate = fmt::format("{}/{}", rest.substr(0, cut), name);
    if (is_executable_file(candidate) && seen.insert(candidate).second) out.push_back(candidate);
    rest = cut == std::string_view::npos ? std::string_view() : rest.substr(cut + 1);
  }
  return out;
}

std::string find_program(std::string_view name) {
  const std::vector<std::string> all = find_programs(name);
  return all.empty() ? std::string() : all.front();
}

}  // namespace tenon::builder

// SPDX-License-Identifier: Apache-2.0
// Runs one golden file. Its first lines are commands, each behind a comment mark:
//   // RUN: wit print %          the command must succeed
//   // FAIL: wit check %         it must end with exit code 1; `FAIL(2):` names another code
// `tenon` is put before each and may stand in pipes; `%` is the file's own name, `%t` an empty
// folder that is removed afterwards. What the commands print, one after the other, is compared with
// FILE.stdout and FILE.stderr beside the file. TENON_BLESS=1 writes those instead.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Command {
  int code = 0;
  std::string line;
};

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// `// RUN: …`, `;; FAIL(2): …`, `# RUN: …`; nothing for any other line.
std::optional<Command> command_of(std::string_view line) {
  const auto start = line.find_first_not_of("/;# \t");
  if (start == std::string_view::npos || start == 0) return std::nullopt;
  line.remove_prefix(start);
  Command command;
  if (line.starts_with("RUN:")) {
    line.remove_prefix(4);
  } else if (line.starts_with("FAIL:")) {
    command.code = 1;
    line.remove_prefix(5);
  } else if (line.starts_with("FAIL(")) {
    const auto close = line.find("):");
    if (close == std::string_view::npos) return std::nullopt;
    command.code = std::atoi(std::string(line.substr(5, close - 5)).c_str());
    line.remove_prefix(close + 2);
  } else {
    return std::nullopt;
  }
  command.line = line;
  if (!command.line.empty() && command.line.back() == '\r') command.line.pop_back();
  return command;
}

std::vector<Command> commands_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<Command> out;
  for (std::string line; std::getline(in, line);) {
    auto command = command_of(line);
    if (!command) break;
    out.push_back(std::move(*command));
  }
  return out;
}

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome run(const Command& command, const fs::path& tenon, const fs::path& file,
            const fs::path& temp) {
  std::string line = "tenon" + command.line;
  replace_all(line, "%t", temp.string());
  replace_all(line, "%", file.filename().string());
  const fs::path out = temp.string() + ".out";
  const fs::path err = temp.string() + ".err";
  const std::string shell = "PATH='" + tenon.parent_path().string() + "':\"$PATH\"; { " + line +
                            "\n} >'" + out.string() + "' 2>'" + err.string() + "' </dev/null";
  const int status = std::system(shell.c_str());
  Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read(out),
                  read(err)};
  fs::remove(out);
  fs::remove(err);
  for (std::string* text : {&outcome.out, &outcome.err}) replace_all(*text, temp.string(), "%t");
  return outcome;
}

bool compare(const fs::path& expected_file, const std::string& actual, bool bless) {
  const bool there = fs::exists(expected_file);
  if (bless) {
    if (actual.empty()) {
      fs::remove(expected_file);
    } else if (!there || read(expected_file) != actual) {
      std::ofstream(expected_file, std::ios::binary) << actual;
    }
    return true;
  }
  const std::string expected = there ? read(expected_file) : std::string();
  if (expected == actual) return true;
  std::fprintf(stderr, "%s differs\n--- expected\n%s--- found\n%s---\n", expected_file.c_str(),
               expected.c_str(), actual.c_str());
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: golden_test TENON FILE\n");
    return 2;
  }
  const fs::path tenon = fs::absolute(argv[1]);
  const fs::path file = fs::absolute(argv[2]);
  const char* bless_says = std::getenv("TENON_BLESS");
  const bool bless = bless_says != nullptr && *bless_says == '1';
  // The words of messages must not depend on who runs the test.
  ::setenv("NO_COLOR", "1", 1);
  ::setenv("LC_ALL", "C.UTF-8", 1);
  const std::vector<Command> commands = commands_of(file);
  if (commands.empty()) {
    std::fprintf(stderr, "%s: the first line is no RUN: or FAIL:\n", file.c_str());
    return 2;
  }
  fs::current_path(file.parent_path());
  std::string pattern = (fs::temp_directory_path() / "tenon_golden_XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    std::perror("mkdtemp");
    return 2;
  }
  const fs::path temp = pattern;
  // What builds keep does not depend on who runs the test either, nor is it left there.
  const std::string cache = pattern + ".cache";
  ::setenv("XDG_CACHE_HOME", cache.c_str(), 1);
  bool good = true;
  std::string out;
  std::string err;
  for (const Command& command : commands) {
    const Outcome outcome = run(command, tenon, file, temp);
    out += outcome.out;
    err += outcome.err;
    if (outcome.code == command.code) continue;
    good = false;
    std::fprintf(stderr, "`tenon%s` ended with %d, wanted %d\n%s", command.line.c_str(),
                 outcome.code, command.code, outcome.err.c_str());
  }
  fs::remove_all(temp);
  fs::remove_all(cache);
  good &= compare(file.string() + ".stdout", out, bless);
  good &= compare(file.string() + ".stderr", err, bless);
  return good ? 0 : 1;
}

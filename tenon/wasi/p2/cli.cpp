// SPDX-License-Identifier: Apache-2.0

// wasi:cli, the imports of a command. All handles of standard output share what is not written yet,
// so that their bytes keep their order; a guest that ends by `exit` ends once they are written.
// Spec: wasi:cli/environment, exit, stdin, stdout, stderr, terminal-*.
#include "tenon/wasi/p2/io.h"

namespace tenon::wasi::p2 {
namespace {

struct Environment : Interface {
  using Interface::Interface;
  [[nodiscard]] std::vector<std::tuple<std::string, std::string>> get_environment() const {
    if (host.state().env.empty()) host.state().refusals->note(Refused::environment);
    std::vector<std::tuple<std::string, std::string>> out;
    for (const auto& [name, value] : host.state().env) out.emplace_back(name, value);
    return out;
  }
  [[nodiscard]] std::vector<std::string> get_arguments() const { return host.state().args; }
  [[nodiscard]] std::optional<std::string> initial_cwd() const { return host.state().cwd; }
};

struct Exiting : Interface {
  using Interface::Interface;
  void exit(std::expected<void, std::monostate> status) const {
    exit_with_code(status.has_value() ? 0 : 1);
  }
  void exit_with_code(std::uint8_t status_code) const {
    host.finish();
    throw Exit{status_code};
  }
};

class StandardInput final : public Source {
 public:
  explicit StandardInput(std::shared_ptr<InputSource> source) : source_(std::move(source)) {}
  IoResult<std::size_t> read(std::span<std::uint8_t> bytes) override {
    return source_->read(bytes);
  }
  bool collect(WaitSet& set) override {
    if (source_->wait_fd() < 0) return true;
    set.descriptor(source_->wait_fd(), true, false);
    return false;
  }

 private:
  std::shared_ptr<InputSource> source_;
};

struct Streams : Interface {
  using Interface::Interface;
  [[nodiscard]] std::unique_ptr<streams::input_stream> get_stdin() const {
    return std::make_unique<Input>(host, std::make_shared<StandardInput>(host.state().in),
                                   host.token());
  }
  [[nodiscard]] std::unique_ptr<streams::output_stream> get_stdout() const {
    return std::make_unique<OutputStream>(host.out(), host.token());
  }
  [[nodiscard]] std::unique_ptr<streams::output_stream> get_stderr() const {
    return std::make_unique<OutputStream>(host.err(), host.token());
  }
};

class TerminalInput final : public api::cli::terminal_input::terminal_input {
 public:
  explicit TerminalInput(Quota::Token token) : token_(std::move(token)) {}

 private:
  Quota::Token token_;
};

class TerminalOutput final : public api::cli::terminal_output::terminal_output {
 public:
  explicit TerminalOutput(Quota::Token token) : token_(std::move(token)) {}

 private:
  Quota::Token token_;
};

struct Terminals : Interface {
  using Interface::Interface;
  using In = std::unique_ptr<api::cli::terminal_input::terminal_input>;
  using Out = std::unique_ptr<api::cli::terminal_output::terminal_output>;
  [[nodiscard]] std::optional<In> get_terminal_stdin() const {
    if (!host.state().in->is_terminal()) return std::nullopt;
    return std::make_unique<TerminalInput>(host.token());
  }
  [[nodiscard]] std::optional<Out> get_terminal_stdout() const { return of(*host.state().out); }
  [[nodiscard]] std::optional<Out> get_terminal_stderr() const { return of(*host.state().err); }

 private:
  [[nodiscard]] std::optional<Out> of(const OutputSink& sink) const {
    if (!sink.is_terminal()) return std::nullopt;
    return std::make_unique<TerminalOutput>(host.token());
  }
};

}  // namespace

Result<void> add_cli(Linker& linker) {
  TENON_TRY(api::cli::environment::add_to_linker(linker, Find<Environment>()));
  TENON_TRY(api::cli::exit::add_to_linker(linker, Find<Exiting>()));
  TENON_TRY(api::cli::stdin_::add_to_linker(linker, Find<Streams>()));
  TENON_TRY(api::cli::stdout_::add_to_linker(linker, Find<Streams>()));
  TENON_TRY(api::cli::stderr_::add_to_linker(linker, Find<Streams>()));
  TENON_TRY(api::cli::terminal_input::add_to_linker(linker, Find<Interface>()));
  TENON_TRY(api::cli::terminal_output::add_to_linker(linker, Find<Interface>()));
  TENON_TRY(api::cli::terminal_stdin::add_to_linker(linker, Find<Terminals>()));
  TENON_TRY(api::cli::terminal_stdout::add_to_linker(linker, Find<Terminals>()));
  TENON_TRY(api::cli::terminal_stderr::add_to_linker(linker, Find<Terminals>()));
  return {};
}

}  // namespace tenon::wasi::p2

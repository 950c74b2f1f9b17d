// SPDX-License-Identifier: Apache-2.0
#include "suite.h"

namespace cases {

void say(const std::string& text) {
  const auto out = wasi::cli::stdout_::get_stdout();
  (void)write_all(out, bytes(text + "\n"));
  (void)out.blocking_flush();
}

std::string write_all(const streams::output_stream& to, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto permit = to.check_write();
    if (!permit) return kind(permit.error());
    if (*permit == 0) {
      to.subscribe().block();
      continue;
    }
    const auto now = bytes.first(std::min<std::size_t>(bytes.size(), *permit));
    if (const auto done = to.write(now); !done) return kind(done.error());
    bytes = bytes.subspan(now.size());
  }
  return code(to.blocking_flush());
}

std::string read_all(const streams::input_stream& from) {
  std::string out;
  for (;;) {
    const auto got = from.blocking_read(10'000);
    if (!got) return out + (kind(got.error()) == "closed" ? "" : "(failed)");
    out += text(*got);
  }
}

}  // namespace cases

struct Suite {
  static std::expected<void, std::monostate> run() {
    const auto args = suite::wasi::cli::environment::get_arguments();
    const std::string_view wanted = args.size() > 1 ? std::string_view(args[1]) : "list";
    for (const auto& group :
         {cases::of_streams(), cases::of_files(), cases::of_tcp(), cases::of_udp()}) {
      for (const auto& one : group) {
        if (wanted == "list") cases::say(std::string(one.name));
        if (wanted != one.name) continue;
        one.run();
        return {};
      }
    }
    if (wanted == "list") return {};
    return std::unexpected(std::monostate());
  }
};
TENON_EXPORT_suite(Suite);

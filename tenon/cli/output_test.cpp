// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "tenon/base/file.h"
#include "tenon/base/rules.h"
#include "tenon/cli/rules.h"

namespace tenon::cli {
namespace {

/// Puts another file in place of standard output, and the old one back.
class StdoutTo {
 public:
  explicit StdoutTo(int descriptor) : old_(::dup(STDOUT_FILENO)) {
    if (old_ < 0) throw std::runtime_error("no descriptor is left");
    std::fflush(stdout);
    ::dup2(descriptor, STDOUT_FILENO);
  }
  ~StdoutTo() {
    ::dup2(old_, STDOUT_FILENO);
    ::close(old_);
  }
  StdoutTo(const StdoutTo&) = delete;
  StdoutTo& operator=(const StdoutTo&) = delete;

 private:
  int old_;
};

constexpr std::array<std::uint8_t, 4> bytes = {0, 'a', 's', 'm'};

TEST(Output, KeepsBinariesFromTheTerminal) {
  const int controller = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (controller < 0 || ::grantpt(controller) != 0 || ::unlockpt(controller) != 0)
    GTEST_SKIP() << "no terminals here";
  const int terminal = ::open(::ptsname(controller), O_RDWR | O_NOCTTY);
  if (terminal < 0) GTEST_SKIP() << "no terminals here";
  const Context context;
  ::testing::internal::CaptureStderr();
  int code = 0;
  {
    const StdoutTo to(terminal);
    code = write_binary(context, std::nullopt, bytes);
  }
  EXPECT_EQ(code, exit_internal);
  EXPECT_NE(::testing::internal::GetCapturedStderr().find(rules::binary_to_terminal.id),
            std::string::npos);
  ::close(terminal);
  ::close(controller);
}

TEST(Output, SaysThatADiskIsFull) {
  const int full = ::open("/dev/full", O_WRONLY);
  if (full < 0) GTEST_SKIP() << "no /dev/full here";
  const Context context;
  ::testing::internal::CaptureStderr();
  int code = 0;
  {
    const StdoutTo to(full);
    code = write_binary(context, std::nullopt, bytes);
  }
  ::close(full);
  EXPECT_EQ(code, exit_internal);
  EXPECT_NE(::testing::internal::GetCapturedStderr().find(tenon::rules::file_unwritable.id),
            std::string::npos);
  EXPECT_EQ(write_binary(context, "/dev/full", bytes), exit_internal);
}

TEST(Input, OfADeviceWithoutAnEndIsCutShort) {
  const auto zeros = read_file("/dev/zero");
  ASSERT_FALSE(zeros);
  EXPECT_EQ(zeros.error().rule().id, tenon::rules::file_too_large.id);
  const auto nothing = read_file("/dev/null");
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->empty());
}

}  // namespace
}  // namespace tenon::cli

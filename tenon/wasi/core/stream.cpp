// SPDX-License-Identifier: Apache-2.0
// Descriptors that the process was given are shared with others: a parent's shell reads the same
// terminal. So no flag of theirs is changed. Before each operation `poll` tells whether it would
// block, and what is written to a pipe at a time has room in it.
#include "tenon/wasi/core/stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace tenon::wasi {
namespace {

class TextSource final : public InputSource {
 public:
  explicit TextSource(std::string bytes) : bytes_(std::move(bytes)) {}
  IoResult<std::size_t> read(std::span<std::uint8_t> bytes) override {
    const std::size_t n = std::min(bytes.size(), bytes_.size() - at_);
    if (n != 0) std::memcpy(bytes.data(), bytes_.data() + at_, n);
    at_ += n;
    return n;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

/// Whether an operation would not block. A descriptor that is broken does not: its use tells.
bool is_ready(int fd, short events) {
  pollfd entry{fd, events, 0};
  while (true) {
    const int n = ::poll(&entry, 1, 0);
    if (n < 0 && errno == EINTR) continue;
    return n != 0;
  }
}

class DescriptorSource final : public InputSource {
 public:
  explicit DescriptorSource(int fd) : fd_(fd), terminal_(::isatty(fd) != 0) {}
  IoResult<std::size_t> read(std::span<std::uint8_t> bytes) override {
    if (!bytes.empty() && !is_ready(fd_, POLLIN)) return fail(ErrorCode::would_block);
    while (true) {
      const ssize_t n = ::read(fd_, bytes.data(), bytes.size());
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) return last_error();
    }
  }
  int wait_fd() const override { return fd_; }
  std::uint64_t available() override {
    if (!is_ready(fd_, POLLIN)) return 0;
    int n = 0;
    return ::ioctl(fd_, FIONREAD, &n) == 0 && n > 0 ? static_cast<std::uint64_t>(n) : 1;
  }
  bool is_terminal() const override { return terminal_; }

 private:
  int fd_;
  bool terminal_;
};

class DiscardSink final : public OutputSink {
 public:
  IoResult<std::size_t> write(ByteSpan bytes) override { return bytes.size(); }
};

class ClosedSink final : public OutputSink {
 public:
  IoResult<std::size_t> write(ByteSpan /*bytes*/) override {
    return fail(ErrorCode::bad_descriptor);
  }
};

/// A descriptor that is closed gives its number to the next file that is opened, such as the image
/// of a guest's memory: it is never used, so that a guest that is granted it has no other file.
bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0 || errno != EBADF;
}

class CaptureSink final : public OutputSink {
 public:
  explicit CaptureSink(std::shared_ptr<Capture> into) : into_(std::move(into)) {}
  IoResult<std::size_t> write(ByteSpan bytes) override { return into_->write(bytes); }

 private:
  std::shared_ptr<Capture> into_;
};

class DescriptorSink final : public OutputSink {
 public:
  explicit DescriptorSink(int fd) : fd_(fd), terminal_(::isatty(fd) != 0) {
    struct stat info{};
    regular_ = ::fstat(fd, &info) == 0 && (S_ISREG(info.st_mode) || S_ISBLK(info.st_mode));
  }
  ~DescriptorSink() override {
    if (terminal_ && pending_.empty()) pending_ = filter_.finish();
    flush();
  }

  IoResult<std::size_t> write(ByteSpan bytes) override {
    if (!terminal_) return put(bytes);
    // What was made of earlier bytes goes first: it was taken already.
    if (!flush()) return fail(ErrorCode::would_block);
    const ByteSpan taken = bytes.first(std::min<std::size_t>(bytes.size(), PIPE_BUF));
    pending_ = filter_.filter({reinterpret_cast<const char*>(taken.data()), taken.size()});
    flush();
    return taken.size();
  }
  int wait_fd() const override { return regular_ ? -1 : fd_; }
  bool is_terminal() const override { return terminal_; }

 private:
  /// True: nothing is left.
  bool flush() {
    while (!pending_.empty()) {
      const auto done =
          put({reinterpret_cast<const std::uint8_t*>(pending_.data()), pending_.size()});
      if (!done) {
        if (done.error() == ErrorCode::would_block) return false;
        pending_.clear();
        return true;
      }
      pending_.erase(0, *done);
    }
    return true;
  }
  IoResult<std::size_t> put(ByteSpan bytes) {
    if (bytes.empty()) return 0;
    if (!regular_) {
      if (no_wait_) {
        const iovec part{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
        const ssize_t n = ::pwritev2(fd_, &part, 1, -1, RWF_NOWAIT);
        if (n > 0) return static_cast<std::size_t>(n);
        if (n < 0 && errno == EPIPE) return fail(ErrorCode::pipe);
        if (n < 0 && errno == EAGAIN) return fail(ErrorCode::would_block);
        no_wait_ = false;
      }
      // A pipe that is ready for writing has room for so much.
      if (!is_ready(fd_, POLLOUT)) return fail(ErrorCode::would_block);
      bytes = bytes.first(std::min<std::size_t>(bytes.size(), PIPE_BUF));
    }
    while (true) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) return last_error();
    }
  }

  int fd_;
  bool terminal_;
  bool regular_ = false;
  /// Until the system says that this kind of descriptor does not know `RWF_NOWAIT`.
  bool no_wait_ = true;
  TerminalFilter filter_;
  std::string pending_;
};

/// Bytes of the scalar value that begins so; 0: none does.
std::size_t utf8_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Whether so far it can be UTF-8: the second byte of some leads has a range of its own.
bool may_continue(std::string_view begun, unsigned char next) {
  if (next < 0x80 || next > 0xBF) return false;
  if (begun.size() != 1) return true;
  switch (static_cast<unsigned char>(begun[0])) {
    case 0xE0:
      return next >= 0xA0;
    case 0xED:
      return next < 0xA0;
    case 0xF0:
      return next >= 0x90;
    case 0xF4:
      return next < 0x90;
    default:
      return true;
  }
}

}  // namespace

std::string TerminalFilter::filter(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (!begun_.empty()) {
      if (may_continue(begun_, byte)) {
        begun_ += c;
        if (begun_.size() < utf8_length(static_cast<unsigned char>(begun_[0]))) continue;
        const bool c1 = begun_[0] == '\xC2' && byte < 0xA0;
        out += c1 ? replacement : std::string_view(begun_);
        begun_.clear();
        continue;
      }
      out += replacement;
      begun_.clear();
    }
    if (byte == '\n' || byte == '\r' || byte == '\t' || (byte >= 0x20 && byte < 0x7F)) {
      out += c;
    } else if (byte < 0x20) {
      out += "\xE2\x90";
      out += static_cast<char>(0x80 + byte);
    } else if (byte == 0x7F) {
      out += "\xE2\x90\xA1";
    } else if (utf8_length(byte) == 0) {
      out += replacement;
    } else {
      begun_ = c;
    }
  }
  return out;
}

std::string TerminalFilter::finish() {
  std::string out(begun_.empty() ? std::string_view() : replacement);
  begun_.clear();
  return out;
}

IoResult<std::size_t> Capture::write(ByteSpan bytes) {
  const std::size_t n = std::min(bytes.size(), most_ - text_.size());
  if (n == 0 && !bytes.empty()) return fail(ErrorCode::insufficient_space);
  text_.append(reinterpret_cast<const char*>(bytes.data()), n);
  return n;
}

std::shared_ptr<InputSource> InputSource::empty() {
  return text({});
}
std::shared_ptr<InputSource> InputSource::text(std::string bytes) {
  return std::make_shared<TextSource>(std::move(bytes));
}
std::shared_ptr<InputSource> InputSource::descriptor(int fd) {
  if (!is_open(fd)) return empty();
  return std::make_shared<DescriptorSource>(fd);
}

std::shared_ptr<OutputSink> OutputSink::discard() {
  return std::make_shared<DiscardSink>();
}
std::shared_ptr<OutputSink> OutputSink::capture(std::shared_ptr<Capture> into) {
  if (into == nullptr) return discard();
  return std::make_shared<CaptureSink>(std::move(into));
}
std::shared_ptr<OutputSink> OutputSink::descriptor(int fd) {
  if (!is_open(fd)) return std::make_shared<ClosedSink>();
  return std::make_shared<DescriptorSink>(fd);
}

}  // namespace tenon::wasi

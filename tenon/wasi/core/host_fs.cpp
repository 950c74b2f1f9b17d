// SPDX-License-Identifier: Apache-2.0
#include "tenon/wasi/core/host_fs.h"

namespace tenon::wasi {

IoResult<DescriptorPtr> open_host_directory(const std::string&, const HostDirectoryOptions&) {
  return fail(ErrorCode::unsupported);
}

}  // namespace tenon::wasi

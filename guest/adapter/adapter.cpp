// SPDX-License-Identifier: Apache-2.0
// WASI preview1 over WASI 0.2, as a core module that lives in the memory of the program it serves:
// it has no memory, no data and no start function of its own. All of it is one translation unit, so
// that what a program does not reach is left out.
//
// ADAPTER_COMMAND: the program is run from `_start` to its end. ADAPTER_FILES: it can open files.
// ADAPTER_EXIT_CODES: its exit status is told by `exit-with-code`.
#include "clocks.cpp"
#include "descriptors.cpp"
#include "errors.cpp"
#include "fd.cpp"
#include "file_io.cpp"
#include "files.cpp"
#include "memory.cpp"
#include "path.cpp"
#include "poll.cpp"
#include "process.cpp"
#include "readdir.cpp"
#include "release.cpp"
#include "stream_io.cpp"

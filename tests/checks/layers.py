#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/check_layers.py finds each kind of fault, in trees of a few files that have it, and nothing in trees that have none."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check_layers.py"
BASE = """tenon_library(base
  HEADERS error.h rules.def  # public
  SHARED_HEADERS ascii.h
  SOURCES error.cpp)
"""
TREE = {
    "tenon/base/CMakeLists.txt": BASE,
    "tenon/base/error.h": "#pragma once\n",
    "tenon/base/ascii.h": "#pragma once\n",
    "tenon/base/rules.def": "",
    "tenon/base/secret.h": "#pragma once\n",
    "tenon/base/secret_test.h": "#pragma once\n",
    "tenon/core/CMakeLists.txt": "tenon_library(core\n  HEADERS module.h\n  SOURCES module.cpp)\n",
    "tenon/core/module.h": '#include "tenon/base/error.h"\n',
}


def include(*names):
    return "".join(f"#include {name}\n" if name[0] == "<" else f'#include "tenon/{name}"\n' for name in names)


class Layers(unittest.TestCase):
    def check(self, **files):
        """What is said of the tree with these files: `core__a_cpp` is tenon/core/a.cpp."""
        with tempfile.TemporaryDirectory() as root:
            added = {"tenon/" + name.replace("__", "/")[::-1].replace("_", ".", 1)[::-1]: text for name, text in files.items()}
            for name, text in {**TREE, **added}.items():
                path = pathlib.Path(root) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            ran = subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True)
            self.assertEqual(ran.stderr, "")
            self.assertEqual(ran.returncode, 1 if ran.stdout else 0)
            return ran.stdout

    def test_a_tree_without_faults(self):
        self.assertEqual(self.check(), "")

    def test_public_and_shared_headers_of_a_room_below(self):
        self.assertEqual(self.check(core__a_cpp=include("base/error.h", "base/ascii.h", "base/rules.def", "core/module.h")), "")

    def test_an_arrow_that_points_upward(self):
        self.assertIn("tenon/base/a.cpp: `base` includes tenon/core/module.h", self.check(base__a_cpp=include("core/module.h")))

    def test_a_private_header_of_another_room(self):
        self.assertIn("tenon/core/a.cpp: tenon/base/secret.h is private", self.check(core__a_cpp=include("base/secret.h")))
        self.assertIn("tenon/core/a_test.cpp: tenon/base/secret.h", self.check(core__a_test_cpp=include("base/secret.h")))
        self.assertEqual(self.check(base__a_cpp=include("base/secret.h")), "")

    def test_a_shared_header_that_is_not_there(self):
        with_gone = BASE.replace("ascii.h", "ascii.h gone.h")
        self.assertIn("it names gone.h, and there is no such file", self.check(**{"base__CMakeLists_txt": with_gone}))

    def test_helpers_of_tests_are_for_tests(self):
        self.assertEqual(self.check(core__a_test_cpp=include("base/secret_test.h")), "")
        self.assertIn("is private", self.check(core__a_cpp=include("base/secret_test.h")))

    def test_a_public_header_that_includes_what_is_not_installed(self):
        for name in ("base/ascii.h", "base/secret.h"):
            self.assertIn(f"tenon/base/error.h: it is public and includes tenon/{name}", self.check(base__error_h=include(name)))
        self.assertIn("tenon/core/module.h: it is public", self.check(core__module_h=include("base/ascii.h")))

    def test_calls_of_the_system(self):
        for header in ("<unistd.h>", "<sys/stat.h>", "<sys/socket.h>", "<filesystem>", "<fstream>", "<thread>", "<netdb.h>",
                       "<spawn.h>", "<linux/openat2.h>", "<csignal>"):
            self.assertIn(f"tenon/core/a.cpp: `{header[1:-1]}`", self.check(core__a_cpp=include(header)))
            self.assertEqual(self.check(cli__a_cpp=include(header)), "")
            self.assertEqual(self.check(base__file_cpp=include(header)), "")
        self.assertIn("`getenv`: it may not use the environment", self.check(core__a_cpp='auto x = std::getenv("HOME");\n'))
        self.assertIn("tenon/core/a.cpp: `fopen(`", self.check(core__a_cpp='auto x = std::fopen("a", "r");\n'))

    def test_words_and_comments_call_nothing(self):
        self.assertEqual(self.check(core__a_cpp='auto x = "getenv()";  // getenv("HOME")\n'), "")

    def test_a_file_may_do_what_is_said_of_it_alone(self):
        self.assertEqual(self.check(core__validate_cpp=include("<thread>")), "")
        self.assertIn("may not use files", self.check(core__validate_cpp=include("<filesystem>")))
        self.assertIn("may not use threads", self.check(wit__load_cpp=include("<thread>")))
        # Another file of that name, in another room.
        self.assertIn("may not use threads", self.check(component__validate_cpp=include("<thread>")))

    def test_a_file_that_enters_a_tier(self):
        interp = include("engine/interp/exec.h")
        self.assertEqual(self.check(engine__invoke_cpp=interp, engine__a_test_cpp=interp), "")
        self.assertIn("tenon/engine/a.cpp: it includes", self.check(engine__a_cpp=interp))
        for name in ("runtime__invoke_cpp", "runtime__a_test_cpp"):
            self.assertIn("goes by tenon/engine/code.h", self.check(**{name: interp}))

    def test_a_folder_that_is_no_room(self):
        self.assertIn("`llvm` is no room", self.check(llvm__a_cpp=""))

    def test_fmt_in_a_header(self):
        self.assertIn("fmt stands in .cpp files only", self.check(core__a_h=include("<fmt/format.h>")))


unittest.main()

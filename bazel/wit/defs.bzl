# SPDX-License-Identifier: Apache-2.0
"""Rules for WIT: packages, bindings, documentation."""

load("//private:wit_library.bzl", _wit_library = "wit_library")

wit_library = _wit_library

# SPDX-License-Identifier: Apache-2.0
"""What the rooms say of their headers, in `tenon_library(…)`: HEADERS are public and installed, SHARED_HEADERS are for other
rooms of tenon, all others are the room's own."""
import re


def lists(text):
    """The names after each keyword of the `tenon_library(…)` in a CMakeLists.txt."""
    text = re.sub(r"#.*", "", text)
    call = re.search(r"\btenon_library\((.*?)\)", text, re.S)
    out, keyword = {}, None
    for word in call.group(1).split() if call else []:
        if re.fullmatch(r"[A-Z_]+", word):
            keyword = word
            out.setdefault(keyword, [])
        elif keyword:
            out[keyword].append(word)
    return out


def headers(root, *keywords):
    """The files that the rooms name after these keywords (`HEADERS`, `SHARED_HEADERS`)."""
    for path in sorted((root / "tenon").glob("*/CMakeLists.txt")):
        named = lists(path.read_text(encoding="utf-8"))
        for keyword in keywords:
            for name in named.get(keyword, []):
                yield path.parent / name

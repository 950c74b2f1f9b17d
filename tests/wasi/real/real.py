# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
import random
import sys
import time

import wit_world
from componentize_py_types import Err


class WitWorld(wit_world.WitWorld):
    def greet(self, name):
        print("greeting", name)
        print("to stderr", file=sys.stderr)
        facts = {"clock": time.time() > 0, "random": random.random() < 1, "hash": hashlib.sha256(name.encode()).hexdigest()}
        return f"Hello, {name}! {json.dumps(facts)}"

    def total(self, values):
        return sum(values)

    def count_lines(self, path):
        try:
            with open(path, "a", encoding="utf-8") as file:
                file.write("line\n" * 1000)
            with open(path, encoding="utf-8") as file:
                return len(file.readlines())
        except OSError as error:
            raise Err(str(error)) from error

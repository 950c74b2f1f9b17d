# SPDX-License-Identifier: Apache-2.0
"""Random core modules with structures, arrays, casts, function references and exceptions, as WAT.

A module exports `f`, which runs a handful of functions of random statements over typed locals. Loops are
counted, and some allocate enough for collections to happen while the locals hold what must live. Most
programs end with a value, some with a trap.
"""
import random

STRUCTS = {
    "s0": ["i32", "i64"],
    "s1": ["i32", "i64", "ref s0"],
    "s2": ["i32", "i64", "ref s0", "f64", "i8", "ref any"],
    "s3": ["i16", "ref a2", "ref s3", "i64"],
}
ABOVE = {"s1": "s0", "s2": "s1"}
ARRAYS = {"a0": "i32", "a1": "i8", "a2": "ref any", "a3": "ref s0", "a4": "i64"}
HEAP = [*STRUCTS, *ARRAYS, "any", "eq", "i31"]
PACKED = {"i8": "i32", "i16": "i32"}
HELPERS = 3
LOCALS = ["i32"] * 3 + ["i64"] * 2 + ["f64"] + [f"ref {heap}" for heap in HEAP] + ["ref s0", "ref a2", "ref s3"]


def spelled(t):
    if not t.startswith("ref "):
        return t
    heap = t[4:]
    return f"(ref null ${heap})" if heap in STRUCTS or heap in ARRAYS else f"(ref null {heap})"


def prelude():
    lines = []
    for name, fields in STRUCTS.items():
        above = f"${ABOVE[name]} " if name in ABOVE else ""
        body = " ".join(f"(field (mut {spelled(field)}))" for field in fields)
        lines.append(f"(type ${name} (sub {above}(struct {body})))")
    lines += [f"(type ${name} (array (mut {spelled(element)})))" for name, element in ARRAYS.items()]
    lines.append("(type $h (func (param i32 (ref null any) (ref null $s0)) (result i64)))")
    return "(rec " + "\n ".join(lines) + ")"


class Program:
    def __init__(self, chance):
        self.chance = chance
        self.counters = 0

    def pick(self, *choices):
        return self.chance.choice(choices)()

    def local(self, t):
        return self.chance.choice([i for i, have in enumerate(LOCALS) if have == t])

    def constant(self, t):
        chance = self.chance
        if t == "i32":
            return f"(i32.const {chance.choice([0, 1, 2, 3, -1, 7, 255, 256, 65535, -2147483648, 2147483647, chance.randrange(1000)])})"
        if t == "i64":
            return f"(i64.const {chance.choice([0, 1, -1, 3, 1 << 32, -(1 << 63), (1 << 63) - 1])})"
        if t == "f64":
            return f"(f64.const {chance.choice([0, 1, -0.5, 3.25, 1e10])})"
        heap = t[4:]
        return f"(ref.null ${heap})" if heap in STRUCTS or heap in ARRAYS else f"(ref.null {heap})"

    def expr(self, t, depth):
        if depth <= 0:
            often = 9 if t.startswith("ref ") else 2  # a null ends most programs too early
            return self.pick(*[lambda: f"(local.get {self.local(t)})"] * often, lambda: self.constant(t))
        e = lambda other: self.expr(other, depth - 1)  # noqa: E731
        general = [lambda: f"(local.get {self.local(t)})", lambda: f"(local.tee {self.local(t)} {e(t)})",
                   lambda: f"(select (result {spelled(t)}) {e(t)} {e(t)} {e('i32')})",
                   lambda: f"(if (result {spelled(t)}) {e('i32')} (then {e(t)}) (else {e(t)}))",
                   lambda: f"(block (result {spelled(t)}) {self.statement(depth - 1)} (br_if 0 {e(t)} {e('i32')}))"]
        own = self.numbers(t, e) if t in ("i32", "i64", "f64") else self.references(t[4:], e)
        own += self.reads(t, e)
        return self.pick(*general, *own, *own)

    def numbers(self, t, e):
        chance = self.chance
        if t == "f64":
            return [lambda: f"(f64.{chance.choice(['add', 'sub', 'mul', 'min', 'max'])} {e('f64')} {e('f64')})",
                    lambda: f"(f64.convert_i32_s {e('i32')})"]
        ops = [lambda: f"({t}.{chance.choice(['add', 'sub', 'mul', 'xor', 'and', 'or', 'shl', 'shr_u', 'rotl'])} {e(t)} {e(t)})",
               lambda: f"({t}.{chance.choice(['clz', 'popcnt', 'extend8_s'])} {e(t)})"]
        if t == "i64":
            return [*ops, lambda: f"(i64.extend_i32_s {e('i32')})", lambda: self.call(e), lambda: self.call(e)]
        return [*ops, lambda: f"(i32.wrap_i64 {e('i64')})", lambda: f"(i32.trunc_sat_f64_s {e('f64')})",
                lambda: f"(i64.lt_s {e('i64')} {e('i64')})",
                lambda: f"(ref.eq {e('ref eq')} {e('ref eq')})", lambda: f"(ref.is_null {self.any(e)})",
                lambda: f"(ref.test {self.target()} {e('ref any')})",
                lambda: f"(i31.get_{chance.choice('su')} (ref.i31 {e('i32')}))", lambda: f"(array.len {self.safe(chance.choice(list(ARRAYS)), e)})"]

    def call(self, e):
        arguments = f"{e('i32')} {e('ref any')} {e('ref s0')}"
        return self.chance.choice([f"(call $h{self.chance.randrange(HELPERS)} {arguments})",
                                   f"(call_ref $h {arguments} (ref.func $h{self.chance.randrange(HELPERS)}))",
                                   f"(call_indirect (type $h) {arguments} (i32.const {self.chance.randrange(HELPERS)}))"])

    def any(self, e):
        return e("ref " + self.chance.choice(HEAP))

    def target(self):
        heap = self.chance.choice(HEAP)
        null = self.chance.choice(["null ", ""])
        return f"(ref {null}{'$' if heap in STRUCTS or heap in ARRAYS else ''}{heap})"

    def safe(self, heap, e):
        """A reference to read through; seldom null, which would end most programs at once."""
        value = e("ref " + heap)
        if self.chance.random() < 0.03:
            return value
        return (f"(if (result (ref null ${heap})) (ref.is_null (local.tee $at_{heap} {value})) (then (local.get $safe_{heap})) "
                f"(else (local.get $at_{heap})))")

    def index(self, e):
        return f"(i32.and {e('i32')} (i32.const {self.chance.choice([0, 1, 3, 7])}))"

    def new(self, heap, e):
        if heap in STRUCTS:
            parts = " ".join(e(PACKED.get(field, field)) for field in STRUCTS[heap])
            return self.chance.choice([f"(struct.new ${heap} {parts})", f"(struct.new_default ${heap})"])
        element = e(PACKED.get(ARRAYS[heap], ARRAYS[heap]))
        size = self.chance.choice([0, 8, 8, 8, 40, 40, 1000])
        return self.chance.choice([f"(array.new ${heap} {element} (i32.const {size}))", f"(array.new_default ${heap} (i32.const {size}))",
                                   f"(array.new_fixed ${heap} 8 {' '.join([element] * 8)})" if len(element) < 400 else f"(array.new ${heap} {element} (i32.const 9))"])

    def references(self, heap, e):
        chance = self.chance
        if heap == "i31":
            return [lambda: f"(ref.i31 {e('i32')})", lambda: f"(ref.cast (ref null i31) {self.converted(e)})"]
        if heap in ("any", "eq"):
            return [lambda: self.any_of(heap, e)] * 3 + [lambda: f"(ref.i31 {e('i32')})"]
        below = [heap, *(name for name in ABOVE if ABOVE[name] == heap or ABOVE.get(ABOVE[name]) == heap)]
        return [lambda: self.new(chance.choice(below), e), lambda: self.new(heap, e),
                lambda: f"(ref.cast (ref null ${heap}) (block (result (ref null any)) {e('ref ' + chance.choice(below))}))",
                lambda: f"(block (result (ref null ${heap})) (drop (br_on_cast 0 anyref (ref null ${heap}) {e('ref any')})) {e('ref ' + heap)})"]

    def converted(self, e):
        return f"(any.convert_extern (extern.convert_any (ref.i31 {e('i32')})))"

    def any_of(self, heap, e):
        return self.expr("ref " + self.chance.choice([h for h in HEAP if h not in ("any", heap)]), 1) if heap == "any" else \
            self.new(self.chance.choice([*STRUCTS, *ARRAYS]), e)

    def reads(self, t, e):
        """Fields and elements of this type."""
        out = []
        for name, fields in STRUCTS.items():
            for i, field in enumerate(fields):
                if PACKED.get(field, field) == t:
                    sign = self.chance.choice(["_s", "_u"]) if field in PACKED else ""
                    out.append(lambda name=name, i=i, sign=sign: f"(struct.get{sign} ${name} {i} {self.safe(name, e)})")
        for name, element in ARRAYS.items():
            if PACKED.get(element, element) == t:
                sign = self.chance.choice(["_s", "_u"]) if element in PACKED else ""
                out.append(lambda name=name, sign=sign: f"(array.get{sign} ${name} {self.safe(name, e)} {self.index(e)})")
        return out

    def statement(self, depth):
        chance = self.chance
        e = lambda t: self.expr(t, depth - 1)  # noqa: E731
        t = chance.choice(LOCALS)
        struct, array = chance.choice(list(STRUCTS)), chance.choice(list(ARRAYS))
        field = chance.randrange(len(STRUCTS[struct]))
        field_type = PACKED.get(STRUCTS[struct][field], STRUCTS[struct][field])
        element = PACKED.get(ARRAYS[array], ARRAYS[array])
        choices = [lambda: f"(local.set {self.local(t)} {e(t)})"] * 4 + [
            lambda: f"(struct.set ${struct} {field} {self.safe(struct, e)} {e(field_type)})",
            lambda: f"(array.set ${array} {self.safe(array, e)} {self.index(e)} {e(element)})",
            lambda: f"(array.fill ${array} {self.safe(array, e)} (i32.const 1) {e(element)} {self.index(e)})",
            lambda: f"(array.copy ${array} ${array} {self.safe(array, e)} {self.index(e)} {self.safe(array, e)} {self.index(e)} {self.index(e)})",
            lambda: f"(global.set $kept {e('ref any')})", lambda: f"(table.set $t {self.index(e)} {e('ref any')})",
            lambda: f"(local.set {self.local('ref any')} (table.get $t {self.index(e)}))",
            lambda: f"(local.set {self.local('ref any')} (global.get $kept))"]
        if depth > 0:
            s = lambda: " ".join(self.statement(depth - 1) for _ in range(chance.randint(1, 3)))  # noqa: E731
            choices += [lambda: f"(if {e('i32')} (then {s()}) (else {s()}))", lambda: self.loop(s),
                        lambda: self.garbage(), lambda: self.catch(e, s)]
        return self.pick(*choices)

    def loop(self, s):
        """At most a few turns, also from within."""
        self.counters += 1
        number, counter = self.counters, f"$c{self.counters}"
        return (f"(local.set {counter} (i32.const {self.chance.randint(1, 5)})) (loop $l{number} {s()} "
                f"(br_if $l{number} (i32.gt_s (local.tee {counter} (i32.sub (local.get {counter}) (i32.const 1))) (i32.const 0))))")

    def garbage(self):
        """Much that dies at once, while what the locals hold lives."""
        self.counters += 1
        counter = f"$c{self.counters}"
        return (f"(local.set {counter} (i32.const {self.chance.choice([10, 10, 300, 300, 3000, 20000])})) (loop $l{self.counters} "
                f"(drop (array.new $a4 (i64.const -1) (i32.const 64))) "
                f"(br_if $l{self.counters} (local.tee {counter} (i32.sub (local.get {counter}) (i32.const 1)))))")

    def catch(self, e, s):
        self.counters += 1
        number = self.counters
        return (f"(block $x{number} (result (ref null any)) (try_table (catch $e $x{number}) {s()} "
                f"(if {e('i32')} (then (throw $e {e('ref any')})))) (ref.null any)) (local.set {self.local('ref any')})")

    def function(self, head, statements, depth, result):
        self.counters = 0
        body = "\n  ".join(self.statement(depth) for _ in range(statements))
        value = result()
        # Parameters first: the locals are numbered from 0, so those of the head stand in `LOCALS` order.
        counters = " ".join(f"(local $c{i} i32)" for i in range(1, self.counters + 1))
        return f"({head} {counters}\n  {body}\n  {value})"

    def module(self):
        locals_ = " ".join(f"(local {spelled(t)})" for t in LOCALS)
        locals_ += "".join(f" (local $at_{heap} {spelled('ref ' + heap)}) (local $safe_{heap} {spelled('ref ' + heap)})"
                           for heap in (*STRUCTS, *ARRAYS))
        # Few references are null at first.
        first = " ".join(f"(local.set {i} {self.first(t[4:])})" for i, t in enumerate(LOCALS) if t.startswith("ref ") and self.chance.random() < 0.95)
        first += "".join(f" (local.set $safe_{heap} {self.first(heap)})" for heap in (*STRUCTS, *ARRAYS))
        # A function's parameters move into the locals: all functions number these alike.
        parts = []
        for i in range(HELPERS):
            body = self.function("BODY", 2, 2, lambda: "(return " + self.leaf() + ")")
            parts.append(f"(func $b{i} (result i64) {locals_} {self.with_first(body, first)})")
            parts.append(f"(func $h{i} (type $h) (if (i32.le_s (global.get $fuel) (i32.const 0)) (then (return (i64.const 1))))"
                         "(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))"
                         "(global.set $kept (local.get 1)) (table.set $t (i32.const 2) (local.get 2))"
                         f"(i64.add (i64.extend_i32_s (local.get 0)) (call $b{i})))")
        body = self.function("BODY", 8, 3, lambda: "(return " + self.checksum() + ")")
        parts.append(f'(func (export "f") (param i32) (result i64) (global.set $fuel (i32.const 30)) (i64.add (call $main) (call $main)))'
                     f"(func $main (result i64) {locals_} {self.with_first(body, first)})")
        return (f"(module {prelude()}\n (tag $e (param (ref null any))) (global $kept (mut (ref null any)) (ref.null any))\n"
                f" (global $fuel (mut i32) (i32.const 0)) (table $t 8 (ref null any))\n"
                f" (table funcref (elem {' '.join(f'$h{i}' for i in range(HELPERS))}))\n" + "\n ".join(parts) + ")").replace(
                    "(call_indirect (type $h)", "(call_indirect 1 (type $h)")

    def first(self, heap):
        if heap in STRUCTS:
            return f"(struct.new_default ${heap})"
        return f"(array.new_default ${heap} (i32.const 48))" if heap in ARRAYS else "(ref.i31 (i32.const 3))"

    def with_first(self, body, first):
        head, rest = body[6:-1].split("\n", 1)
        return f"{head}\n  {first}\n{rest}"

    def leaf(self):
        return f"(i64.extend_i32_s {self.expr('i32', 1)})"

    def checksum(self):
        """What the integers hold, and what of the references can be asked without a trap."""
        total = "(i64.const 0)"
        for i, t in enumerate(LOCALS):
            if t == "i32":
                value = f"(i64.extend_i32_s (local.get {i}))"
            elif t == "i64":
                value = f"(local.get {i})"
            elif t.startswith("ref s"):
                value = (f"(if (result i64) (ref.is_null (local.get {i})) (then (i64.const 5)) "
                         f"(else (struct.get ${t[4:]} {STRUCTS[t[4:]].index('i64')} (local.get {i}))))")
            elif t.startswith("ref a") and t[4:] in ARRAYS:
                value = f"(if (result i64) (ref.is_null (local.get {i})) (then (i64.const 6)) (else (i64.extend_i32_u (array.len (local.get {i})))))"
            else:
                continue
            total = f"(i64.add (i64.mul {total} (i64.const 31)) {value})"
        return total


def program(seed):
    return Program(random.Random(seed)).module()

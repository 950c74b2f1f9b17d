# SPDX-License-Identifier: Apache-2.0
"""Generates types and values, lowers them with the specification's definitions.py, and prints one JSON
line a case: what the guest's memory, core values and calls of realloc must be. lift_lower_test.cpp
compares. usage: oracle.py DEFINITIONS.PY COUNT SEED [memory64]
With `memory64` each side is a 32-bit or a 64-bit memory."""
import __future__
import json
import random
import sys
from types import ModuleType

# The specification's text names classes before they are defined: annotations stay text.
d = ModuleType("definitions")
sys.modules["definitions"] = d
with open(sys.argv[1], encoding="utf-8") as file:
    exec(compile(file.read(), sys.argv[1], "exec", flags=__future__.annotations.compiler_flag), d.__dict__)
d.DETERMINISTIC_PROFILE = True
count, rng = int(sys.argv[2]), random.Random(int(sys.argv[3]))

POINTERS = ["i32", "i64"] if "memory64" in sys.argv[4:] else ["i32"]

MEMORY = 1 << 17


class Guest:
    """A memory with a bump allocator that keeps a shrinking block in place."""

    def __init__(self, encoding, ptr):
        self.mem = d.MemInst(bytearray(MEMORY), ptr)
        self.ptr = ptr
        self.next = 16
        self.log = []
        self.opts = d.LiftLowerOptions(encoding, self.mem, self.realloc)
        self.cx = d.LiftLowerContext(self.opts, None)

    def realloc(self, old, old_size, align, new_size):
        if old != 0 and new_size <= old_size:
            ptr = old
        else:
            ptr = d.align_to(self.next, align)
            self.next = ptr + new_size
            assert self.next <= MEMORY
            self.mem.bytes[ptr:ptr + old_size] = self.mem.bytes[old:old + old_size]
        self.log.append([old, old_size, align, new_size, ptr])
        return ptr

    def state(self, flat):
        return {"flat": [str(bits(v)) for v in flat], "mem": bytes(self.mem.bytes[:self.next]).hex(), "realloc": self.log,
                "encoding": self.opts.string_encoding, "ptr": self.ptr}


d.LiftLowerContext.reallocate = lambda cx, old, old_size, align, new_size: cx.opts.realloc(old, old_size, align, new_size)


def bits(v):
    return v if isinstance(v, int) else ("f", v)


PRIMS = {
    "bool": d.BoolType, "s8": d.S8Type, "u8": d.U8Type, "s16": d.S16Type, "u16": d.U16Type, "s32": d.S32Type,
    "u32": d.U32Type, "s64": d.S64Type, "u64": d.U64Type, "f32": d.F32Type, "f64": d.F64Type, "char": d.CharType,
    "string": d.StringType,
}
CHARS = [(0x20, 0x7E), (0x20, 0x7E), (0, 0x1F), (0x80, 0xFF), (0x100, 0x7FF), (0x800, 0xD7FF), (0xE000, 0xFFFF),
         (0x10000, 0x10FFFF)]


def labels(n):
    return ["c%d" % i for i in range(n)]


def gen_type(depth):
    """A pair: the oracle's type and its spelling for the test."""
    compound = ["list", "fixed", "record", "tuple", "variant", "enum", "option", "result", "flags", "map"]
    if depth == 0 or rng.random() < 0.35:
        name = rng.choice(list(PRIMS))
        return PRIMS[name](), name
    kind = rng.choice(compound)
    sub = lambda: gen_type(depth - 1)
    maybe = lambda: sub() if rng.random() < 0.7 else (None, None)
    if kind == "list":
        t, j = sub()
        return d.ListType(t), {"list": j}
    if kind == "fixed":
        t, j = sub()
        n = rng.randint(1, 4)
        return d.ListType(t, n), {"list": j, "length": n}
    if kind == "record":
        fs = [(l,) + sub() for l in labels(rng.randint(1, 5))]
        return d.RecordType([d.FieldType(l, t) for l, t, _ in fs]), {"record": [[l, j] for l, _, j in fs]}
    if kind == "tuple":
        fs = [sub() for _ in range(rng.randint(1, 5))]
        return d.TupleType([t for t, _ in fs]), {"tuple": [j for _, j in fs]}
    if kind == "variant":
        n = rng.choice([1, 2, 3, 5, 300])
        cs = [(l,) + (maybe() if n < 10 else (None, None)) for l in labels(n)]
        return d.VariantType([d.CaseType(l, t) for l, t, _ in cs]), {"variant": [[l, j] for l, _, j in cs]}
    if kind == "enum":
        ls = labels(rng.choice([1, 2, 256, 257]))
        return d.EnumType(ls), {"enum": ls}
    if kind == "option":
        t, j = sub()
        return d.OptionType(t), {"option": j}
    if kind == "result":
        (t, j), (u, k) = maybe(), maybe()
        return d.ResultType(t, u), {"result": [j, k]}
    if kind == "flags":
        ls = labels(rng.choice([1, 8, 9, 16, 17, 32]))
        return d.FlagsType(ls), {"flags": ls}
    key = rng.choice(["u8", "string", "char", "u64", "bool"])
    t, j = sub()
    return d.MapType(PRIMS[key](), t), {"map": [key, j]}


def gen_text():
    n = rng.choice([0, 1, 2, 5, 17, 40])
    ranges = [rng.choice(CHARS)] if rng.random() < 0.5 else CHARS
    return "".join(chr(rng.randint(*rng.choice(ranges))) for _ in range(n))


def gen_int(t):
    name = type(t).__name__
    width, signed = int(name[1:-4]), name[0] == "S"
    lo, hi = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if signed else (0, (1 << width) - 1)
    return rng.choice([lo, hi, 0, rng.randint(lo, hi)])


def gen_value(t):
    """A pair: the oracle's value and its JSON."""
    if isinstance(t, d.BoolType):
        v = rng.random() < 0.5
        return v, v
    if isinstance(t, d.CharType):
        v = chr(rng.randint(*rng.choice(CHARS)))
        return v, v
    if isinstance(t, d.StringType):
        s = gen_text()
        return (s, "utf8", len(s.encode())), s
    if isinstance(t, (d.F32Type, d.F64Type)):
        v = rng.choice([0.0, -0.0, 1.5, -2.25, float("inf"), float("-inf"), float("nan"), float(rng.randint(-999, 999)) / 8])
        return v, ("nan" if v != v else "inf" if v == float("inf") else "-inf" if v == float("-inf") else v)
    if isinstance(t, d.PrimValType):
        v = gen_int(t)
        return v, str(v) if abs(v) > 1 << 52 else v
    if isinstance(t, d.ListType):
        n = t.l if t.l is not None else rng.choice([0, 1, 2, 3])
        vs = [gen_value(t.t) for _ in range(n)]
        return [v for v, _ in vs], [j for _, j in vs]
    if isinstance(t, d.MapType):
        vs = [(gen_value(t.k), gen_value(t.v)) for _ in range(rng.choice([0, 1, 3]))]
        return [{"0": k[0], "1": v[0]} for k, v in vs], [[k[1], v[1]] for k, v in vs]
    if isinstance(t, d.RecordType):
        vs = {f.label: gen_value(f.t) for f in t.fields}
        return {l: v for l, (v, _) in vs.items()}, {l: j for l, (_, j) in vs.items()}
    if isinstance(t, d.TupleType):
        vs = [gen_value(u) for u in t.ts]
        return {str(i): v for i, (v, _) in enumerate(vs)}, [j for _, j in vs]
    if isinstance(t, d.FlagsType):
        on = {l: rng.random() < 0.5 for l in t.labels}
        return on, [l for l in t.labels if on[l]]
    if isinstance(t, d.EnumType):
        l = rng.choice(t.labels)
        return {l: None}, l
    if isinstance(t, d.OptionType):
        if rng.random() < 0.4:
            return {"none": None}, None
        v, j = gen_value(t.t)
        return {"some": v}, {"some": j} if isinstance(t.t, d.OptionType) else j
    if isinstance(t, d.ResultType):
        ok = rng.random() < 0.5
        u = t.ok if ok else t.error
        v, j = gen_value(u) if u else (None, None)
        return {"ok" if ok else "error": v}, {"ok" if ok else "err": j} if u else ("ok" if ok else "err")
    c = rng.choice(t.cases)
    v, j = gen_value(c.t) if c.t else (None, None)
    return {c.label: v}, {c.label: j} if c.t else c.label


def flat_bits(guest, t, flat):
    """Core values as unsigned numbers, floats by their bits."""
    types = d.flatten_types([t], guest.opts)
    if len(types) > d.MAX_FLAT_PARAMS:
        return flat
    out = []
    for ty, v in zip(types, flat):
        out.append(d.core_i32_reinterpret_f32(v) if ty == "f32" else d.core_i64_reinterpret_f64(v) if ty == "f64" else v)
    return out


ENCODINGS = ["utf8", "utf16", "latin1+utf16"]
done = 0
while done < count:
    t, tj = gen_type(rng.randint(0, 3))
    v, vj = gen_value(t)
    a, b = (Guest(rng.choice(ENCODINGS), rng.choice(POINTERS)) for _ in "ab")
    try:
        flat_a = flat_bits(a, t, d.lower_flat_values(a.cx, d.MAX_FLAT_PARAMS, [v], [t]))
        types = d.flatten_types([t], a.opts)
        # What goes out comes back with floats as floats.
        again = flat_a if len(types) > d.MAX_FLAT_PARAMS else [
            d.core_f32_reinterpret_i32(x) if ty == "f32" else d.core_f64_reinterpret_i64(x) if ty == "f64" else x
            for ty, x in zip(types, flat_a)]
        lifted = d.lift_flat_values(a.cx, d.MAX_FLAT_PARAMS, d.CoreValueIter(again), [t])
        flat_b = flat_bits(b, t, d.lower_flat_values(b.cx, d.MAX_FLAT_PARAMS, lifted, [t]))
    except AssertionError:
        continue
    print(json.dumps({"type": tj, "value": vj, "a": a.state(flat_a), "b": b.state(flat_b)}))
    done += 1

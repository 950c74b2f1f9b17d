# SPDX-License-Identifier: Apache-2.0
"""Large and odd shapes: texts with very many of one thing, each made by a function of the count.

A shape is valid and, when it says so, can be called; `most` is the largest count that the limits allow,
and one more must be refused. Kinds: core and component (WAT), wit. All are made the same way every time.
"""
import dataclasses
from collections.abc import Callable

SHAPES = {}


@dataclasses.dataclass
class Shape:
    name: str
    kind: str
    make: Callable[[int], str]
    count: int
    most: int | None = None
    invoke: str | None = None
    wanted: str | None = None  # of the call's output; None: any end but a signal or a limit
    bindgen: bool = True
    long: bool = False  # not in `make test`


def shape(kind, count=100_000, **more):
    def keep(make):
        name = make.__name__.rstrip("_").replace("_", "-")
        SHAPES[name] = Shape(name, kind, make, min(count, more.get("most") or count), **more)
        return make
    return keep


def many(n, text):
    """`text` n times, `{i}` being the number."""
    head, *rest = text.split("{i}")
    return "".join(head + "".join(f"{i}{part}" for part in rest) for i in range(n))


def function(body, signature="(param i32) (result i32)", before="", name="f"):
    return f'(module {before}(func (export "{name}") {signature}\n{body}))'


NUMBERS = ("i32", "i64", "f32", "f64")


def digits(i, base, length):
    return [(i // base**k) % base for k in range(length)]


# Core: what a function holds.

@shape("core", most=49_999, invoke="f(7)", wanted="7")
def locals_(n):
    return function("(local" + " i32" * n + ")\n" + f"local.get 0 local.set {n}\n"
                    + many(n - 1, "local.get {i} local.set {i}\n") + f"local.get {n}")


@shape("core", most=49_999, invoke="f(7)", wanted="7")
def local_runs(n):
    return function("".join(f"(local {NUMBERS[i % 4]})" for i in range(n)) + "local.get 0")


@shape("core", most=49_999, invoke="f(3)", wanted="3")
def vector_locals(n):
    return function("(local" + " v128" * n + ")\n" + f"local.get 0 i32x4.splat local.set {n}\n"
                    f"local.get {n} i32x4.extract_lane 3")


@shape("core", count=49_000, invoke="f(1000)", wanted="1000")
def references_in_far_locals(n):
    return function("(local $r (ref null $s))" + "(local" + " i64" * (n - 3) + ") (local $last (ref null $s)) (local $i i32)\n"
                    "local.get 0 struct.new $s local.set $last\n"
                    "(loop $again i32.const 1 struct.new $s local.set $r\n"
                    "local.get $i i32.const 1 i32.add local.tee $i i32.const 200000 i32.lt_s br_if $again)\n"
                    "local.get $last struct.get $s 0", before="(type $s (struct (field i32)))")


@shape("core", invoke="f(1)", wanted="42")
def labels(n):
    return function("block " * n + f"br {n - 1} " + "end " * n + "i32.const 42")


@shape("core", invoke="f(1)", wanted="42")
def label_values(n):
    return function("block (result i32) " * n + f"i32.const 42 br {n - 1} " + "end " * n)


@shape("core", invoke="f(1)", wanted="1")
def blocks(n):
    return function("block local.get 0 br_if 0 end\n" * n + "local.get 0")


@shape("core", invoke="f(1)", wanted="1")
def loops(n):
    return function("loop " * n + "end " * n + "local.get 0")


@shape("core", invoke="f(1)", wanted="5")
def conditions(n):
    return function("local.get 0 if (result i32) " * n + "i32.const 5 " + "else i32.const 6 end " * n)


@shape("core", most=1000, invoke="f(1)", wanted="0")
def results(n):
    before = f"(func $g (result{' i32' * n}) {many(n, 'i32.const {i} ')})"
    return function(f"call $g {'drop ' * (n - 1)}" * 20 + "i32.add " * 19, before=before)


@shape("core", most=1000, invoke="f(1)", wanted="999")
def parameters(n):
    before = f"(func $g (param{' i64' * n}) (result i64) local.get {n - 1})"
    return function(f"{many(n, 'i64.const {i} ')} call $g i32.wrap_i64 {f'i32.const {1000 - n} i32.add' if n < 1000 else ''}",
                    before=before)


@shape("core", invoke="f(1)", wanted="2")
def many_returns(n):
    """Each call of several results; none may take a place of its own in the frame."""
    before = "(func $g (result i32 i32) i32.const 1 i32.const 2)"
    return function("call $g drop drop " * n + "i32.const 2", before=before)


@shape("core", invoke="f(1)", wanted="1")
def returns_from_within(n):
    body = "local.get 0 if local.get 0 local.get 0 return end\n" * n
    return function("local.get 0 call $g drop", before=f"(func $g (param i32) (result i32 i32) {body} i32.const 3 i32.const 4)")


@shape("core", invoke="f(1)", wanted="100000")
def operands(n):
    return function("local.get 0 i32.const 0 i32.add " * n + "i32.add " * (n - 1) + f"i32.const {100000 - n} i32.add")


@shape("core", invoke="f(7)", wanted="7")
def operands_below_blocks(n):
    """A label at every height of the operand stack: what stands below may not be walked each time."""
    return function("local.get 0 block end " * n + "drop " * (n - 1))


@shape("core", invoke="f(7)", wanted="7")
def operands_below_calls(n):
    return function("local.get 0 call $g " * n + "drop " * (n - 1), before="(func $g)")


@shape("core", invoke="f(0)", wanted="1")
def branch_table(n):
    return function("block local.get 0 br_table" + " 0" * n + " 0 end i32.const 1")


@shape("core", count=300_000, invoke="f(299999)", wanted="9")
def branch_table_with_values(n):
    return function("block (result i32 i32 i32) block (result i32 i32 i32) i32.const 9 i32.const 8 i32.const 7 local.get 0 br_table"
                    + " 0 1" * (n // 2) + " 0 end end drop drop")


@shape("core", count=1000, invoke="f(3)", wanted="3")
def branch_table_to_many_labels(n):
    return function("block (result i32) " * n + "local.get 0 local.get 0 br_table " + many(n, " {i}") + " 0 " + "end " * n)


@shape("core", count=1500, invoke="f(1500)", wanted="5")
def branch_tables_with_many_values(n):
    """Each entry moves many values: one stub for each label and shape, not for each entry."""
    before = f"(type $t (func (result{' i32' * 200})))"
    return function(f"block (type $t) block (type $t) {'i32.const 5 ' * 200} local.get 0 br_table" + " 0 1" * n + f" 0 end end {'drop ' * 199}",
                    before=before)


@shape("core", invoke="f(3)", wanted="3")
def dead_code(n):
    return function("local.get 0 return " + "i32.const 1 drop " * n + "unreachable")


@shape("core", count=7_600_000, invoke="f(3)", wanted="3", long=True)
def longest_body(n):
    return function("nop " * n + "local.get 0")


@shape("core", count=1_200_000, invoke="f(3)", wanted="1200003", long=True)
def longest_body_of_adds(n):
    return function("local.get 0 " + "i32.const 1 i32.add " * n)


@shape("core", most=10_000, invoke="f(3)", wanted="3")
def catch_clauses(n):
    return function("block try_table" + " (catch $t 0)" * n + " throw $t end end local.get 0", before="(tag $t)")


@shape("core", count=20_000, invoke="f(3)", wanted="3")
def nested_tries(n):
    return function("block $out " + "try_table (catch $t $out) " * n + "throw $t " + "end " * n + "end local.get 0", before="(tag $t)")


@shape("core", count=10_000, invoke="f(3)", wanted="3")
def array_elements(n):
    return function("local.get 0 " * n + f"array.new_fixed $a {n} i32.const {n - 1} array.get $a", before="(type $a (array i32))")


@shape("core", count=200_000, invoke="f(500)", wanted="500")
def large_arrays(n):
    return function(f"(local $a (ref null $a)) local.get 0 i32.const {n} array.new $a local.tee $a i32.const {n - 1} array.get $a",
                    before="(type $a (array (mut i32)))")


# Core: what a module holds.

@shape("core", count=200_000, invoke="f(3)", wanted="3", long=True)
def types(n):
    parts = "".join(f"(type (func (param{''.join(' ' + NUMBERS[d] for d in digits(i, 4, 9))})))\n" for i in range(n))
    return f'(module {parts}(func (export "f") (param i32) (result i32) local.get 0))'


@shape("core")
def recursive_group(n):
    return "(module (rec " + "".join(f"(type (struct (field (ref null {(i + 1) % n}))))\n" for i in range(n)) + "))"


@shape("core", invoke="f(3)", wanted="0")
def types_that_name_the_one_before(n):
    return ("(module (type (struct (field (mut i32))))" + "".join(f"(type (struct (field i32) (field (ref null {i}))))\n" for i in range(n))
            + f'(func (export "f") (param i32) (result i32) struct.new_default {n} struct.get {n} 0))')


@shape("core", count=20_000, invoke="f(3)", wanted="0")
def subtypes(n):
    """Chains of the greatest depth: what a type keeps of its supertypes may not grow with their number."""
    chain = 63
    parts = []
    for i in range(n):
        above = f" {i - 1}" if i % chain else ""
        parts.append(f"(type (sub{above} (struct (field i32) (field {NUMBERS[i // chain % 4]}) (field {NUMBERS[i // chain // 4 % 4]}))))\n")
    return "(module " + "".join(parts) + f'(func (export "f") (param i32) (result i32) struct.new_default {n - 1} struct.get {n - 1} 0))'


@shape("core", invoke="f(3)", wanted="3")
def deep_siblings(n):
    """One recursion group below one chain: none equals another, and each is as deep as a type can be."""
    parts = "".join(f"(type (sub {i - 1} (struct)))\n" for i in range(1, 62)) + "(type (sub 61 (struct)))\n" * n
    return f'(module (rec (type (sub (struct)))\n{parts})(func (export "f") (param i32) (result i32) local.get 0))'


@shape("core", most=10_000, invoke="f(3)", wanted="3")
def fields(n):
    return function(f"(local $r (ref null $s)) struct.new_default $s local.tee $r local.get 0 struct.set $s {n - 1}\n"
                    f"local.get $r struct.get $s {n - 1}", before="(type $s (struct" + " (field (mut i32))" * n + "))")


@shape("core", count=200_000, invoke="f(3)", wanted="3")
def globals_(n):
    return function(f"local.get 0 global.set {n - 1} global.get {n - 1}", before="(global (mut i32) i32.const 0)\n" * n)


@shape("core", invoke="f(3)", wanted="1")
def globals_that_read_the_one_before(n):
    return function(f"global.get {n}", before="(global i32 i32.const 1)" + many(n, "(global i32 global.get {i})\n"))


@shape("core", invoke="f(3)", wanted="100000")
def constant_expression(n):
    return function(f"global.get 0 i32.const {100000 - n} i32.add", before="(global i32 i32.const 0 " + "i32.const 1 i32.add " * n + ")")


@shape("core")
def imports(n):
    return "(module " + many(n, '(import "m" "f{i}" (func (param i32)))\n') + ")"


@shape("core")
def imports_of_one_name(n):
    return "(module " + many(n, '(import "m" "f" (func (param i32)))\n') + ")"


@shape("core", invoke="f99(3)", wanted="3")
def exports(n):
    return "(module (func $f (param i32) (result i32) local.get 0)" + many(n, '(export "f{i}" (func $f))\n') + ")"


@shape("core", invoke="f(3)", wanted="3")
def functions(n):
    return function(f"local.get 0 call {n - 1}", before="(func (param i32) (result i32) local.get 0)\n" * n)


@shape("core", invoke="f(3)")
def chain_of_calls(n):
    return ("(module " + "".join(f"(func (param i32) (result i32) local.get 0 call {i + 1})\n" for i in range(n))
            + '(func (param i32) (result i32) local.get 0) (export "f" (func 0)))')


@shape("core", invoke="f(3)", wanted="3")
def tags(n):
    return function("local.get 0", before="(tag (param i32))\n" * n)


@shape("core", most=100_000, invoke="f(3)", wanted="1")
def data_segments(n):
    return function(f"i32.const 0 i32.const 0 i32.const 1 memory.init {n - 1} i32.const 0 i32.load8_u",
                    before='(memory 1)' + '(data "\\01")\n' * n)


@shape("core", most=100_000, invoke="f(3)", wanted="1")
def active_data_segments(n):
    return function(f"i32.const {n - 1} i32.load8_u", before="(memory 2)" + many(n, '(data (i32.const {i}) "\\01")\n'))


@shape("core", count=(1 << 24) + 1, invoke="f(16777216)", wanted="120", long=True)
def data_bytes(n):
    return function("local.get 0 i32.load8_u", before=f'(memory 257) (data (i32.const 0) "{"x" * n}")')


@shape("core", most=100_000, invoke="f(3)", wanted="3")
def element_segments(n):
    return function("local.get 0 local.get 0 call_indirect 0 (type 0)",
                    before=f"(type (func (param i32) (result i32))) (table {n} funcref) (func $g (type 0) local.get 0)"
                    + many(n, "(elem (i32.const {i}) func $g)\n"))


@shape("core", count=200_000, invoke="f(3)", wanted="3")
def elements(n):
    return function("local.get 0 local.get 0 call_indirect 0 (type 0)",
                    before=f"(type (func (param i32) (result i32))) (table {n} funcref) (func $g (type 0) local.get 0)"
                    f"(elem (i32.const 0) func{' $g' * n})")


@shape("core", most=100, invoke="f(3)", wanted="3")
def tables(n):
    return function("local.get 0", before="(table 10 funcref)\n" * n)


@shape("core", most=100, invoke="f(3)", wanted="3")
def memories(n):
    return function(f"i32.const 0 local.get 0 i32.store {n - 1} i32.const 0 i32.load {n - 1}", before="(memory 1)\n" * n)


@shape("core", invoke="f(3)", wanted="3", long=True)
def names(n):
    return function("local.get 0", before=many(n, "(func $a-name-of-{i} (param $x i32) (local $y i64))\n"))


@shape("core", most=100_000)
def longest_name(n):
    return f'(module (func (export "{"x" * n}")))'


@shape("core")
def custom_sections(n):
    return "(module " + many(n, '(@custom "of-{i}" "bytes")\n') + ")"


@shape("core", count=3000, invoke="f(3)", wanted="3003")
def folded(n):
    return function("(i32.add (i32.const 1) " * n + "(local.get 0)" + ")" * n)


# Components.

def component(*parts):
    return "(component\n" + "\n".join(parts) + ")"


CORE = '(core module $m (func (export "f") (param i32) (result i32) local.get 0)) (core instance $i (instantiate $m))'
LIFTED = '(func $f (param "x" u32) (result u32) (canon lift (core func $i "f")))'
MEMORY = ('(core module $m (memory (export "mem") 4) (global $at (mut i32) i32.const 1024)'
          '(func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32)'
          " global.get $at local.get 2 i32.const -1 i32.add i32.add i32.const 0 local.get 2 i32.sub i32.and local.tee 4 local.get 3 i32.add"
          " global.set $at local.get 4)"
          '(func (export "f") (result i32) i32.const 8)'
          '(func (export "g") (param i32) (result i32) local.get 0)) (core instance $i (instantiate $m))')
WITH_MEMORY = '(memory (core memory $i "mem")) (realloc (core func $i "realloc"))'


@shape("component", count=200_000, long=True)
def component_types(n):
    parts = (f"(type (tuple{''.join(' ' + ('u8', 's16', 'f64', 'string')[d] for d in digits(i, 4, 9))}))" for i in range(n))
    return component(*parts)


@shape("component", most=99)
def chain_of_lists(n):
    return component("(type (list u8))", *(f"(type (list {i}))" for i in range(n - 1)))


@shape("component", most=10_000, invoke="f()", bindgen=False)
def record_fields(n):
    return component(MEMORY, "(type $t (record " + many(n, '(field "x{i}" u8)\n') + "))", '(export $e "t" (type $t))',
                     '(func $f (result $e) (canon lift (core func $i "f") (memory (core memory $i "mem"))))', '(export "f" (func $f))')


@shape("component", most=10_000, invoke="f()", wanted="c0(0)")
def cases(n):
    return component(MEMORY, "(type $t (variant " + many(n, '(case "c{i}" u64)\n') + "))", '(export $e "t" (type $t))',
                     '(func $f (result $e) (canon lift (core func $i "f") (memory (core memory $i "mem"))))', '(export "f" (func $f))')


@shape("component", most=10_000, invoke="f(c9)", wanted="c9")
def enum_cases(n):
    return component(MEMORY, "(type $t (enum " + many(n, '"c{i}"\n') + "))", '(export $e "t" (type $t))',
                     '(func $f (param "x" $e) (result $e) (canon lift (core func $i "g")))', '(export "f" (func $f))')


@shape("component", most=10_000, invoke="f()", bindgen=False)
def tuple_types(n):
    return component(MEMORY, "(type $t (tuple " + "u8 " * n + "))",
                     '(func $f (result $t) (canon lift (core func $i "f") (memory (core memory $i "mem"))))', '(export "f" (func $f))')


@shape("component", most=32, invoke="f({f0, f2})", wanted="{f0, f2}")
def flags(n):
    return component(MEMORY, "(type $t (flags " + many(n, '"f{i}" ') + "))", '(export $e "t" (type $t))',
                     '(func $f (param "x" $e) (result $e) (canon lift (core func $i "g")))', '(export "f" (func $f))')


@shape("component", most=1000, bindgen=False)
def component_parameters(n):
    return component(MEMORY, '(func $f ' + many(n, '(param "p{i}" u8) ')
                     + f'(result u32) (canon lift (core func $i "g") {WITH_MEMORY}))', '(export "f" (func $f))')


@shape("component")
def component_imports(n):
    return component(many(n, '(import "f{i}" (func (param "x" u32)))\n'))


@shape("component", invoke="f99(3)", wanted="3")
def component_exports(n):
    return component(CORE, LIFTED, many(n, '(export "f{i}" (func $f))\n'))


@shape("component", most=100_000)
def instance_exports(n):
    return component(CORE, LIFTED, "(instance $all " + many(n, '(export "f{i}" (func $f))\n') + ")", '(export "all" (instance $all))')


@shape("component", most=100_000, invoke="f(3)", wanted="3", long=True)
def arguments(n):
    return component(CORE, LIFTED, "(component $c " + many(n, '(import "f{i}" (func (param "x" u32) (result u32)))\n') + ")",
                     "(instance (instantiate $c " + many(n, '(with "f{i}" (func $f))\n') + "))", '(export "f" (func $f))')


@shape("component", most=100_000, invoke="f(3)", wanted="3", long=True)
def core_arguments(n):
    return component(CORE, LIFTED, "(core module $c " + many(n, '(import "m{i}" "f" (func (param i32) (result i32)))\n') + ")",
                     "(core instance (instantiate $c " + many(n, '(with "m{i}" (instance $i))\n') + "))", '(export "f" (func $f))')


@shape("component", count=200_000)
def component_aliases(n):
    return component('(import "i" (instance $i (export "f" (func (param "x" u32)))))', '(alias export $i "f" (func))\n' * n)


@shape("component")
def outer_aliases(n):
    return component("(type $t (list u8))", "(component $c " + "(alias outer 1 $t (type))\n" * n + ")")


@shape("component", invoke="f99(3)", wanted="3", long=True)
def lifted_functions(n):
    return component('(core module $m ' + many(n, '(func (export "f{i}") (param i32) (result i32) local.get 0)\n') + ")",
                     "(core instance $i (instantiate $m))",
                     many(n, '(func (export "f{i}") (param "x" u32) (result u32) (canon lift (core func $i "f{i}")))\n'))


@shape("component", count=50_000)
def lowered_functions(n):
    return component('(import "f" (func $f (param "x" u32)))', "(core func (canon lower (func $f)))\n" * n)


@shape("component", most=100)
def nested_components(n):
    return "(component " * n + ")" * n


@shape("component", count=990, invoke="f(3)", wanted="3")
def instances(n):
    return component(CORE, LIFTED, f'(component $c {CORE} (func (export "g") (param "x" u32) (result u32) (canon lift (core func $i "f"))))',
                     "(instance (instantiate $c))\n" * n, '(export "f" (func $f))')


@shape("component", count=990, invoke="f(3)", wanted="3")
def core_instances(n):
    return component(CORE, LIFTED, "(core instance (instantiate $m))\n" * n, '(export "f" (func $f))')


@shape("component", count=990)
def core_modules(n):
    return component('(core module (func (export "f")))\n' * n)


@shape("component", count=20_000, bindgen=False)
def types_of_an_instance(n):
    """Names are looked up within the instance: the table of them is made once."""
    return component('(import "i" (instance ' + many(n, '(type $t{i} (record (field "x" u8))) (export "t{i}" (type (eq $t{i})))\n') + "))")


@shape("component", count=990)
def instances_of_one_type(n):
    """A type that is written once, and that a million items share."""
    return component("(type $i (instance " + many(1000, '(type $t{i} (record (field "x" u8))) (export "t{i}" (type (eq $t{i})))\n') + "))",
                     many(n, '(import "i{i}" (instance (type $i)))\n'))


@shape("component", count=990)
def structures_of_another_interface(n):
    """A structure that each of many instances takes from outside, of ten thousand names that it has not: WIT needs a `use` for each."""
    names = 9_000
    return component('(import "a:b/t" (instance $t ' + many(names, '(type $r{i} (enum "x")) (export "r{i}" (type (eq $r{i})))\n') + "))",
                     many(names, '(alias export $t "r{i}" (type $q{i}))\n'), "(type $all (tuple" + many(names, " $q{i}") + "))",
                     many(n, '(import "i{i}" (instance (alias outer 1 $all (type $x)) (export "f" (func (param "p" $x)))))\n'))


@shape("component", count=5_000)
def functions_of_one_type(n):
    return component(f'(type $f (func (param "{"x" * 50_000}" u8)))', many(n, '(import "f{i}" (func (type $f)))\n'))


@shape("component")
def resource_types(n):
    return component("(type (resource (rep i32)))\n" * n)


@shape("component", count=20_000)
def resource_imports(n):
    return component(many(n, '(import "r{i}" (type $r{i} (sub resource)))\n'))


# WIT.

@shape("wit", count=99_000, long=True)
def wit_functions(n):
    return "package a:b;\ninterface i {\n" + many(n, "fn{i}: func(a: u32) -> string;\n") + "}\nworld w { import i; }\n"


@shape("wit", count=20_000, long=True)
def wit_types(n):
    return "package a:b;\ninterface i {\n" + many(n, "record r{i} { a: u32, b: list<string> }\n") + "f: func(a: r0) -> r1;\n}\nworld w { export i; }\n"


@shape("wit", count=20_000, long=True)
def wit_aliases(n):
    return "package a:b;\ninterface i {\ntype t0 = u32;\n" + "".join(f"type t{i + 1} = t{i};\n" for i in range(n)) + \
        f"f: func(a: t{n});\n}}\nworld w {{ import i; }}\n"


@shape("wit", count=90_000, bindgen=False, long=True)
def wit_chain_of_aliases_of_a_resource(n):
    return "package a:b;\ninterface i {\nresource t0;\n" + "".join(f"type t{i + 1} = t{i};\n" for i in range(n)) + \
        f"f: func(a: t{n});\n}}\nworld w {{ import i; export i; }}\n"


@shape("wit", count=40_000, long=True)
def wit_imports_of_a_world(n):
    return "package a:b;\nworld w {\n" + many(n, "import fn{i}: func(a: u32);\n") + "}\n"


@shape("wit", count=20_000, bindgen=False, long=True)
def wit_resources_of_a_world(n):
    return "package a:b;\nworld w {\n" + many(n, "resource r{i};\n") + "}\n"


@shape("wit", count=10_000)
def wit_fields(n):
    return "package a:b;\ninterface i {\nrecord r {\n" + many(n, "x{i}: u32,\n") + "}\nf: func(a: list<r>);\n}\nworld w { import i; }\n"


@shape("wit", count=10_000)
def wit_cases(n):
    return "package a:b;\ninterface i {\nvariant v {\n" + many(n, "c{i}(u32),\n") + "}\nf: func(a: list<v>);\n}\nworld w { import i; }\n"


@shape("wit", count=10_000)
def wit_enum_cases(n):
    return "package a:b;\ninterface i {\nenum v {\n" + many(n, "c{i},\n") + "}\nf: func(a: list<v>);\n}\nworld w { import i; }\n"


@shape("wit", count=1000)
def wit_parameters(n):
    return "package a:b;\ninterface i {\nf: func(" + many(n, "p{i}: u32, ") + ");\n}\nworld w { import i; }\n"


@shape("wit", count=990)
def wit_interfaces(n):
    return "package a:b;\n" + many(n, "interface i{i} { f: func(); }\n") + "world w {\n" + many(n, "import i{i};\n") + "}\n"


@shape("wit", count=4000)
def wit_chain_of_uses(n):
    """The binary holds for each interface what it stands on: quadratic in the chain, were it not cut to what is named."""
    return "package a:b;\ninterface i0 { record r { a: u32 } }\n" + "".join(f"interface i{i + 1} {{ use i{i}.{{r}}; f: func(a: r); }}\n" for i in range(n)) + \
        f"world w {{ import i{n}; }}\n"


@shape("wit", count=10_000)
def wit_names_of_one_use(n):
    return "package a:b;\ninterface i {\n" + many(n, "enum e{i} { a }\n") + "}\ninterface j { use i.{" + many(n, "e{i}, ") + "};\nf: func(a: e0); }\nworld w { import j; }\n"


@shape("wit", count=20_000, bindgen=False)
def wit_worlds(n):
    return "package a:b;\n" + many(n, "world w{i} { import f: func(); }\n")


@shape("wit", count=300, bindgen=False)
def wit_chain_of_includes(n):
    return "package a:b;\nworld w0 { import fn0: func(); }\n" + "".join(
        f"world w{i + 1} {{ include w{i}; import fn{i + 1}: func(); }}\n" for i in range(n))


@shape("wit", count=10_000, bindgen=False)
def wit_includes(n):
    return "package a:b;\n" + many(n, "world v{i} { import fn{i}: func(); }\n") + "world w {\n" + many(n, "include v{i};\n") + "}\n"


@shape("wit")
def wit_docs(n):
    return "package a:b;\n" + many(n, "/// line {i} of *many* `things` [x](https://a.b)\n") + "interface i {\n/// one\nf: func();\n}\nworld w { import i; }\n"


@shape("wit", count=20_000, long=True)
def wit_docs_of_each(n):
    return "package a:b@0.1.0;\ninterface i {\n" + many(n, "/// what fn{i} does\n/// and more\n@since(version = 0.1.0)\nfn{i}: func();\n") + "}\nworld w { import i; }\n"


@shape("wit", count=2000)
def wit_resources(n):
    return "package a:b;\ninterface i {\n" + many(n, "resource r{i} { constructor(); m: func(); s: static func() -> r{i}; }\n") + "}\nworld w { import i; }\n"


@shape("wit", count=10_000)
def wit_methods(n):
    return "package a:b;\ninterface i {\nresource r {\n" + many(n, "m{i}: func(a: borrow<r>) -> u32;\n") + "}\n}\nworld w { import i; }\n"


@shape("wit", count=1000, bindgen=False)
def wit_packages(n):
    return "package a:b;\n" + many(n, "package c:p{i} { interface i { f: func(); } }\n") + "world w {\n" + many(n, "import c:p{i}/i;\n") + "}\n"


@shape("wit", count=90)
def wit_nested_types(n):
    return "package a:b;\ninterface i {\nf: func(a: " + "list<" * n + "u8" + ">" * n + ");\n}\nworld w { import i; }\n"

// SPDX-License-Identifier: Apache-2.0
#include "roundtrip.h"

#include <string.h>

// Values: by value in, by value out.
#define ECHO(name, type) \
  type exports_test_roundtrip_echo_##name(type v) { return test_roundtrip_echo_##name(v); }
ECHO(e_bool, bool)
ECHO(e_s8, int8_t)
ECHO(e_u16, uint16_t)
ECHO(e_s64, int64_t)
ECHO(e_f32, float)
ECHO(e_f64, double)
ECHO(e_char, uint32_t)
ECHO(e_color, test_roundtrip_types_color_t)
ECHO(e_perms, test_roundtrip_types_perms_t)

// Structures: ours to free when they own memory.
#define ECHO_OWNED(name, type)                                              \
  void exports_test_roundtrip_echo_##name(type##_t *v, type##_t *ret) {     \
    test_roundtrip_echo_##name(v, ret);                                     \
    type##_free(v);                                                         \
  }
ECHO_OWNED(e_string, roundtrip_string)
ECHO_OWNED(e_named, test_roundtrip_types_named)
ECHO_OWNED(e_shape, test_roundtrip_types_shape)
ECHO_OWNED(e_wide, test_roundtrip_types_wide)
ECHO_OWNED(e_bytes, roundtrip_list_u8)
ECHO_OWNED(e_bools, roundtrip_list_bool)
ECHO_OWNED(e_strings, roundtrip_list_string)
ECHO_OWNED(e_points, test_roundtrip_types_list_point)
ECHO_OWNED(e_shapes, test_roundtrip_types_list_shape)
ECHO_OWNED(e_wides, test_roundtrip_types_list_wide)
ECHO_OWNED(e_names, test_roundtrip_types_list_named)
ECHO_OWNED(e_tuple, roundtrip_tuple3_u8_string_f64)

void exports_test_roundtrip_echo_e_point(test_roundtrip_types_point_t *v, test_roundtrip_types_point_t *ret) {
  test_roundtrip_echo_e_point(v, ret);
}
void exports_test_roundtrip_echo_e_deep(
    test_roundtrip_types_list_option_result_tuple2_string_list_u16_wide_t *v,
    test_roundtrip_types_list_option_result_tuple2_string_list_u16_wide_t *ret) {
  test_roundtrip_echo_e_deep(v, ret);
  test_roundtrip_types_list_option_result_tuple2_string_list_u16_wide_free(v);
}
bool exports_test_roundtrip_echo_e_option(roundtrip_option_string_t *maybe_v, roundtrip_option_string_t *ret) {
  const bool some = test_roundtrip_echo_e_option(maybe_v, ret);
  if (maybe_v != NULL) roundtrip_option_string_free(maybe_v);
  return some;
}
bool exports_test_roundtrip_echo_e_result(test_roundtrip_types_result_shape_string_t *v,
                                          test_roundtrip_types_shape_t *ret, roundtrip_string_t *err) {
  const bool ok = test_roundtrip_echo_e_result(v, ret, err);
  test_roundtrip_types_result_shape_string_free(v);
  return ok;
}
void exports_test_roundtrip_echo_e_many(
    uint64_t a, float b, roundtrip_string_t *c, double d, int8_t e, roundtrip_list_string_t *f,
    test_roundtrip_types_point_t *g, test_roundtrip_types_shape_t *h, bool i, uint32_t j, uint32_t k,
    test_roundtrip_types_tuple11_u64_f32_string_f64_s8_list_string_point_shape_bool_char_u32_t *ret) {
  test_roundtrip_echo_e_many(a, b, c, d, e, f, g, h, i, j, k, ret);
  roundtrip_string_free(c);
  roundtrip_list_string_free(f);
  test_roundtrip_types_shape_free(h);
}

// Things.

struct exports_test_roundtrip_things_thing_t {
  roundtrip_string_t name;
};
static uint32_t count;

static exports_test_roundtrip_things_own_thing_t make(roundtrip_string_t name) {
  exports_test_roundtrip_things_thing_t *const thing = malloc(sizeof *thing);
  thing->name = name;
  ++count;
  return exports_test_roundtrip_things_thing_new(thing);
}
void exports_test_roundtrip_things_thing_destructor(exports_test_roundtrip_things_thing_t *object) {
  roundtrip_string_free(&object->name);
  free(object);
  --count;
}
exports_test_roundtrip_things_own_thing_t exports_test_roundtrip_things_constructor_thing(roundtrip_string_t *name) {
  return make(*name);
}
void exports_test_roundtrip_things_method_thing_name(exports_test_roundtrip_things_borrow_thing_t self,
                                                     roundtrip_string_t *ret) {
  roundtrip_string_dup_n(ret, (const char *)self->name.ptr, self->name.len);
}
void exports_test_roundtrip_things_method_thing_rename(exports_test_roundtrip_things_borrow_thing_t self,
                                                       roundtrip_string_t *to) {
  roundtrip_string_free(&self->name);
  self->name = *to;
}
exports_test_roundtrip_things_own_thing_t exports_test_roundtrip_things_static_thing_merge(
    exports_test_roundtrip_things_own_thing_t a, exports_test_roundtrip_things_borrow_thing_t b) {
  const roundtrip_string_t first = exports_test_roundtrip_things_thing_rep(a)->name;
  roundtrip_string_t both = {malloc(first.len + b->name.len), first.len + b->name.len};
  memcpy(both.ptr, first.ptr, first.len);
  memcpy(both.ptr + first.len, b->name.ptr, b->name.len);
  exports_test_roundtrip_things_thing_drop_own(a);
  return make(both);
}
uint32_t exports_test_roundtrip_things_live(void) { return count; }
void exports_test_roundtrip_things_reverse(exports_test_roundtrip_things_list_own_thing_t *all,
                                           exports_test_roundtrip_things_list_own_thing_t *ret) {
  for (size_t i = 0; i < all->len / 2; ++i) {
    const exports_test_roundtrip_things_own_thing_t one = all->ptr[i];
    all->ptr[i] = all->ptr[all->len - 1 - i];
    all->ptr[all->len - 1 - i] = one;
  }
  *ret = *all;
}
uint32_t exports_test_roundtrip_things_total(exports_test_roundtrip_things_list_borrow_thing_t *all) {
  size_t sum = 0;
  for (size_t i = 0; i < all->len; ++i) sum += all->ptr[i]->name.len;
  exports_test_roundtrip_things_list_borrow_thing_free(all);
  return (uint32_t)sum;
}

// The host's things.

static size_t append(char *to, size_t at, const roundtrip_string_t *text) {
  memcpy(to + at, text->ptr, text->len);
  return at + text->len;
}
void exports_roundtrip_use_host(roundtrip_string_t *name, roundtrip_tuple2_string_u32_t *ret) {
  roundtrip_string_t text;
  test_roundtrip_things_own_thing_t a = test_roundtrip_things_constructor_thing(name);
  roundtrip_string_free(name);
  roundtrip_string_set(&text, "b");
  test_roundtrip_things_own_thing_t b = test_roundtrip_things_constructor_thing(&text);
  roundtrip_string_set(&text, "bee");
  test_roundtrip_things_method_thing_rename(test_roundtrip_things_borrow_thing(b), &text);
  test_roundtrip_things_borrow_thing_t lent[2] = {test_roundtrip_things_borrow_thing(a),
                                                  test_roundtrip_things_borrow_thing(b)};
  test_roundtrip_things_list_borrow_thing_t list = {lent, 2};
  char out[256];
  size_t at = 0;
  out[at++] = (char)('0' + test_roundtrip_things_total(&list));
  test_roundtrip_things_own_thing_t both[2];
  both[0] = test_roundtrip_things_static_thing_merge(a, test_roundtrip_things_borrow_thing(b));
  both[1] = b;
  test_roundtrip_things_list_own_thing_t owned = {both, 2};
  test_roundtrip_things_list_own_thing_t turned;
  test_roundtrip_things_reverse(&owned, &turned);
  for (size_t i = 0; i < turned.len; ++i) {
    out[at++] = ' ';
    test_roundtrip_things_method_thing_name(test_roundtrip_things_borrow_thing(turned.ptr[i]), &text);
    at = append(out, at, &text);
    roundtrip_string_free(&text);
  }
  test_roundtrip_things_list_own_thing_free(&turned);
  roundtrip_string_dup_n(&ret->f0, out, at);
  ret->f1 = test_roundtrip_things_live();
}
uint32_t exports_roundtrip_pages(void) { return (uint32_t)__builtin_wasm_memory_size(0); }

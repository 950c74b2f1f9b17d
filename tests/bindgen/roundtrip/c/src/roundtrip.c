// SPDX-License-Identifier: Apache-2.0
#include "roundtrip.h"

#include <string.h>

#include "../../counting_malloc.h"

// Values: by value in, by value out.
#define ECHO(name, type)                            \
  type exports_test_roundtrip_echo_##name(type v) { \
    return test_roundtrip_echo_##name(v);           \
  }
ECHO(e_bool, bool)
ECHO(e_s8, int8_t)
ECHO(e_u8, uint8_t)
ECHO(e_s16, int16_t)
ECHO(e_u16, uint16_t)
ECHO(e_s32, int32_t)
ECHO(e_u32, uint32_t)
ECHO(e_s64, int64_t)
ECHO(e_u64, uint64_t)
ECHO(e_f32, float)
ECHO(e_f64, double)
ECHO(e_char, uint32_t)
ECHO(e_color, test_roundtrip_types_color_t)
ECHO(e_many_labels, test_roundtrip_types_many_t)
ECHO(e_perms, test_roundtrip_types_perms_t)
ECHO(e_of1, test_roundtrip_types_of1_t)
ECHO(e_of8, test_roundtrip_types_of8_t)
ECHO(e_of9, test_roundtrip_types_of9_t)
ECHO(e_of16, test_roundtrip_types_of16_t)
ECHO(e_of17, test_roundtrip_types_of17_t)
ECHO(e_of32, test_roundtrip_types_of32_t)

// Structures that own nothing.
#define ECHO_PLAIN(name, type)                                          \
  void exports_test_roundtrip_echo_##name(type##_t* v, type##_t* ret) { \
    test_roundtrip_echo_##name(v, ret);                                 \
  }
ECHO_PLAIN(e_point, test_roundtrip_types_point)
ECHO_PLAIN(e_gaps, test_roundtrip_types_gaps)
ECHO_PLAIN(e_bare, test_roundtrip_types_bare)
ECHO_PLAIN(e_tuple1, roundtrip_tuple1_u32)
ECHO_PLAIN(e_fixed, roundtrip_list4_u8)
ECHO_PLAIN(e_fixed_points, test_roundtrip_types_list3_point)
ECHO_PLAIN(e_fixed_long, roundtrip_list40_u32)
ECHO_PLAIN(e_fixed_grid, roundtrip_list2_list3_u16)

// Structures that own memory are ours to free.
#define ECHO_OWNED(name, type)                                          \
  void exports_test_roundtrip_echo_##name(type##_t* v, type##_t* ret) { \
    test_roundtrip_echo_##name(v, ret);                                 \
    type##_free(v);                                                     \
  }
ECHO_OWNED(e_string, roundtrip_string)
ECHO_OWNED(e_named, test_roundtrip_types_named)
ECHO_OWNED(e_outer, test_roundtrip_types_outer)
ECHO_OWNED(e_shelf, test_roundtrip_types_shelf)
ECHO_OWNED(e_shape, test_roundtrip_types_shape)
ECHO_OWNED(e_wide, test_roundtrip_types_wide)
ECHO_OWNED(e_joined, test_roundtrip_types_joined)
ECHO_OWNED(e_words, test_roundtrip_types_words)
ECHO_OWNED(e_bools, roundtrip_list_bool)
ECHO_OWNED(e_s8s, roundtrip_list_s8)
ECHO_OWNED(e_bytes, roundtrip_list_u8)
ECHO_OWNED(e_s16s, roundtrip_list_s16)
ECHO_OWNED(e_u16s, roundtrip_list_u16)
ECHO_OWNED(e_s32s, roundtrip_list_s32)
ECHO_OWNED(e_u32s, roundtrip_list_u32)
ECHO_OWNED(e_s64s, roundtrip_list_s64)
ECHO_OWNED(e_u64s, roundtrip_list_u64)
ECHO_OWNED(e_f32s, roundtrip_list_f32)
ECHO_OWNED(e_f64s, roundtrip_list_f64)
ECHO_OWNED(e_chars, roundtrip_list_u32)
ECHO_OWNED(e_strings, roundtrip_list_string)
ECHO_OWNED(e_points, test_roundtrip_types_list_point)
ECHO_OWNED(e_names, test_roundtrip_types_list_named)
ECHO_OWNED(e_all_gaps, test_roundtrip_types_list_gaps)
ECHO_OWNED(e_outers, test_roundtrip_types_list_outer)
ECHO_OWNED(e_colors, test_roundtrip_types_list_color)
ECHO_OWNED(e_all_labels, test_roundtrip_types_list_many)
ECHO_OWNED(e_all_perms, test_roundtrip_types_list_perms)
ECHO_OWNED(e_all_of17, test_roundtrip_types_list_of17)
ECHO_OWNED(e_shapes, test_roundtrip_types_list_shape)
ECHO_OWNED(e_wides, test_roundtrip_types_list_wide)
ECHO_OWNED(e_bares, test_roundtrip_types_list_bare)
ECHO_OWNED(e_all_joined, test_roundtrip_types_list_joined)
ECHO_OWNED(e_lists, roundtrip_list_list_u16)
ECHO_OWNED(e_string_lists, roundtrip_list_list_string)
ECHO_OWNED(e_options, roundtrip_list_option_u32)
ECHO_OWNED(e_tuples, roundtrip_list_tuple2_u8_string)
ECHO_OWNED(e_results, roundtrip_list_result_u32_string)
ECHO_OWNED(e_tuple, roundtrip_tuple3_u8_string_f64)
ECHO_OWNED(e_tuple_nested, test_roundtrip_types_tuple3_tuple2_u8_u16_string_point)
ECHO_OWNED(e_map, roundtrip_map_string_u32)
ECHO_OWNED(e_map_named, test_roundtrip_types_map_u32_named)
ECHO_OWNED(e_map_char, roundtrip_map_char_list_u8)
ECHO_OWNED(e_map_bool, test_roundtrip_types_map_bool_shape)
ECHO_OWNED(e_map_map, roundtrip_map_s64_map_string_string)
ECHO_OWNED(e_maps, roundtrip_list_map_u8_f64)
ECHO_OWNED(e_fixed_strings, roundtrip_list2_string)
ECHO_OWNED(e_fixed_shapes, test_roundtrip_types_list2_shape)
ECHO_OWNED(e_list_fixed, roundtrip_list_list2_f32)
ECHO_OWNED(e_deep, test_roundtrip_types_list_option_result_tuple2_string_list_u16_wide)

// Options: a null pointer is none.
#define ECHO_OPTION(name, type, free_it)                              \
  bool exports_test_roundtrip_echo_##name(type* maybe_v, type* ret) { \
    const bool some = test_roundtrip_echo_##name(maybe_v, ret);       \
    if (maybe_v != NULL) free_it(maybe_v);                            \
    return some;                                                      \
  }
#define KEEP(value) (void)(value)
ECHO_OPTION(e_option_u8, uint8_t, KEEP)
ECHO_OPTION(e_option_bool, bool, KEEP)
ECHO_OPTION(e_option_string, roundtrip_string_t, roundtrip_string_free)
ECHO_OPTION(e_option_point, test_roundtrip_types_point_t, KEEP)
ECHO_OPTION(e_option_list, roundtrip_list_u32_t, roundtrip_list_u32_free)
ECHO_OPTION(e_option_shape, test_roundtrip_types_shape_t, test_roundtrip_types_shape_free)
ECHO_OPTION(e_option, roundtrip_option_string_t, roundtrip_option_string_free)
ECHO_OPTION(e_option_deep, roundtrip_option_option_u64_t, KEEP)
ECHO_OPTION(e_option_map, roundtrip_map_string_u32_t, roundtrip_map_string_u32_free)
ECHO_OPTION(e_option_fixed, roundtrip_list2_string_t, roundtrip_list2_string_free)

// Results: what they hold comes in as a structure and goes out in two places.
#define ECHO_RESULT(name, type, ok, error)                                    \
  bool exports_test_roundtrip_echo_##name(type##_t* v, ok* ret, error* err) { \
    const bool fine = test_roundtrip_echo_##name(v, ret, err);                \
    type##_free(v);                                                           \
    return fine;                                                              \
  }
ECHO_RESULT(e_result, test_roundtrip_types_result_shape_string, test_roundtrip_types_shape_t,
            roundtrip_string_t)
ECHO_RESULT(e_result_nested, test_roundtrip_types_result_result_u8_string_result_f64_shape,
            roundtrip_result_u8_string_t, test_roundtrip_types_result_f64_shape_t)
ECHO_RESULT(e_result_list, test_roundtrip_types_result_list_named_wide,
            test_roundtrip_types_list_named_t, test_roundtrip_types_wide_t)
bool exports_test_roundtrip_echo_e_result_ok(roundtrip_result_u32_void_t* v, uint32_t* ret) {
  return test_roundtrip_echo_e_result_ok(v, ret);
}
bool exports_test_roundtrip_echo_e_result_err(roundtrip_result_void_string_t* v,
                                              roundtrip_string_t* err) {
  const bool fine = test_roundtrip_echo_e_result_err(v, err);
  roundtrip_result_void_string_free(v);
  return fine;
}
bool exports_test_roundtrip_echo_e_result_none(roundtrip_result_void_void_t* v) {
  return test_roundtrip_echo_e_result_none(v);
}

void exports_test_roundtrip_echo_e_many(
    uint64_t a, float b, roundtrip_string_t* c, double d, int8_t e, roundtrip_list_string_t* f,
    test_roundtrip_types_point_t* g, test_roundtrip_types_shape_t* h, bool i, uint32_t j,
    uint32_t k,
    test_roundtrip_types_tuple11_u64_f32_string_f64_s8_list_string_point_shape_bool_char_u32_t*
        ret) {
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
  exports_test_roundtrip_things_thing_t* const thing = malloc(sizeof *thing);
  thing->name = name;
  ++count;
  return exports_test_roundtrip_things_thing_new(thing);
}
void exports_test_roundtrip_things_thing_destructor(exports_test_roundtrip_things_thing_t* object) {
  roundtrip_string_free(&object->name);
  free(object);
  --count;
}
exports_test_roundtrip_things_own_thing_t exports_test_roundtrip_things_constructor_thing(
    roundtrip_string_t* name) {
  return make(*name);
}
void exports_test_roundtrip_things_method_thing_name(
    exports_test_roundtrip_things_borrow_thing_t self, roundtrip_string_t* ret) {
  roundtrip_string_dup_n(ret, (const char*)self->name.ptr, self->name.len);
}
void exports_test_roundtrip_things_method_thing_rename(
    exports_test_roundtrip_things_borrow_thing_t self, roundtrip_string_t* to) {
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
uint32_t exports_test_roundtrip_things_live(void) {
  return count;
}
void exports_test_roundtrip_things_reverse(exports_test_roundtrip_things_list_own_thing_t* all,
                                           exports_test_roundtrip_things_list_own_thing_t* ret) {
  for (size_t i = 0; i < all->len / 2; ++i) {
    const exports_test_roundtrip_things_own_thing_t one = all->ptr[i];
    all->ptr[i] = all->ptr[all->len - 1 - i];
    all->ptr[all->len - 1 - i] = one;
  }
  *ret = *all;
}

// Handed back as they came.
exports_test_roundtrip_things_own_thing_t exports_test_roundtrip_things_keep(
    exports_test_roundtrip_things_own_thing_t it) {
  return it;
}
bool exports_test_roundtrip_things_keep_option(exports_test_roundtrip_things_own_thing_t* maybe_it,
                                               exports_test_roundtrip_things_own_thing_t* ret) {
  if (maybe_it == NULL) return false;
  *ret = *maybe_it;
  return true;
}
bool exports_test_roundtrip_things_keep_result(
    exports_test_roundtrip_things_result_own_thing_string_t* it,
    exports_test_roundtrip_things_own_thing_t* ret, roundtrip_string_t* err) {
  if (it->is_err) {
    *err = it->val.err;
  } else {
    *ret = it->val.ok;
  }
  return !it->is_err;
}
#define KEEP_STRUCTURE(name, type)                                                       \
  void exports_test_roundtrip_things_##name(exports_test_roundtrip_things_##type* it,    \
                                            exports_test_roundtrip_things_##type* ret) { \
    *ret = *it;                                                                          \
  }
KEEP_STRUCTURE(keep_tuple, tuple2_own_thing_string_t)
KEEP_STRUCTURE(keep_fixed, list2_own_thing_t)
KEEP_STRUCTURE(keep_map, map_string_own_thing_t)
KEEP_STRUCTURE(keep_slots, list_slot_t)
KEEP_STRUCTURE(keep_places, list_place_t)

uint32_t exports_test_roundtrip_things_total(
    exports_test_roundtrip_things_list_borrow_thing_t* all) {
  size_t sum = 0;
  for (size_t i = 0; i < all->len; ++i) sum += all->ptr[i]->name.len;
  exports_test_roundtrip_things_list_borrow_thing_free(all);
  return (uint32_t)sum;
}
uint32_t exports_test_roundtrip_things_total_lent(exports_test_roundtrip_things_list_lent_t* all) {
  size_t sum = 0;
  for (size_t i = 0; i < all->len; ++i) sum += all->ptr[i].label.len + all->ptr[i].it->name.len;
  exports_test_roundtrip_things_list_lent_free(all);
  return (uint32_t)sum;
}
uint32_t exports_test_roundtrip_things_total_option(
    exports_test_roundtrip_things_borrow_thing_t* maybe_it) {
  return maybe_it == NULL ? 0 : (uint32_t)(*maybe_it)->name.len;
}
uint32_t exports_test_roundtrip_things_total_tuple(
    exports_test_roundtrip_things_tuple2_borrow_thing_string_t* it) {
  const size_t sum = it->f0->name.len + it->f1.len;
  exports_test_roundtrip_things_tuple2_borrow_thing_string_free(it);
  return (uint32_t)sum;
}

// The host's things.

static size_t append(char* to, size_t at, const roundtrip_string_t* text) {
  memcpy(to + at, text->ptr, text->len);
  return at + text->len;
}
static void must(bool holds) {
  if (!holds) __builtin_trap();
}
static uint32_t length(test_roundtrip_things_own_thing_t thing) {
  roundtrip_string_t name;
  test_roundtrip_things_method_thing_name(test_roundtrip_things_borrow_thing(thing), &name);
  const uint32_t size = (uint32_t)name.len;
  roundtrip_string_free(&name);
  return size;
}

// What the host's other functions make of its things.
static void keep_of_host(test_roundtrip_things_own_thing_t* a,
                         test_roundtrip_things_own_thing_t* b) {
  roundtrip_string_t text;
  test_roundtrip_things_own_thing_t one = test_roundtrip_things_keep(*a);
  must(test_roundtrip_things_keep_option(&one, a) &&
       !test_roundtrip_things_keep_option(NULL, &one));
  test_roundtrip_things_result_own_thing_string_t result = {.is_err = false, .val.ok = *a};
  must(test_roundtrip_things_keep_result(&result, a, &text));
  result.is_err = true;
  roundtrip_string_set(&result.val.err, "no");
  must(!test_roundtrip_things_keep_result(&result, &one, &text) && text.len == 2);
  roundtrip_string_free(&text);
  test_roundtrip_things_tuple2_own_thing_string_t tuple = {.f0 = *a};
  roundtrip_string_set(&tuple.f1, "text");
  test_roundtrip_things_tuple2_own_thing_string_t tuple_back;
  test_roundtrip_things_keep_tuple(&tuple, &tuple_back);
  must(tuple_back.f1.len == 4);
  roundtrip_string_free(&tuple_back.f1);
  test_roundtrip_things_list2_own_thing_t fixed = {{tuple_back.f0, *b}};
  test_roundtrip_things_list2_own_thing_t fixed_back;
  test_roundtrip_things_keep_fixed(&fixed, &fixed_back);
  test_roundtrip_things_map_string_own_thing_t map = {malloc(2 * sizeof *map.ptr), 2};
  for (size_t i = 0; i < 2; ++i) {
    roundtrip_string_set(&map.ptr[i].key, i == 0 ? "a" : "b");
    map.ptr[i].value = fixed_back.at[i];
  }
  test_roundtrip_things_map_string_own_thing_t map_back;
  test_roundtrip_things_keep_map(&map, &map_back);
  free(map.ptr);
  must(map_back.len == 2);
  test_roundtrip_things_slot_t slots[2];
  for (size_t i = 0; i < 2; ++i) {
    slots[i].label = map_back.ptr[i].key;
    slots[i].it = map_back.ptr[i].value;
  }
  test_roundtrip_things_list_slot_t list = {slots, 2};
  test_roundtrip_things_list_slot_t list_back;
  test_roundtrip_things_keep_slots(&list, &list_back);
  for (size_t i = 0; i < 2; ++i) roundtrip_string_free(&map_back.ptr[i].key);
  free(map_back.ptr);
  test_roundtrip_things_place_t places[3] = {
      {.tag = TEST_ROUNDTRIP_THINGS_PLACE_EMPTY},
      {.tag = TEST_ROUNDTRIP_THINGS_PLACE_MORE, .val.more = list_back},
      {.tag = TEST_ROUNDTRIP_THINGS_PLACE_ONE},
  };
  roundtrip_string_set(&text, "c");
  places[2].val.one = test_roundtrip_things_constructor_thing(&text);
  test_roundtrip_things_list_place_t all = {places, 3};
  test_roundtrip_things_list_place_t all_back;
  test_roundtrip_things_keep_places(&all, &all_back);
  for (size_t i = 0; i < 2; ++i) roundtrip_string_free(&list_back.ptr[i].label);
  free(list_back.ptr);
  must(all_back.len == 3 && all_back.ptr[2].tag == TEST_ROUNDTRIP_THINGS_PLACE_ONE);
  must(length(all_back.ptr[2].val.one) == 1);
  test_roundtrip_things_slot_t* const kept = all_back.ptr[1].val.more.ptr;
  *a = kept[0].it;
  *b = kept[1].it;
  // The handles are ours now, the rest goes.
  for (size_t i = 0; i < 2; ++i) roundtrip_string_free(&kept[i].label);
  all_back.ptr[1].val.more.len = 0;
  free(kept);
  test_roundtrip_things_list_place_free(&all_back);
  test_roundtrip_things_lent_t lent = {.it = test_roundtrip_things_borrow_thing(*a)};
  roundtrip_string_set(&lent.label, "12");
  test_roundtrip_things_list_lent_t lents = {&lent, 1};
  must(test_roundtrip_things_total_lent(&lents) == 2 + length(*a));
  test_roundtrip_things_borrow_thing_t borrowed = test_roundtrip_things_borrow_thing(*b);
  must(test_roundtrip_things_total_option(&borrowed) == length(*b) &&
       test_roundtrip_things_total_option(NULL) == 0);
  test_roundtrip_things_tuple2_borrow_thing_string_t pair = {
      .f0 = test_roundtrip_things_borrow_thing(*a)};
  roundtrip_string_set(&pair.f1, "123");
  must(test_roundtrip_things_total_tuple(&pair) == 3 + length(*a));
}

void exports_roundtrip_use_host(roundtrip_string_t* name, roundtrip_tuple2_string_u32_t* ret) {
  roundtrip_string_t text;
  test_roundtrip_things_own_thing_t a = test_roundtrip_things_constructor_thing(name);
  roundtrip_string_free(name);
  roundtrip_string_set(&text, "b");
  test_roundtrip_things_own_thing_t b = test_roundtrip_things_constructor_thing(&text);
  roundtrip_string_set(&text, "bee");
  test_roundtrip_things_method_thing_rename(test_roundtrip_things_borrow_thing(b), &text);
  keep_of_host(&a, &b);
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
    test_roundtrip_things_method_thing_name(test_roundtrip_things_borrow_thing(turned.ptr[i]),
                                            &text);
    at = append(out, at, &text);
    roundtrip_string_free(&text);
  }
  test_roundtrip_things_list_own_thing_free(&turned);
  roundtrip_string_dup_n(&ret->f0, out, at);
  ret->f1 = test_roundtrip_things_live();
}
uint32_t exports_roundtrip_allocated(void) {
  return counted_blocks;
}

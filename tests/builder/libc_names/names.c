// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "WORLD.h"

#define EXPORT(name) exports_WORLD_##name

double EXPORT(sin)(double x) {
  return sin(x);
}
double EXPORT(fmod)(double x, double y) {
  return fmod(x, y);
}
double EXPORT(hypot)(double x, double y) {
  return WORLD_sqrt(x * x + y * y);
}
uint32_t EXPORT(memset)(uint32_t a, uint32_t b, uint32_t c) {
  return a + b + c;
}
uint32_t EXPORT(malloc)(uint32_t n) {
  return demo_names_host_malloc(n) + 1;
}
uint32_t EXPORT(free)(uint32_t n) {
  return n + 2;
}
uint32_t EXPORT(strlen)(WORLD_string_t* s) {
  return (uint32_t)s->len;
}
void EXPORT(fill)(uint32_t n, WORLD_list_u8_t* ret) {
  ret->ptr = malloc(2 * n);
  ret->len = 2 * n;
  memset(ret->ptr, 1, n);
  memset(ret->ptr + n, 9, n);
}
static void text(WORLD_string_t* ret, const char* from) {
  ret->len = strlen(from);
  ret->ptr = malloc(ret->len);
  memcpy(ret->ptr, from, ret->len);
}
void EXPORT(abort)(WORLD_string_t* s, WORLD_string_t* ret) {
  *ret = *s;
}
#ifdef OWN
void EXPORT(memory)(uint32_t n, WORLD_string_t* ret) {
  const char digits[] = {'m', (char)('0' + n / 10), (char)('0' + n % 10), 0};
  text(ret, digits);
}
#endif

struct exports_demo_names_shapes_memset_t {
  uint32_t n;
};
void exports_demo_names_shapes_memset_destructor(exports_demo_names_shapes_memset_t* object) {
  free(object);
}
uint32_t exports_demo_names_shapes_memory(void) {
  return 77;
}
exports_demo_names_shapes_own_memset_t exports_demo_names_shapes_constructor_memset(uint32_t n) {
  exports_demo_names_shapes_memset_t* object = malloc(sizeof *object);
  object->n = n;
  return exports_demo_names_shapes_memset_new(object);
}
void exports_demo_names_shapes_method_memset_free(exports_demo_names_shapes_borrow_memset_t self,
                                                  WORLD_string_t* ret) {
  (void)self;
  text(ret, "freed");
}

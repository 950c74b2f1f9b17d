#include "accessors.h"

#include <stdlib.h>

struct exports_example_accessors_shapes_canvas_t {
  uint32_t width;
};
static uint8_t volume = 3;
static uint8_t depth = 9;
static accessors_string_t label;

uint8_t exports_accessors_volume(void) { return volume; }
void exports_accessors_set_volume(uint8_t value) { volume = value; }
uint32_t exports_accessors_next_limit(void) {
  example_accessors_settings_set_limit(example_accessors_settings_limit() + 1);
  return example_accessors_settings_limit() * accessors_scale();
}

exports_example_accessors_shapes_own_canvas_t exports_example_accessors_shapes_constructor_canvas(uint32_t width) {
  exports_example_accessors_shapes_canvas_t *canvas = malloc(sizeof *canvas);
  canvas->width = width;
  return exports_example_accessors_shapes_canvas_new(canvas);
}
void exports_example_accessors_shapes_canvas_destructor(exports_example_accessors_shapes_canvas_t *canvas) {
  free(canvas);
}
uint32_t exports_example_accessors_shapes_method_canvas_width(exports_example_accessors_shapes_borrow_canvas_t self) {
  return self->width;
}
void exports_example_accessors_shapes_method_canvas_set_width(exports_example_accessors_shapes_borrow_canvas_t self,
                                                              uint32_t value) {
  self->width = value;
}
bool exports_example_accessors_shapes_method_canvas_title(exports_example_accessors_shapes_borrow_canvas_t self,
                                                          accessors_string_t *ret, accessors_string_t *err) {
  (void)self;
  (void)ret;
  accessors_string_dup(err, "no title");
  return false;
}
bool exports_example_accessors_shapes_method_canvas_set_title(exports_example_accessors_shapes_borrow_canvas_t self,
                                                              accessors_string_t *value, accessors_string_t *err) {
  (void)self;
  (void)err;
  accessors_string_free(value);
  return true;
}
uint8_t exports_example_accessors_shapes_static_canvas_depth(void) { return depth; }
void exports_example_accessors_shapes_static_canvas_set_depth(uint8_t value) { depth = value; }
void exports_example_accessors_shapes_label(accessors_string_t *ret) {
  accessors_string_dup_n(ret, (const char *)label.ptr, label.len);
}
void exports_example_accessors_shapes_set_label(accessors_string_t *value) {
  accessors_string_free(&label);
  label = *value;
}

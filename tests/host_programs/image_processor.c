// SPDX-License-Identifier: Apache-2.0
// Resizes pictures of three bytes a pixel, bilinear, in fixed point.
#include "guest.h"

#define NAME "local:image-processor/processor@0.1.0#resize"

enum { jpeg, png, webp };

// result<image, resize-error>
static struct {
  u8 is_error;
  union {
    struct {
      u32 width, height;
      u8* data;
      u32 length;
    } ok;
    struct {
      u8 unsupported_format;
      const char* at;
      u32 length;
    } error;
  };
} out;

// Where the centre of pixel `i` of `to` lies among `from` pixels: 16 bits of whole, 16 of part.
static u32 place(u32 i, u32 from, u32 to) {
  const long long at = ((2ll * i + 1) * from * 0x10000ll / to - 0x10000ll) / 2;
  const long long last = (long long)(from - 1) << 16;
  return (u32)(at < 0 ? 0 : at > last ? last : at);
}
static u32 mix(u32 a, u32 b, u32 part) {
  return (a * (0x10000 - part) + b * part) >> 16;
}

static void resize_rows(const u8* src, u32 w, u32 h, u8* to, u32 nw, u32 nh) {
  for (u32 y = 0; y < nh; ++y) {
    const u32 row = place(y, h, nh);
    const u8* above = src + (row >> 16) * w * 3;
    const u8* below = (row >> 16) + 1 < h ? above + w * 3 : above;
    for (u32 x = 0; x < nw; ++x) {
      const u32 column = place(x, w, nw);
      const u32 left = (column >> 16) * 3;
      const u32 right = (column >> 16) + 1 < w ? left + 3 : left;
      for (u32 c = 0; c < 3; ++c) {
        const u32 up = mix(above[left + c], above[right + c], column & 0xFFFF);
        const u32 down = mix(below[left + c], below[right + c], column & 0xFFFF);
        *to++ = (u8)mix(up, down, row & 0xFFFF);
      }
    }
  }
}

EXPORT(NAME)
void* resize(u32 w, u32 h, const u8* data, u32 length, u32 nw, u32 nh, u32 format) {
  out.is_error = 1;
  out.error.unsupported_format = format == webp;
  if (format == webp) return &out;
  out.error.at = "the sides and the length do not fit";
  out.error.length = 35;
  if (w == 0 || h == 0 || nw == 0 || nh == 0 || w > 0x4000 || h > 0x4000 || nw > 0x4000 ||
      nh > 0x4000 || w * h * 3 != length) {
    return &out;
  }
  u8* to = cabi_realloc(0, 0, 1, nw * nh * 3);
  resize_rows(data, w, h, to, nw, nh);
  out.is_error = 0;
  out.ok.width = nw;
  out.ok.height = nh;
  out.ok.data = to;
  out.ok.length = nw * nh * 3;
  return &out;
}
EXPORT("cabi_post_" NAME) void resize_done(void* result) {
  (void)result;
  free_all();
}

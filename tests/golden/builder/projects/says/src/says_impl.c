#include <stdio.h>

#include "says.h"

// What is written goes nowhere, and what reads that it was written is content.
uint32_t exports_says_add(uint32_t a, uint32_t b) {
  const int written = printf("%u + %u\n", (unsigned)a, (unsigned)b);
  return fflush(stdout) == 0 && written > 0 ? a + b : 0;
}

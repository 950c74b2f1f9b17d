// SPDX-License-Identifier: Apache-2.0
// greets NAME: ends with 0 when the variable WHO has that value, with 3 when it has another.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char** argv) {
  const char* const who = getenv("WHO");
  printf("WHO=%s\n", who == NULL ? "(none)" : who);
  return argc == 2 && who != NULL && strcmp(who, argv[1]) == 0 ? 0 : 3;
}

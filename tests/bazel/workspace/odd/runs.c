// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

int main(int argc, char** argv) {
  FILE* file = argc > 1 ? fopen(argv[1], "r") : NULL;
  char line[64] = "";
  if (!file || !fgets(line, sizeof line, file)) return 1;
  fputs(line, stdout);
  return 0;
}

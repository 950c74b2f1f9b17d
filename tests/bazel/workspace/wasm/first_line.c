// SPDX-License-Identifier: Apache-2.0
// first_line FILE TEXT: ends with 0 when the file begins with a line of that text.
#include <stdio.h>
#include <string.h>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  FILE* const file = fopen(argv[1], "r");
  if (file == NULL) return 3;
  char line[64];
  if (fgets(line, sizeof line, file) == NULL) return 4;
  line[strcspn(line, "\n")] = 0;
  return strcmp(line, argv[2]) == 0 ? 0 : 1;
}

// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

int main(int argc, char**) {
  std::cout << "arguments " << argc << ' ' << std::getenv("KEY") << std::endl;
  std::map<std::string, int> names;
  for (int i = 0; i < 20000; ++i) names[std::to_string(i)] = i;
  std::vector<std::vector<unsigned char>> blocks;
  for (int i = 0; i < 100; ++i) blocks.emplace_back(100000, static_cast<unsigned char>(i));
  long sum = 0;
  for (const auto& block : blocks) sum += block[7];
  std::cout << names.size() << ' ' << sum << '\n';
  for (const char* mode : {"w", "a"}) {
    std::FILE* const file = std::fopen("/work/cpp.txt", mode);
    std::fputs(mode[0] == 'w' ? "one\ntwo\n" : "three\n", file);
    std::fclose(file);
  }
  std::FILE* const file = std::fopen("/work/cpp.txt", "r");
  char line[100];
  while (std::fgets(line, sizeof line, file) != nullptr) std::cout << "line " << line;
  std::fclose(file);
  for (std::string word; std::cin >> word;) std::cout << word << '|';
  std::cout << '\n';
  std::cerr << "to stderr\n";
  return 5;
}

// Runs while building: contracts/openapi.yaml as JSON, which is read ten times as fast at each
// start.
#include "api/yaml_json.h"

#include <cstdio>
#include <fstream>
#include <iterator>

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("usage: contract_tool FROM.yaml TO.json\n", stderr);
    return 2;
  }
  std::ifstream in(arguments[1], std::ios::binary);
  const std::string yaml{std::istreambuf_iterator<char>(in), {}};
  const auto json = preloop::api::yaml_to_json(yaml);
  if (!json) {
    std::fprintf(stderr, "%s: %s\n", arguments[1], json.error().message.c_str());
    return 1;
  }
  std::ofstream out(arguments[2], std::ios::binary);
  out << *json << std::flush;
  return out ? 0 : 1;
}

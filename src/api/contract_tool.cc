// Runs while building: contracts/openapi.yaml as JSON, which reads ten times as fast at each start.
#include "api/yaml_json.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

namespace preloop::api {
namespace {

int convert(const char* from, const char* to) {
  std::ifstream in(from, std::ios::binary);
  const std::string yaml{std::istreambuf_iterator<char>(in), {}};
  const auto json = yaml_to_json(yaml);
  if (!json) {
    std::fprintf(stderr, "%s: %s\n", from, json.error().message.c_str());
    return 1;
  }
  std::ofstream out(to, std::ios::binary);
  out << *json << std::flush;
  return out ? 0 : 1;
}

}  // namespace
}  // namespace preloop::api

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("usage: contract_tool FROM.yaml TO.json\n", stderr);
    return 2;
  }
  return preloop::api::convert(arguments[1], arguments[2]);
}

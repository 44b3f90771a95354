#include "load_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace preloop::bench {
namespace {

double micros(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1000;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}

}  // namespace

std::string LoadReport::to_json() const {
  const double calls = static_cast<double>(std::max<std::uint64_t>(answered, 1));
  const double seconds = std::max(1e-9, std::chrono::duration<double>(elapsed).count());
  return fmt::format(
      R"({{"started":{},"answered":{},"errors":{},"lost_connections":{},"first_error":{},)"
      R"("seconds":{:.3f},"calls_per_second":{:.1f},"cpu_us_per_call":{:.2f},)"
      R"("load_cpu_us_per_call":{:.2f},"latency_us":{{"mean":{:.1f},"p50":{:.1f},"p90":{:.1f},)"
      R"("p99":{:.1f},"p999":{:.1f},"max":{:.1f}}}}})",
      started,
      answered,
      errors,
      lost_connections,
      quoted(first_error),
      seconds,
      static_cast<double>(answered) / seconds,
      micros(static_cast<std::uint64_t>(watched_cpu.count())) / calls,
      micros(static_cast<std::uint64_t>(own_cpu.count())) / calls,
      latency.mean() / 1000,
      micros(latency.percentile(0.50)),
      micros(latency.percentile(0.90)),
      micros(latency.percentile(0.99)),
      micros(latency.percentile(0.999)),
      micros(latency.max()));
}

}  // namespace preloop::bench

#include "core/log.h"

#include "core/clock.h"
#include "core/json_writer.h"
#include "core/text.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>

namespace preloop::core::log {
namespace {

std::atomic<Format> g_format = Format::text;
std::atomic<Level> g_level = Level::warn;

spdlog::logger& sink() {
  static const auto k_logger = [] {
    auto logger = std::make_shared<spdlog::logger>(
        "preloop", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::trace);
    logger->flush_on(spdlog::level::trace);
    return logger;
  }();
  return *k_logger;
}

constexpr std::string_view k_names[] = {"debug", "info", "warn", "error"};
constexpr std::size_t k_max_value = 2048;

}  // namespace

void configure(Format format, Level least) {
  g_format = format;
  g_level = least;
}

bool enabled(Level level) {
  return level >= g_level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view message, Fields fields) {
  if (!enabled(level) || level == Level::off) {
    return;
  }
  const std::string time = to_rfc3339(std::chrono::floor<milliseconds>(SystemClock().wall()));
  const std::string_view name = k_names[static_cast<std::size_t>(level)];
  std::string line;
  if (g_format.load(std::memory_order_relaxed) == Format::json) {
    JsonWriter writer(line);
    writer.begin_object().field("time", time).field("level", name).field("message", message);
    for (const Field& field : fields) {
      writer.field(field.name, truncate_utf8(field.value, k_max_value));
    }
    writer.end_object();
  } else {
    line = time + " " + std::string(name) + " " + printable(message);
    for (const Field& field : fields) {
      const bool quote = field.value.empty() || field.value.find(' ') != std::string::npos;
      line += " ";
      line += field.name;
      line += quote ? "=\"" : "=";
      line += printable(field.value, k_max_value);
      line += quote ? "\"" : "";
    }
  }
  sink().log(spdlog::level::info, "{}", line);
}

}  // namespace preloop::core::log

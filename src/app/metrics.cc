#include "app/metrics.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace preloop::app {

void MetricsPage::head(std::string_view name, std::string_view help, std::string_view type) {
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void MetricsPage::counter(std::string_view name, std::string_view help, std::uint64_t value) {
  head(name, help, "counter");
  text_ += fmt::format("{} {}\n", name, value);
}

void MetricsPage::gauge(std::string_view name, std::string_view help, double value) {
  head(name, help, "gauge");
  text_ += fmt::format("{} {}\n", name, value);
}

void MetricsPage::counters(std::string_view name,
                           std::string_view help,
                           const std::vector<std::pair<std::string, std::uint64_t>>& by_label) {
  head(name, help, "counter");
  for (const auto& [labels, value] : by_label) {
    text_ += fmt::format("{}{{{}}} {}\n", name, labels, value);
  }
}

void add_process_metrics(MetricsPage& page) {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  statm >> size >> resident;
  page.gauge("process_resident_memory_bytes",
             "Resident memory.",
             static_cast<double>(resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))));
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  page.gauge("process_cpu_seconds_total",
             "CPU time, user and system.",
             seconds(usage.ru_utime) + seconds(usage.ru_stime));
  std::error_code error;
  double descriptors = 0;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && it != std::filesystem::directory_iterator();
       it.increment(error)) {
    ++descriptors;
  }
  page.gauge("process_open_fds", "Open descriptors.", descriptors);
}

}  // namespace preloop::app

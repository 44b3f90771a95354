#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::app {

/// Builds a page in Prometheus' text format 0.0.4. Names are ours; no label ever holds a name that
/// somebody else chose.
class MetricsPage {
 public:
  void counter(std::string_view name, std::string_view help, std::uint64_t value);
  void gauge(std::string_view name, std::string_view help, double value);
  /// `labels` as they stand between the braces, for instance `outcome="succeeded"`.
  void counters(std::string_view name,
                std::string_view help,
                const std::vector<std::pair<std::string, std::uint64_t>>& by_label);
  std::string take() { return std::move(text_); }

 private:
  void head(std::string_view name, std::string_view help, std::string_view type);
  std::string text_;
};

/// Of this process: resident memory, CPU seconds, open descriptors, start time. Reads /proc/self.
void add_process_metrics(MetricsPage& page);

}  // namespace preloop::app

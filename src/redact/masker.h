#pragma once
#include "redact/redact.h"
#include "redact/shapes.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace preloop::redact {

/// Masks texts one after the other and counts what it masked. Internal to src/redact.
class Masker {
 public:
  Masker(Detectors detectors, Style style);

  /// Appends `text` with what was found replaced; whether anything was.
  bool append(std::string& out, std::string_view text);
  /// Counts `kind` and returns what stands in the place of `masked`.
  std::string marker(std::string_view kind, std::string_view masked);
  static bool is_marker(std::string_view text);

  bool masks_names() const { return detectors_.has(Detector::secrets); }
  bool masks_card_numbers() const { return detectors_.has(Detector::credit_card); }
  bool changed() const { return !masked_.empty(); }
  std::vector<Masked> take_masked() { return std::move(masked_); }

 private:
  bool find(std::string_view text, std::size_t at, Match& match) const;

  Detectors detectors_;
  Style style_;
  std::uint8_t begins_ = 0;  ///< bits of k_bytes that one of the detectors begins with
  std::vector<Masked> masked_;
};

}  // namespace preloop::redact

#include "schema/number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace preloop::schema {
namespace {

using core::Json;
using core::JsonKind;
using Wide = unsigned __int128;

/// mantissa * 10^exponent, sign dropped; the mantissa has no trailing zeros unless it is 0.
struct Decimal {
  std::uint64_t mantissa = 0;
  int exponent = 0;
};

Decimal decimal_of(Json number) {
  Decimal out;
  if (number.is(JsonKind::integer)) {
    const std::int64_t value = number.node()->integer;
    out.mantissa =
        value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  } else if (number.is(JsonKind::unsigned_integer)) {
    out.mantissa = number.node()->unsigned_integer;
  } else {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(),
                                   text.data() + text.size(),
                                   std::fabs(number.node()->number),
                                   std::chars_format::scientific);
    const char* at = text.data();
    bool fraction = false;
    for (; at != end.ptr && *at != 'e'; ++at) {
      if (*at == '.') {
        fraction = true;
      } else {
        out.mantissa = out.mantissa * 10 + static_cast<std::uint64_t>(*at - '0');
        out.exponent -= fraction ? 1 : 0;
      }
    }
    int written = 0;
    // from_chars takes no plus sign.
    std::from_chars(at + (at + 1 < end.ptr && at[1] == '+' ? 2 : 1), end.ptr, written);
    out.exponent += written;
  }
  while (out.mantissa != 0 && out.mantissa % 10 == 0) {
    out.mantissa /= 10;
    ++out.exponent;
  }
  return out;
}

/// `integral` is an integer kind, `real` a double.
std::strong_ordering compare_mixed(Json integral, double real) {
  // Every integer of ours lies strictly between these two.
  if (real < -9223372036854775808.0) {
    return std::strong_ordering::greater;
  }
  if (real >= 18446744073709551616.0) {
    return std::strong_ordering::less;
  }
  // Both fit: __int128 holds either kind, and the floor of a double of this size is exact.
  const double whole = std::floor(real);
  const __int128 right = static_cast<__int128>(whole);
  const __int128 left = integral.is(JsonKind::integer)
                            ? static_cast<__int128>(integral.node()->integer)
                            : static_cast<__int128>(integral.node()->unsigned_integer);
  if (left != right) {
    return left < right ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return real > whole ? std::strong_ordering::less : std::strong_ordering::equal;
}

}  // namespace

bool is_integral(Json number) {
  return !number.is(JsonKind::number) || number.node()->number == std::floor(number.node()->number);
}

std::strong_ordering compare_numbers(Json a, Json b) {
  const bool real_a = a.is(JsonKind::number), real_b = b.is(JsonKind::number);
  if (real_a && real_b) {
    const double x = a.node()->number, y = b.node()->number;
    return x < y   ? std::strong_ordering::less
           : x > y ? std::strong_ordering::greater
                   : std::strong_ordering::equal;
  }
  if (real_b) {
    return compare_mixed(a, b.node()->number);
  }
  if (real_a) {
    return 0 <=> compare_mixed(b, a.node()->number);
  }
  if (a.kind() != b.kind()) {
    // unsigned_integer only holds what is above int64.
    return a.is(JsonKind::integer) ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return a.is(JsonKind::integer) ? a.node()->integer <=> b.node()->integer
                                 : a.node()->unsigned_integer <=> b.node()->unsigned_integer;
}

bool is_multiple_of(Json number, Json divisor) {
  const Decimal a = decimal_of(number), b = decimal_of(divisor);
  if (a.mantissa == 0) {
    return true;
  }
  if (a.exponent < b.exponent) {
    // a must be a multiple of b * 10^gap; 10^20 is above any mantissa.
    const int gap = b.exponent - a.exponent;
    if (gap >= 20) {
      return false;
    }
    Wide scaled = b.mantissa;
    for (int i = 0; i < gap; ++i) {
      scaled *= 10;
    }
    return a.mantissa % scaled == 0;
  }
  // a * 10^gap mod b, by squaring; the gap is below 1000.
  Wide power = 10 % b.mantissa, rest = a.mantissa % b.mantissa;
  for (int gap = a.exponent - b.exponent; gap > 0; gap /= 2) {
    if (gap % 2 != 0) {
      rest = rest * power % b.mantissa;
    }
    power = power * power % b.mantissa;
  }
  return rest == 0;
}

}  // namespace preloop::schema

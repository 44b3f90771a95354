#include "cel/function.h"
#include "core/text.h"

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

Value encode(Frame& frame, Args args) {
  if (!args[0].is(Kind::bytes)) {
    return Value::of_overload_error(args[0].kind());
  }
  return frame.spend_bytes_read(args[0].size() * 2)
             ? frame.make_string(core::to_base64(args[0].as_text()))
             : Value::null();
}

/// Padding may be left out.
Value decode(Frame& frame, Args args) {
  if (!args[0].is(Kind::string)) {
    return Value::of_overload_error(args[0].kind());
  }
  if (!frame.spend_bytes_read(args[0].size() * 2)) {
    return Value::null();
  }
  std::string text(args[0].as_text());
  if (!text.ends_with('=')) {
    text.append((4 - text.size() % 4) % 4, '=');
  }
  const auto decoded = core::from_base64(text);
  if (!decoded) {
    return Value::of_error(ErrorCode::invalid_text);
  }
  const Value out = frame.make_string(*decoded);
  return out.is(Kind::string) ? Value::of_bytes(out.as_text()) : out;
}

constexpr Function k_functions[] = {
    {"base64.encode", CallStyle::global, 1, 1, encode, "(bytes) -> string", "bytes as base64 text"},
    {"base64.decode",
     CallStyle::global,
     1,
     1,
     decode,
     "(string) -> bytes",
     "the bytes base64 text stands for"},
};

}  // namespace

std::span<const Function> encoder_functions() {
  return k_functions;
}

}  // namespace preloop::cel

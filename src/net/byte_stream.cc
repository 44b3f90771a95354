#include "net/byte_stream.h"

namespace preloop::net {

core::Task<core::Status> ByteStream::write_all(std::string_view first, std::string_view second) {
  if (!first.empty()) {
    PRELOOP_CO_CHECK(co_await write_all(first));
  }
  if (!second.empty()) {
    PRELOOP_CO_CHECK(co_await write_all(second));
  }
  co_return core::Status();
}

}  // namespace preloop::net

#include "net/byte_stream.h"

#include <algorithm>
#include <array>

namespace preloop::net {

core::Task<core::Result<std::size_t>> ByteStream::append_some(std::string& to, std::size_t most) {
  std::array<char, 4096> chunk;
  PRELOOP_CO_TRY(const std::size_t size,
                 co_await read_some({chunk.data(), std::min(most, chunk.size())}));
  to.append(chunk.data(), size);
  co_return size;
}

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

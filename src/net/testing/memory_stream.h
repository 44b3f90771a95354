#pragma once
#include "net/byte_stream.h"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <utility>

namespace preloop::net::testing {

/// Two connected ends in memory, both on the loop of `executor`. A writer suspends while the other
/// end has `capacity` bytes to read. An end that is closed or destroyed behaves as TCP does: what
/// was written can be read, then the end comes; writing to it is `unavailable`.
std::pair<ByteStreamPtr, ByteStreamPtr> make_memory_pair(
    const boost::asio::any_io_executor& executor, std::size_t capacity = 64 * 1024);

}  // namespace preloop::net::testing

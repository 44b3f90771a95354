#pragma once
#include "net/http1_head.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace preloop::net {

/// How the end of a body is marked.
enum class Framing : std::uint8_t { length, chunked, until_close };
enum class AfterResponse : std::uint8_t { keep_open, close };

struct HeadOptions {
  Framing framing = Framing::length;
  AfterResponse after = AfterResponse::keep_open;
  std::string_view date;
  std::string_view request_id;
};

/// Appends status line and fields. Framing, Connection, Date, X-Request-Id and nosniff are ours:
/// the handler's are dropped, as are fields whose value could add others. Cache-Control is no-store
/// unless the handler chose.
void append_response_head(std::string& out, const Response& response, const HeadOptions& options);

/// May a response of this status have a body (RFC 9110, 6.4.1)?
bool has_body(int status);

/// "1f\r\n", which starts a chunk.
void append_chunk_size(std::string& out, std::size_t size);

}  // namespace preloop::net

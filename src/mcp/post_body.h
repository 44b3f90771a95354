#pragma once
#include "core/result.h"
#include "mcp/rpc_codec.h"
#include "net/http.h"

#include <expected>
#include <string>
#include <vector>

namespace preloop::mcp {

/// The body of a POST, read: one message, or the members of a batch.
struct PostBody {
  struct Member {
    core::Result<Message> message;
    std::string id;  ///< of a member that is no message, when it could be read; JSON
  };
  bool is_batch = false;
  std::vector<Member> members;
};

/// How many messages a batch may have.
constexpr std::size_t k_max_batch = 50;

/// Reads a body. The refusal is final: 400 with -32700 for what is not JSON and -32600 for what is
/// no JSON-RPC message, or an empty or too large batch. A bad member of a batch is reported in its
/// place. Pure.
std::expected<PostBody, net::Response> read_post_body(std::string text);

}  // namespace preloop::mcp

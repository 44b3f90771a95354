// The MCP server behind the measured proxies: streamable HTTP, JSON answers, as cheap as a server
// can be. Every tool answers 1 KiB of text. `hold` also notes when the call came in; GET /received
// lists those as "<args.n> <CLOCK_MONOTONIC ns>".
//
//   bench_upstream --port 0        prints {"port":…} when it listens
#include "http_message.h"
#include "options.h"
#include "process_time.h"
#include "socket.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace preloop::bench {
namespace {

constexpr std::string_view k_schema =
    R"({"type":"object","additionalProperties":false,"required":["n","text"],"properties":{)"
    R"("n":{"type":"integer","minimum":0},"amount":{"type":"number","minimum":0},)"
    R"("path":{"type":"string","maxLength":200},"text":{"type":"string"},)"
    R"("options":{"type":"object","properties":{"recursive":{"type":"boolean"},)"
    R"("tags":{"type":"array","items":{"type":"string"}}}}}})";
constexpr std::array k_tools = {"echo", "hold", "pay", "deploy", "search", "send_email"};
/// A session costs nothing here: one name serves every client.
constexpr std::string_view k_session = "Mcp-Session-Id: bench\r\n";

std::string list_of_tools() {
  std::string out = R"({"tools":[)";
  for (const std::string_view name : k_tools) {
    fmt::format_to(std::back_inserter(out),
                   R"({}{{"name":"{}","description":"Answers 1 KiB of text.","inputSchema":{}}})",
                   name == k_tools.front() ? "" : ",",
                   name,
                   k_schema);
  }
  return out + "]}";
}

/// What follows `"key":` up to the end of a scalar, quotes included. Enough for messages whose
/// arguments we wrote ourselves.
std::string_view scalar(std::string_view json, std::string_view quoted_key) {
  std::size_t at = json.find(quoted_key);
  if (at == std::string_view::npos) {
    return {};
  }
  at = json.find_first_not_of(": ", at + quoted_key.size());
  if (at == std::string_view::npos) {
    return {};
  }
  const std::size_t end =
      json[at] == '"' ? json.find('"', at + 1) + 1 : json.find_first_of(",}", at);
  return json.substr(at, end - at);
}

class Upstream {
 public:
  explicit Upstream(std::uint16_t port) : listener_(Socket::listen(port)) {
    tools_ = list_of_tools();
    text_ = fmt::format(R"({{"content":[{{"type":"text","text":"{}"}}],"isError":false}})",
                        std::string(1024, 'x'));
    poller_.add(listener_, k_listener);
    fmt::print("{{\"port\":{}}}\n", listener_.port());
    std::fflush(stdout);
  }

  void run() {
    while (true) {
      poller_.wait(-1, [this](std::uint32_t tag) { tag == k_listener ? accept() : serve(tag); });
    }
  }

 private:
  static constexpr std::uint32_t k_listener = 0;

  void accept() {
    Socket socket = listener_.accept();
    if (socket.open()) {
      const auto tag = static_cast<std::uint32_t>(socket.descriptor());
      poller_.add(socket, tag);
      clients_.insert_or_assign(tag, std::move(socket));
    }
  }

  void serve(std::uint32_t tag) {
    Socket& client = clients_[tag];
    bool open = client.receive();
    HttpMessage request;
    Framed framed = Framed::incomplete;
    while (open && (framed = read_message(client.received(), request)) == Framed::complete) {
      answer(request);
      open = client.send(out_);
      client.consume(request.size);
    }
    if (!open || framed == Framed::malformed) {
      clients_.erase(tag);
    }
  }

  void answer(const HttpMessage& request) {
    if (request.start_line.starts_with("GET /received ")) {
      return respond("200 OK", "text/plain", received_);
    }
    if (request.start_line.starts_with("GET ")) {
      return respond("405 Method Not Allowed", "text/plain", "");
    }
    const std::string_view id = scalar(request.body, "\"id\"");
    if (id.empty()) {
      return respond("202 Accepted", "text/plain", "");
    }
    const std::string_view method = scalar(request.body, "\"method\"");
    if (method == "\"tools/call\"") {
      if (request.body.find(R"("name":"hold")") != std::string_view::npos) {
        fmt::format_to(std::back_inserter(received_),
                       "{} {}\n",
                       scalar(request.body, "\"n\""),
                       monotonic_now().count());
      }
      return respond_rpc(id, "result", text_);
    }
    if (method == "\"initialize\"") {
      return respond_rpc(id,
                         "result",
                         fmt::format(R"({{"protocolVersion":{},"capabilities":{{"tools":{{}}}},)"
                                     R"("serverInfo":{{"name":"bench","version":"1"}}}})",
                                     scalar(request.body, "\"protocolVersion\"")));
    }
    if (method == "\"tools/list\"") {
      return respond_rpc(id, "result", tools_);
    }
    if (method == "\"ping\"") {
      return respond_rpc(id, "result", "{}");
    }
    respond_rpc(id, "error", R"({"code":-32601,"message":"Method not found"})");
  }

  void respond(std::string_view status, std::string_view type, std::string_view body) {
    out_.clear();
    fmt::format_to(std::back_inserter(out_),
                   "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}",
                   status,
                   type,
                   body.size(),
                   body);
  }

  void respond_rpc(std::string_view id, std::string_view member, std::string_view value) {
    constexpr std::string_view k_open = R"({"jsonrpc":"2.0","id":)";
    out_.assign("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n");
    out_.append(k_session);
    fmt::format_to(std::back_inserter(out_),
                   "Content-Length: {}\r\n\r\n",
                   k_open.size() + id.size() + member.size() + value.size() + 5);
    out_.append(k_open).append(id).append(",\"").append(member).append("\":");
    out_.append(value).append("}");
  }

  Socket listener_;
  Poller poller_;
  std::unordered_map<std::uint32_t, Socket> clients_;  ///< by descriptor
  std::string tools_;
  std::string text_;
  std::string received_;
  std::string out_;
};

}  // namespace
}  // namespace preloop::bench

int main(int count, char** arguments) {
  using namespace preloop::bench;
  const Options options({arguments, static_cast<std::size_t>(count)}, {{"port", "0"}});
  Upstream(static_cast<std::uint16_t>(options.count("port"))).run();
}

#include "mcp/example_server.h"

#include "core/json.h"
#include "core/json_writer.h"
#include "mcp/line_reader.h"
#include "mcp/rpc_codec.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::mcp {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t k_max_line = 1024 * 1024;
constexpr std::chrono::milliseconds k_step{250};
constexpr std::int64_t k_max_count = 1'000;
constexpr std::size_t k_max_counts = 64;

constexpr std::string_view k_tools = R"json({"tools":[
{"name":"pay","title":"Pay","description":"Pay an amount from the example account to a recipient.",
"inputSchema":{"type":"object","properties":{
"recipient":{"type":"string","minLength":1,"maxLength":100,"description":"Who is paid"},
"amount":{"type":"number","exclusiveMinimum":0,"maximum":1000000,"description":"In euros"},
"memo":{"type":"string","maxLength":200,"description":"Shown to the recipient"}},
"required":["recipient","amount"],"additionalProperties":false},
"annotations":{"readOnlyHint":false,"destructiveHint":true,"idempotentHint":false,"openWorldHint":true}},
{"name":"rollback_deployment","title":"Roll back a deployment",
"description":"Put an earlier version of a service back in place.",
"inputSchema":{"type":"object","properties":{
"service":{"type":"string","minLength":1,"maxLength":100},
"version":{"type":"string","minLength":1,"maxLength":100}},
"required":["service","version"],"additionalProperties":false},
"annotations":{"readOnlyHint":false,"destructiveHint":true,"idempotentHint":true,"openWorldHint":false}},
{"name":"get_balance","title":"Balance","description":"The balance of the example account.",
"inputSchema":{"type":"object","properties":{},"additionalProperties":false},
"outputSchema":{"type":"object","properties":{"balance":{"type":"number"},"currency":{"type":"string"}},
"required":["balance","currency"]},
"annotations":{"readOnlyHint":true,"destructiveHint":false,"idempotentHint":true,"openWorldHint":false}},
{"name":"slow_count","title":"Count slowly",
"description":"Count from 1 to n, four steps a second, with progress. Can be cancelled.",
"inputSchema":{"type":"object","properties":{"n":{"type":"integer","minimum":1,"maximum":1000}},
"required":["n"],"additionalProperties":false},
"annotations":{"readOnlyHint":true,"destructiveHint":false,"idempotentHint":true,"openWorldHint":false}}
]})json";

/// A slow_count in progress.
struct Count {
  std::string request;         ///< JSON text of its id
  std::string progress_token;  ///< JSON text; empty: nobody wants to know
  std::int64_t n = 0;
  std::int64_t reached = 0;
  Clock::time_point due;
};

std::string text_result(std::string_view text, std::string_view structured = {}) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("content").begin_array().begin_object();
  writer.field("type", "text").field("text", text).end_object().end_array();
  if (!structured.empty()) {
    writer.key("structuredContent").raw(structured);
  }
  writer.end_object();
  return out;
}

std::string euros(std::int64_t cents) {
  return fmt::format("{}.{:02}", cents / 100, cents % 100);
}

class ExampleServer {
 public:
  int run() {
    LineReader lines(k_max_line);
    std::array<char, 16 * 1024> buffer;
    while (writable_) {
      if (!wait_for_input()) {
        advance();
        continue;
      }
      const ssize_t size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
      if (size <= 0) {
        return size == 0 ? 0 : 1;
      }
      std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
      while (!bytes.empty()) {
        if (auto line = lines.take(bytes)) {
          take(std::move(*line));
        }
      }
      advance();
    }
    return 0;
  }

 private:
  /// False when a count is due first.
  bool wait_for_input() const {
    int timeout = -1;
    for (const Count& count : counts_) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(count.due - Clock::now()).count();
      const int wait = static_cast<int>(std::max<std::int64_t>(left, 0));
      timeout = timeout < 0 ? wait : std::min(timeout, wait);
    }
    pollfd entry{STDIN_FILENO, POLLIN, 0};
    const int ready = ::poll(&entry, 1, timeout);
    return ready > 0;
  }

  void send(std::string message) {
    std::ranges::replace(message, '\n', ' ');
    message += '\n';
    std::string_view rest = message;
    while (!rest.empty() && writable_) {
      const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
      if (written < 0 && errno != EINTR) {
        writable_ = false;
      } else if (written > 0) {
        rest.remove_prefix(static_cast<std::size_t>(written));
      }
    }
  }

  void take(LineReader::Line line) {
    if (!line.too_long && line.text.find_first_not_of(" \t\r") == std::string::npos) {
      return;
    }
    auto message = line.too_long
                       ? core::fail(core::Code::invalid_argument, "the message is too long")
                       : Message::parse(std::move(line.text));
    if (!message) {
      send(make_error({}, k_parse_error, message.error().message));
      return;
    }
    if (message->kind() == Message::Kind::request) {
      answer(*message);
    } else if (message->method() == "notifications/cancelled") {
      const auto id = core::raw_member(message->params_text(), "requestId");
      std::erase_if(counts_, [&](const Count& count) { return count.request == id; });
    }
  }

  void answer(const Message& request) {
    const std::string_view id = request.id(), method = request.method();
    if (method == "initialize") {
      send(make_result(id, hello(request.params()["protocolVersion"].as_string().value_or(""))));
    } else if (method == "ping") {
      send(make_result(id, "{}"));
    } else if (method == "tools/list") {
      send(make_result(id, k_tools));
    } else if (method == "tools/call") {
      call(request);
    } else {
      send(make_error(id, k_method_not_found, "there is no such method"));
    }
  }

  static std::string hello(std::string_view asked) {
    const bool known = asked == "2025-11-25" || asked == "2025-06-18" || asked == "2025-03-26";
    return fmt::format(
        R"({{"protocolVersion":"{}","capabilities":{{"tools":{{}}}},)"
        R"("serverInfo":{{"name":"preloop-example","title":"Preloop example","version":"{}"}},)"
        R"("instructions":"An account that exists only in memory, to try approvals with."}})",
        known ? asked : "2025-11-25",
        PRELOOP_VERSION);
  }

  void call(const Message& request) {
    const core::Json arguments = request.params()["arguments"];
    const auto name = request.params()["name"].as_string().value_or("");
    if (name == "pay") {
      send(make_result(request.id(), pay(arguments)));
    } else if (name == "rollback_deployment") {
      send(make_result(request.id(), rollback(arguments)));
    } else if (name == "get_balance") {
      send(make_result(
          request.id(),
          text_result(fmt::format("The balance is {} EUR.", euros(balance_)),
                      fmt::format(R"({{"balance":{},"currency":"EUR"}})", euros(balance_)))));
    } else if (name == "slow_count") {
      begin_count(request, arguments);
    } else {
      send(make_error(request.id(), k_invalid_params, "there is no such tool"));
    }
  }

  std::string pay(core::Json arguments) {
    const auto recipient = arguments["recipient"].as_string().value_or("");
    const double amount = arguments["amount"].as_double().value_or(0);
    if (recipient.empty() || !(amount > 0 && amount <= 1'000'000)) {
      return make_tool_error("pay needs a recipient and an amount above 0, up to 1000000");
    }
    const auto cents = static_cast<std::int64_t>(std::llround(amount * 100));
    if (cents > balance_) {
      return make_tool_error(fmt::format("The balance of {} EUR is too low.", euros(balance_)));
    }
    balance_ -= cents;
    const auto memo = arguments["memo"].as_string();
    return text_result(fmt::format("Paid {} EUR to {}{}. The balance is {} EUR.",
                                   euros(cents),
                                   recipient,
                                   memo ? fmt::format(" ({})", *memo) : "",
                                   euros(balance_)));
  }

  static std::string rollback(core::Json arguments) {
    const auto service = arguments["service"].as_string().value_or("");
    const auto version = arguments["version"].as_string().value_or("");
    if (service.empty() || version.empty()) {
      return make_tool_error("rollback_deployment needs a service and a version");
    }
    return text_result(fmt::format("Rolled {} back to {}.", service, version));
  }

  void begin_count(const Message& request, core::Json arguments) {
    const std::int64_t n = arguments["n"].as_int().value_or(0);
    if (n < 1 || n > k_max_count || counts_.size() >= k_max_counts) {
      send(make_result(request.id(),
                       make_tool_error(fmt::format("slow_count needs n from 1 to {}, and at most "
                                                   "{} run at a time",
                                                   k_max_count,
                                                   k_max_counts))));
      return;
    }
    const auto meta = core::raw_member(request.params_text(), "_meta").value_or("{}");
    counts_.push_back({std::string(request.id()),
                       std::string(core::raw_member(meta, "progressToken").value_or("")),
                       n,
                       0,
                       Clock::now() + k_step});
  }

  void advance() {
    const auto now = Clock::now();
    for (Count& count : counts_) {
      if (count.due > now) {
        continue;
      }
      ++count.reached;
      count.due += k_step;
      if (count.reached == count.n) {
        send(make_result(count.request, text_result(fmt::format("Counted to {}.", count.n))));
      } else if (!count.progress_token.empty()) {
        send(make_notification(
            "notifications/progress",
            fmt::format(R"({{"progressToken":{},"progress":{},"total":{},"message":"at {}"}})",
                        count.progress_token,
                        count.reached,
                        count.n,
                        count.reached)));
      }
    }
    std::erase_if(counts_, [](const Count& count) { return count.reached == count.n; });
  }

  std::int64_t balance_ = 10'000'00;  ///< cents
  std::vector<Count> counts_;
  bool writable_ = true;
};

}  // namespace

int run_example_server() {
  return ExampleServer().run();
}

}  // namespace preloop::mcp

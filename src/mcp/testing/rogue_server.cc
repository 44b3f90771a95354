// An MCP server on stdin and stdout that misbehaves as it is told, for the tests of the upstream
// side. `rogue_server [--option …]`; also the guard (`__child`) of the children it is started as,
// and `rogue_server example` is the product's example server.
#include "core/json.h"
#include "core/json_writer.h"
#include "mcp/example_server.h"
#include "mcp/rpc_codec.h"
#include "net/child_process.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::mcp {
namespace {

std::set<std::string, std::less<>> g_options;

bool has(std::string_view option) {
  return g_options.contains(option);
}

void send(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

bool receive(std::string& line) {
  line.clear();
  int c = 0;
  while ((c = std::fgetc(stdin)) != EOF && c != '\n') {
    line += static_cast<char>(c);
  }
  return c != EOF;
}

std::string text_result(std::string_view text) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("content").begin_array().begin_object();
  writer.field("type", "text").field("text", text).end_object().end_array().end_object();
  return out;
}

void answer(std::string_view id, std::string_view text) {
  send(make_result(id, text_result(text)));
}

constexpr std::string_view k_names[] = {
    "echo",      "never",       "crash", "garbage", "wrong_id",     "twice",   "broken_utf8",
    "huge",      "progress",    "ask",   "storm",   "hold",         "release", "fork",
    "cancelled", "environment", "pid",   "batch",   "stop_reading", "fail",    "log"};

class Rogue {
 public:
  int run() {
    std::string line;
    while (receive(line)) {
      const auto message = Message::parse(line);
      if (!message) {
        continue;
      }
      if (message->method() == "notifications/cancelled") {
        cancelled_ +=
            std::string(core::raw_member(message->params_text(), "requestId").value_or("?")) + ",";
      } else if (message->kind() == Message::Kind::response) {
        asked_ += std::string(message->text()) + "\n";
        if (--open_questions_ == 0) {
          answer(asking_, asked_);
        }
      } else if (message->kind() == Message::Kind::request) {
        request(*message);
      }
    }
    return 0;
  }

 private:
  void request(const Message& message) {
    const std::string id(message.id());
    if (message.method() == "initialize") {
      if (has("--no-initialize")) {
        return;
      }
      if (has("--crash-at-start")) {
        std::fputs("cannot find my configuration\n", stderr);
        std::exit(3);
      }
      if (has("--garbage-first")) {
        send("Listening on port 3000");
        send("\x1b[32m{\"level\":\"info\"}\x1b[0m");
      }
      send(make_result(id,
                       fmt::format(R"({{"protocolVersion":"{}","capabilities":{{"tools":)"
                                   R"({{"listChanged":true}}}},"serverInfo":{{"name":"rogue"}}}})",
                                   has("--future") ? "2099-01-01" : "2025-11-25")));
    } else if (message.method() == "tools/list") {
      list(id);
    } else if (message.method() == "tools/call") {
      call(message);
    } else {
      send(make_error(id, k_method_not_found, "no"));
    }
  }

  void list(const std::string& id) {
    ++lists_;
    std::string tools;
    for (const std::string_view name : k_names) {
      tools += fmt::format(
          R"({}{{"name":"{}","inputSchema":{{"type":"object"}}}})", tools.empty() ? "" : ",", name);
    }
    if (storms_ > 0) {
      tools += fmt::format(R"(,{{"name":"late-{}","inputSchema":{{"type":"object"}}}})", storms_);
    }
    const std::string next =
        has("--endless-list") ? fmt::format(R"(,"nextCursor":"{}")", lists_) : "";
    send(make_result(
        id, fmt::format(R"({{"tools":[{}]{}}})", has("--endless-list") ? "" : tools, next)));
  }

  void call(const Message& message) {
    const std::string id(message.id());
    const std::string name(message.params()["name"].as_string().value_or(""));
    const core::Json arguments = message.params()["arguments"];
    const std::string token(
        core::raw_member(core::raw_member(message.params_text(), "_meta").value_or("{}"),
                         "progressToken")
            .value_or("null"));
    const std::int64_t n = arguments["n"].as_int().value_or(1);
    if (name == "echo") {
      answer(id, message.params_text());
    } else if (name == "never") {
    } else if (name == "fail") {
      send(make_error(id, -32000, "as you wish"));
    } else if (name == "crash") {
      std::fputs("giving up\n", stderr);
      raise(SIGKILL);
    } else if (name == "garbage") {
      send("this is no JSON");
      send("[1,2");
      send("{\"jsonrpc\":\"1.0\"}");
      send("");
      answer(id, "after the garbage");
    } else if (name == "wrong_id") {
      answer("424242", "wrong");
      answer("\"" + id + "\"", "a string");
      answer(id, "right");
    } else if (name == "twice") {
      answer(id, "first");
      answer(id, "second");
    } else if (name == "broken_utf8") {
      send("{\"result\":{\"content\":\"\xff\"},\"jsonrpc\":\"2.0\",\"id\":" + id + "}");
    } else if (name == "huge") {
      const std::string piece(1024 * 1024, 'x');
      std::fputs(R"({"result":{"content":[{"type":"text","text":")", stdout);
      for (std::int64_t i = 0; i < n; ++i) {
        std::fwrite(piece.data(), 1, piece.size(), stdout);
      }
      send("\"}]},\"jsonrpc\":\"2.0\",\"id\":" + id + "}");
    } else if (name == "progress") {
      for (std::int64_t i = 1; i <= n; ++i) {
        send(make_notification("notifications/progress",
                               fmt::format(R"({{"progressToken":{},"progress":{}}})", token, i)));
        usleep(static_cast<useconds_t>(arguments["every_ms"].as_int().value_or(0)) * 1'000);
      }
      answer(id, "done");
    } else if (name == "ask") {
      asking_ = id;
      open_questions_ = 3;
      send(make_request("1", "ping", {}));
      send(make_request(R"("s")", "sampling/createMessage", "{}"));
      send(make_request("3", "roots/list", {}));
    } else if (name == "storm") {
      ++storms_;
      for (std::int64_t i = 0; i < n; ++i) {
        send(make_notification("notifications/tools/list_changed", {}));
      }
      answer(id, fmt::to_string(lists_));
    } else if (name == "hold") {
      held_.push_back(id);
    } else if (name == "release") {
      // In reverse, so that answers overtake each other.
      for (auto held = held_.rbegin(); held != held_.rend(); ++held) {
        answer(*held, "released " + *held);
      }
      held_.clear();
      answer(id, fmt::to_string(lists_));
    } else if (name == "fork") {
      const pid_t child = fork();
      if (child == 0) {
        setsid();
        signal(SIGTERM, SIG_IGN);
        while (true) {
          pause();
        }
      }
      answer(id, fmt::to_string(child));
    } else if (name == "cancelled") {
      answer(id, cancelled_);
    } else if (name == "environment") {
      std::string all;
      for (char** entry = environ; *entry != nullptr; ++entry) {
        all += std::string(*entry) + "\n";
      }
      answer(id, all);
    } else if (name == "pid") {
      answer(id, fmt::to_string(getpid()));
    } else if (name == "batch") {
      send("[" + make_notification("notifications/message", "{}") + "," +
           make_result(id, text_result("in a batch")) + "]");
    } else if (name == "stop_reading") {
      answer(id, "good night");
      while (true) {
        pause();
      }
    } else if (name == "log") {
      for (std::int64_t i = 0; i < n; ++i) {
        std::fputs("a line of log\n", stderr);
      }
      answer(id, "logged");
    } else {
      send(make_error(id, k_invalid_params, "no such tool"));
    }
  }

  int lists_ = 0;
  int storms_ = 0;
  int open_questions_ = 0;
  std::string asking_;
  std::string asked_;
  std::string cancelled_;
  std::vector<std::string> held_;
};

}  // namespace
}  // namespace preloop::mcp

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments[0] == "__child") {
    return preloop::net::run_child_guard(argc, argv);
  }
  if (!arguments.empty() && arguments[0] == "example") {
    return preloop::mcp::run_example_server();
  }
  preloop::mcp::g_options = {arguments.begin(), arguments.end()};
  return preloop::mcp::Rogue().run();
}

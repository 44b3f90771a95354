// Tool calls against an MCP endpoint on this machine, over kept connections, each with a session of
// its own. Prints one line of JSON.
//
//   bench_load --port P --path /mcp/v1 --token pla_… --tool bench__echo --mode max|rate|hold
//
// max   every connection sends its next call as soon as it has an answer: the highest throughput
// rate  calls start on a fixed schedule, whatever has been answered (open loop); latency counts
//       from the moment the call was due, so that a stall counts for every call it delays
// hold  one call a connection, which the other side holds; prints {"sent":N} when all are out, and
//       the report when all are answered. Interrupt it to give up.
#include "http_message.h"
#include "load_report.h"
#include "mcp_script.h"
#include "options.h"
#include "process_time.h"
#include "socket.h"

#include <fmt/format.h>
#include <linux/prctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace preloop::bench {
namespace {

using std::chrono::nanoseconds;
enum class Mode : std::uint8_t { max, rate, hold };

struct Plan {
  Mode mode = Mode::max;
  std::size_t connections = 0;
  double rate = 0;
  nanoseconds warmup{};
  nanoseconds measured{};
  std::vector<pid_t> watched;
};

struct Connection {
  Socket socket;
  McpScript script;
  std::optional<nanoseconds> due;  ///< of the call that waits for its answer
};

class Load {
 public:
  Load(Plan plan, std::vector<Connection> connections)
      : plan_(std::move(plan)), connections_(std::move(connections)) {
    for (std::uint32_t i = 0; i < connections_.size(); ++i) {
      poller_.add(connections_[i].socket, i);
      idle_.push_back(i);
    }
  }

  LoadReport run() {
    begin_ = monotonic_now();
    if (plan_.mode == Mode::hold) {
      hold();
      return std::move(report_);
    }
    const nanoseconds measure_from = begin_ + plan_.warmup;
    const nanoseconds measure_until = measure_from + plan_.measured;
    run_until(measure_from);
    report_ = {};
    from_ = measure_from;
    const pid_t self[] = {getpid()};
    const nanoseconds watched = cpu_time(plan_.watched);
    const nanoseconds own = cpu_time(self);
    const nanoseconds started = monotonic_now();
    run_until(measure_until);
    report_.elapsed = monotonic_now() - started;
    report_.watched_cpu = cpu_time(plan_.watched) - watched;
    report_.own_cpu = cpu_time(self) - own;
    if (plan_.mode == Mode::rate) {
      finish_late_calls();
    }
    return std::move(report_);
  }

 private:
  void run_until(nanoseconds end) {
    for (nanoseconds now = monotonic_now(); now < end; now = monotonic_now()) {
      const nanoseconds next = start_due_calls(now);
      const nanoseconds wake = std::min(next, end);
      wait(std::max<std::int64_t>(0, (wake - now).count()));
    }
  }

  /// Answers when the next call is due.
  nanoseconds start_due_calls(nanoseconds now) {
    if (plan_.mode == Mode::max) {
      while (!idle_.empty()) {
        start(now);
      }
      return nanoseconds::max();
    }
    while (!idle_.empty()) {
      const nanoseconds due = due_time(scheduled_);
      if (due > now) {
        return due;
      }
      start(due);
      ++scheduled_;
    }
    return nanoseconds::max();  // an answer will wake us
  }

  nanoseconds due_time(std::uint64_t index) const {
    return begin_ +
           nanoseconds(static_cast<std::int64_t>(static_cast<double>(index) * 1e9 / plan_.rate));
  }

  void start(nanoseconds due) {
    const std::uint32_t index = idle_.front();
    idle_.pop_front();
    Connection& connection = connections_[index];
    if (!connection.socket.send(connection.script.call(next_number_++))) {
      return lose(index);
    }
    connection.due = due;
    ++report_.started;
  }

  void wait(std::int64_t limit) {
    poller_.wait(limit, [this](std::uint32_t index) { receive(index); });
  }

  void receive(std::uint32_t index) {
    Connection& connection = connections_[index];
    HttpMessage answer;
    const bool open = connection.socket.open() && connection.socket.receive();
    const Framed framed =
        open ? read_message(connection.socket.received(), answer) : Framed::malformed;
    if (framed == Framed::incomplete) {
      return;
    }
    if (framed == Framed::malformed || !connection.due) {
      return lose(index);
    }
    count(*connection.due, answer);
    connection.socket.consume(answer.size);
    connection.due.reset();
    idle_.push_back(index);
  }

  void count(nanoseconds due, const HttpMessage& answer) {
    if (plan_.mode == Mode::rate && due < from_) {
      return;  // of the warm-up
    }
    ++report_.answered;
    report_.latency.record(static_cast<std::uint64_t>((monotonic_now() - due).count()));
    if (answer.status() != 200 || answer.body.find("\"isError\":true") != answer.body.npos ||
        answer.body.find("\"error\":") != answer.body.npos) {
      if (report_.errors++ == 0) {
        report_.first_error = fmt::format("{} {}", answer.status(), answer.body.substr(0, 300));
      }
    }
  }

  void lose(std::uint32_t index) {
    connections_[index].socket.close();
    connections_[index].due.reset();
    if (++report_.lost_connections == connections_.size()) {
      die("every connection is lost");
    }
  }

  /// Calls that were due in the measured time but are late still count.
  void finish_late_calls() {
    const nanoseconds patience = monotonic_now() + std::chrono::seconds(5);
    while (busy() > 0 && monotonic_now() < patience) {
      wait(100'000'000);
    }
    report_.errors += busy();
  }

  std::size_t busy() const {
    std::size_t count = 0;
    for (const Connection& connection : connections_) {
      count += connection.due ? 1 : 0;
    }
    return count;
  }

  void hold() {
    while (!idle_.empty()) {
      start(monotonic_now());
    }
    fmt::print("{{\"sent\":{}}}\n", report_.started);
    std::fflush(stdout);
    while (busy() > 0) {
      wait(-1);
    }
    report_.elapsed = monotonic_now() - begin_;
  }

  Plan plan_;
  std::vector<Connection> connections_;
  Poller poller_;
  std::deque<std::uint32_t> idle_;
  LoadReport report_;
  nanoseconds begin_{};
  nanoseconds from_{};
  std::uint64_t scheduled_ = 0;
  std::uint64_t next_number_ = 1;
};

/// Waits for one answer on a blocking connection.
HttpMessage round_trip(Socket& socket, std::string_view request) {
  HttpMessage answer;
  if (!socket.send(request)) {
    die("connection lost while a session begins");
  }
  Poller poller;
  poller.add(socket, 0);
  Framed framed = Framed::incomplete;
  while (framed == Framed::incomplete) {
    poller.wait(-1, [](std::uint32_t) {});
    if (!socket.receive()) {
      die("connection lost while a session begins");
    }
    framed = read_message(socket.received(), answer);
  }
  if (framed == Framed::malformed || answer.status() / 100 != 2) {
    die(fmt::format("no session: {} {}", answer.start_line, answer.body.substr(0, 300)));
  }
  return answer;
}

Connection open_connection(const Target& target, bool with_session, std::size_t body_bytes) {
  Connection connection{Socket::connect(target.port), McpScript(target, body_bytes), {}};
  std::string session;
  if (with_session) {
    const HttpMessage hello = round_trip(connection.socket, connection.script.initialize());
    session = hello.session;
    connection.socket.consume(hello.size);
    const HttpMessage done = round_trip(connection.socket, connection.script.initialized(session));
    connection.socket.consume(done.size);
  }
  connection.script.use_session(session);
  return connection;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  for (std::size_t comma = 0; comma != std::string::npos; start = comma + 1) {
    comma = text.find(',', start);
    parts.push_back(text.substr(start, comma - start));
  }
  return parts;
}

Mode parse_mode(const std::string& text) {
  if (text != "max" && text != "rate" && text != "hold") {
    die("--mode is max, rate or hold");
  }
  return text == "max" ? Mode::max : text == "rate" ? Mode::rate : Mode::hold;
}

nanoseconds seconds(double count) {
  return nanoseconds(static_cast<std::int64_t>(count * 1e9));
}

int run(std::span<char*> arguments) {
  const Options options(arguments,
                        {{"port", "8000"},
                         {"path", "/mcp/v1"},
                         {"tokens", ""},  // comma separated, handed round the connections
                         {"tool", "echo"},
                         {"session", "yes"},
                         {"mode", "max"},
                         {"rate", "1000"},
                         {"connections", "32"},
                         {"body-bytes", "1024"},
                         {"warmup", "1"},
                         {"seconds", "5"},
                         {"cpu-of", ""}});
  Plan plan{.mode = parse_mode(options.text("mode")),
            .connections = options.count("connections"),
            .rate = options.number("rate"),
            .warmup = seconds(options.number("warmup")),
            .measured = seconds(options.number("seconds")),
            .watched = parse_pids(options.text("cpu-of"))};
  Target target{.port = static_cast<std::uint16_t>(options.count("port")),
                .path = options.text("path"),
                .token = {},
                .tool = options.text("tool")};
  const std::vector<std::string> tokens = split(options.text("tokens"));
  std::vector<Connection> connections;
  for (std::size_t i = 0; i < plan.connections; ++i) {
    target.token = tokens[i % tokens.size()];
    connections.push_back(
        open_connection(target, options.text("session") == "yes", options.count("body-bytes")));
  }
  const LoadReport report = Load(std::move(plan), std::move(connections)).run();
  fmt::print("{}\n", report.to_json());
  return report.errors + report.lost_connections == 0 ? 0 : 1;
}

}  // namespace
}  // namespace preloop::bench

int main(int count, char** arguments) {
  // The default slack of 50 µs would delay every scheduled call.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  return preloop::bench::run({arguments, static_cast<std::size_t>(count)});
}

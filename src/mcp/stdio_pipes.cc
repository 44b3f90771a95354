#include "core/log.h"
#include "core/text.h"
#include "mcp/stdio_upstream_impl.h"
#include "redact/redact.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace preloop::mcp {

using core::Code;
using core::fail;
using core::Task;
namespace log = core::log;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t k_max_stderr_line = 4 * 1024;

/// A message is one line. Line breaks of valid JSON are white space, so they may become blanks.
std::string as_line(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  text += '\n';
  return text;
}

}  // namespace

bool StdioUpstream::send(std::uint64_t id, std::string text) {
  return outbox_.try_push({id, as_line(std::move(text))});
}

Task<void> StdioUpstream::write_stdin() {
  while (auto out = co_await outbox_.pop()) {
    if (ended_) {
      co_return;  // what is queued has been reported as never sent
    }
    if (out->id != 0) {
      const auto found = exchanges_.find(out->id);
      if (found == exchanges_.end() || found->second->outcome) {
        continue;
      }
      found->second->written = true;
    }
    if (!co_await child_->write(out->line)) {
      co_return;  // the reader sees the end too, and reports it
    }
  }
}

Task<void> StdioUpstream::read_stdout() {
  std::vector<char> buffer(64 * 1024);
  LineReader lines(k_max_upstream_message);
  while (true) {
    const auto read = co_await child_->read_stdout(buffer);
    if (!read || *read == 0) {
      break;
    }
    std::string_view bytes(buffer.data(), *read);
    while (!bytes.empty()) {
      if (auto line = lines.take(bytes)) {
        co_await take_line(std::move(*line));
      }
    }
  }
  fail_all("the server ended");
  if (co_await core::is_cancelled()) {
    co_return;
  }
  // A server without stdout is of no use, so what still runs of it goes as well.
  const net::ChildExit exit = co_await child_->stop(k_linger);
  co_await stderr_ended_.wait_until(Clock::now() + k_linger);
  const std::string how = exit.signal != 0 ? fmt::format("signal {}", exit.signal)
                                           : fmt::format("exit code {}", exit.code);
  why_ended_ =
      fmt::format("the server ended ({}){}{}", how, last_words_.empty() ? "" : ": ", last_words_);
  over_.set();
  events_.ended(why_ended_);
}

Task<void> StdioUpstream::take_line(LineReader::Line line) {
  if (line.too_long) {
    garbage("a message is larger than 16 MiB", line.text, line.tail);
    co_return;
  }
  const std::string_view text = core::trim(line.text);
  if (text.empty()) {
    co_return;
  }
  const std::string head(text.substr(0, k_ends));
  const std::string tail(text.substr(text.size() - std::min(text.size(), k_ends)));
  const auto messages = co_await read_messages(std::move(line.text), offload_);
  if (!messages) {
    garbage(messages.error().message, head, tail);
    co_return;
  }
  for (const Message& message : *messages) {
    take(core_.receive(message));
  }
}

std::string StdioUpstream::for_log(std::string_view line) const {
  constexpr std::string_view k_mask = "[redacted:secret]";
  constexpr std::size_t k_shortest = 4;  // "1" or "yes" hides nothing and would hide everything
  std::string text(line.substr(0, k_max_stderr_line));
  for (const core::Secret& secret : secrets_) {
    const std::string& value = secret.reveal();
    if (value.size() < k_shortest) {
      continue;
    }
    for (auto at = text.find(value); at != std::string::npos;
         at = text.find(value, at + k_mask.size())) {
      text.replace(at, value.size(), k_mask);
    }
  }
  text = redact::mask(text, {redact::Detector::secrets}).text;
  return core::truncate_utf8(core::printable(text, 200), 200);
}

void StdioUpstream::garbage(std::string_view why, std::string_view head, std::string_view tail) {
  ++garbage_lines_;
  if (log_budget_.take(Clock::now())) {
    log::warn("MCP server wrote a line that is no message to its standard output",
              {{"server", name_},
               {"why", why},
               {"line", for_log(head)},
               {"lines so far", garbage_lines_}});
  }
  const auto id = salvage_id(head, tail);
  const auto found = id ? exchanges_.find(*id) : exchanges_.end();
  if (found != exchanges_.end() && found->second->written) {
    core_.forget(*id);
    found->second->finish(
        fail(Code::internal, fmt::format("the server's answer cannot be read: {}", why)));
  }
}

Task<void> StdioUpstream::read_stderr() {
  std::array<char, 4 * 1024> buffer{};
  LineReader lines(k_max_stderr_line);
  LogBudget budget(k_log_lines_a_minute);
  while (true) {
    const auto read = co_await child_->read_stderr(buffer);
    if (!read || *read == 0) {
      break;
    }
    std::string_view bytes(buffer.data(), *read);
    while (!bytes.empty()) {
      const auto line = lines.take(bytes);
      if (!line || core::trim(line->text).empty()) {
        continue;
      }
      last_words_ = for_log(core::trim(line->text));
      if (budget.take(Clock::now())) {
        log::info("MCP server says",
                  {{"server", name_}, {"line", last_words_}, {"left out", budget.suppressed()}});
      }
    }
  }
  stderr_ended_.set();
}

}  // namespace preloop::mcp

#include "app/admin_socket.h"

#include "core/json_writer.h"

#include <array>

namespace preloop::app {
namespace {

using core::Task;

constexpr std::size_t k_max_line = 64 * 1024;

/// One line without its newline; an empty one at the end of the stream.
Task<core::Result<std::string>> read_line(net::ByteStream& stream) {
  std::string line;
  std::array<char, 4096> buffer;
  while (line.find('\n') == std::string::npos) {
    if (line.size() > k_max_line) {
      co_return core::fail(core::Code::resource_exhausted, "the message is too long");
    }
    PRELOOP_CO_TRY(const std::size_t size, co_await stream.read_some(buffer));
    if (size == 0) {
      co_return std::string();
    }
    line.append(buffer.data(), size);
  }
  line.resize(line.find('\n'));
  co_return line;
}

std::string error_line(const core::Error& error) {
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .key("error")
      .begin_object()
      .field("code", to_string(error.code))
      .field("message", error.message)
      .end_object()
      .end_object();
  return out;
}

Task<void> serve(Admin& admin, net::ByteStreamPtr stream) {
  while (true) {
    const auto line = co_await read_line(*stream);
    if (!line || line->empty()) {
      co_return;
    }
    core::Result<std::string> answer = std::string();
    if (const auto request = core::JsonDocument::parse(*line)) {
      answer = co_await admin.run(request->root());
    } else {
      answer = std::unexpected(request.error());
    }
    const std::string text = answer ? *answer : error_line(answer.error());
    if (const auto sent = co_await stream->write_all(text + "\n"); !sent) {
      co_return;
    }
  }
}

core::Code parse_code(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(core::Code::data_loss); ++i) {
    if (to_string(static_cast<core::Code>(i)) == text) {
      return static_cast<core::Code>(i);
    }
  }
  return core::Code::internal;
}

}  // namespace

std::string admin_socket_path(const std::string& data_dir) {
  return data_dir + "/admin.sock";
}

core::Result<std::unique_ptr<net::LocalListener>> make_admin_socket(core::Loop& loop,
                                                                    const std::string& data_dir,
                                                                    Admin& admin) {
  return net::LocalListener::create(
      loop, admin_socket_path(data_dir), [&admin](net::ByteStreamPtr stream) {
        return serve(admin, std::move(stream));
      });
}

Task<core::Result<std::string>> ask_admin(std::string data_dir, std::string request) {
  PRELOOP_CO_TRY(const net::ByteStreamPtr stream,
                 co_await net::connect_local(admin_socket_path(data_dir)));
  PRELOOP_CO_CHECK(co_await stream->write_all(request + "\n"));
  PRELOOP_CO_TRY(std::string line, co_await read_line(*stream));
  PRELOOP_CO_TRY(const core::JsonDocument answer, core::JsonDocument::parse(line));
  if (const core::Json error = answer.root()["error"]; error.exists()) {
    co_return core::fail(parse_code(error["code"].as_string().value_or("")),
                         std::string(error["message"].as_string().value_or("failed")));
  }
  co_return line;
}

}  // namespace preloop::app

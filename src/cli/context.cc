#include "cli/context.h"

#include "core/text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace preloop::cli {

void failed(Context& context, std::string_view message, int exit_code) {
  const std::string line = core::printable(message, 4000);
  std::fprintf(stderr, "preloop: %s\n", line.c_str());
  context.exit_code = exit_code;
}

void failed(Context& context, const core::Error& error) {
  failed(context, error.message);
  for (const core::ErrorDetail& detail : error.details) {
    const std::string line = core::printable(detail.path + ": " + detail.message, 2000);
    if (error.message.find(detail.message) == std::string::npos) {
      std::fprintf(stderr, "  %s\n", line.c_str());
    }
  }
}

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string default_data_dir() {
  if (const std::string given = environment("PRELOOP_DATA_DIR"); !given.empty()) {
    return given;
  }
  if (::geteuid() == 0 && environment("XDG_DATA_HOME").empty()) {
    return "/var/lib/preloop";  // as `serve` does, which then runs as another user
  }
  if (const std::string xdg = environment("XDG_DATA_HOME"); xdg.starts_with('/')) {
    return xdg + "/preloop";
  }
  return environment("HOME") + "/.local/share/preloop";
}

core::Result<std::string> read_file(const std::string& path) {
  if (path == "-") {
    std::string text;
    char buffer[65536];
    while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, stdin)) {
      text.append(buffer, size);
    }
    return text;
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return core::fail(core::Code::not_found, fmt::format("cannot read the file {}", path));
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

bool is_terminal(int descriptor) {
  return ::isatty(descriptor) == 1;
}

core::Result<core::Secret> ask_secret(std::string_view prompt, std::string_view no_terminal) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0) {
    constexpr std::string_view k_password =
        "this needs a password and there is no terminal to ask at; use a key made for "
        "it: preloop admin key create --class operator --name NAME --scopes read,decide,configure";
    return core::fail(core::Code::failed_precondition,
                      std::string(no_terminal.empty() ? k_password : no_terminal));
  }
  termios before{};
  ::tcgetattr(terminal, &before);
  termios silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(terminal, TCSAFLUSH, &silent);
  (void)!::write(terminal, prompt.data(), prompt.size());
  std::string text;
  char c = 0;
  while (::read(terminal, &c, 1) == 1 && c != '\n' && c != '\r') {
    text += c;
  }
  (void)!::write(terminal, "\n", 1);
  ::tcsetattr(terminal, TCSAFLUSH, &before);
  ::close(terminal);
  return core::Secret(std::move(text));
}

}  // namespace preloop::cli

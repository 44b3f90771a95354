#include "app/client_file.h"

#include "core/yaml.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

namespace preloop::app {

using core::Code;
using core::fail;

std::string client_file_path(const std::string& home) {
  return home + "/.preloop/config.yaml";
}

core::Result<std::optional<ClientFile>> read_client_file(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return std::nullopt;
  }
  if ((info.st_mode & 077) != 0) {
    return fail(
        Code::failed_precondition,
        fmt::format("{} holds keys and may be read by others; run: chmod 600 {}", path, path));
  }
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    return fail(Code::unavailable, "cannot read " + path);
  }
  PRELOOP_TRY(const std::vector<core::YamlNode> documents, core::parse_yaml(text.str(), path));
  if (documents.empty() || documents.front().is_null()) {
    return std::nullopt;
  }
  ClientFile out;
  const auto value = [&](std::string_view key) {
    const core::YamlNode* const node = documents.front().find(key);
    return node == nullptr ? std::string() : node->text;
  };
  out.url = value("url");
  out.token = core::Secret(value("token"));
  out.agent_token = core::Secret(value("agent_token"));
  if (const core::YamlNode* const agents = documents.front().find("agents")) {
    for (const core::YamlMember& member : agents->members) {
      out.agents.emplace(member.key.text, core::Secret(member.value.text));
    }
  }
  return out;
}

std::string write_client_text(const ClientFile& file) {
  std::string out =
      "# Written by preloop; keep it to yourself.\nurl: " + core::yaml_scalar(file.url) + "\n";
  if (!file.token.empty()) {
    out += "token: " + core::yaml_scalar(file.token.reveal()) + "\n";
  }
  if (!file.agent_token.empty()) {
    out += "agent_token: " + core::yaml_scalar(file.agent_token.reveal()) + "\n";
  }
  if (!file.agents.empty()) {
    out += "agents:\n";
    for (const auto& [name, key] : file.agents) {
      out += "  " + core::yaml_scalar(name) + ": " + core::yaml_scalar(key.reveal()) + "\n";
    }
  }
  return out;
}

namespace {

core::Status write_fully(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(descriptor, text.data(), text.size());
    if (size < 0) {
      return fail(Code::unavailable, std::strerror(errno));
    }
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return {};
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

core::Status write_client_file(const std::string& path, const ClientFile& file) {
  ::mkdir(folder_of(path).c_str(), 0700);
  const std::string temporary = path + ".new";
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(Code::unavailable,
                fmt::format("cannot write {}: {}", temporary, std::strerror(errno)));
  }
  const core::Status written = write_fully(descriptor, write_client_text(file));
  ::fsync(descriptor);
  ::close(descriptor);
  if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) {
    ::unlink(temporary.c_str());
    return fail(Code::unavailable, "cannot write " + path);
  }
  return {};
}

std::optional<PendingClientFile> PendingClientFile::open(const std::string& home,
                                                         unsigned uid,
                                                         unsigned gid) {
  if (!home.starts_with('/')) {
    return std::nullopt;
  }
  const std::string path = client_file_path(home);
  const std::string folder = folder_of(path);
  const bool made = ::mkdir(folder.c_str(), 0700) == 0;
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  struct stat info{};
  if (descriptor < 0) {
    return std::nullopt;
  }
  if (::fstat(descriptor, &info) != 0 || info.st_size > 0) {
    ::close(descriptor);
    return std::nullopt;
  }
  if (::geteuid() == 0) {
    // sudo: the home is the invoking user's, and so are the files in it.
    if ((made && ::chown(folder.c_str(), uid, gid) != 0) || ::fchown(descriptor, uid, gid) != 0) {
      ::close(descriptor);
      return std::nullopt;
    }
  }
  return PendingClientFile(descriptor, path);
}

PendingClientFile::PendingClientFile(PendingClientFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

PendingClientFile::~PendingClientFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

core::Status PendingClientFile::fill(const ClientFile& file) {
  if (::ftruncate(descriptor_, 0) != 0 || ::lseek(descriptor_, 0, SEEK_SET) != 0) {
    return fail(Code::unavailable, std::strerror(errno));
  }
  return write_fully(descriptor_, write_client_text(file));
}

}  // namespace preloop::app

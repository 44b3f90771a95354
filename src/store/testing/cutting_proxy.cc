#include "store/testing/cutting_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace preloop::store::testing {
namespace {

using namespace std::string_view_literals;

// As the client's Parse message and the server's CommandComplete both hold it.
constexpr std::string_view k_commit = "COMMIT\0"sv;

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Finds k_commit also when it comes in two pieces.
class CommitFinder {
 public:
  bool found_in(std::string_view bytes) {
    tail_ += bytes;
    const bool found = tail_.contains(k_commit);
    tail_.erase(0, tail_.size() - std::min(tail_.size(), k_commit.size() - 1));
    return found;
  }

 private:
  std::string tail_;
};

}  // namespace

CuttingProxy::CuttingProxy(std::string server) : server_(std::move(server)) {
  listening_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(folder_ / ".s.PGSQL.5432");
  if (bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listening_, 16) != 0) {
    std::abort();
  }
  accepting_ = std::thread([this] { accept_lines(); });
}

CuttingProxy::~CuttingProxy() {
  shutdown(listening_, SHUT_RDWR);
  accepting_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int line : lines_) {
      shutdown(line, SHUT_RDWR);
    }
  }
  for (std::thread& thread : threads_) {
    thread.join();
  }
  close(listening_);
}

std::string CuttingProxy::url(std::string_view name) const {
  return "postgresql://postgres@/" + std::string(name) + "?host=" + folder_.path();
}

void CuttingProxy::cut_and_refuse(Cut at) {
  const std::lock_guard lock(mutex_);
  cut_ = at;
  refused_ = 0;
}

void CuttingProxy::allow() {
  const std::lock_guard lock(mutex_);
  refusing_ = false;
}

bool CuttingProxy::wait_until_refused(int count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return refused_ >= count; });
}

bool CuttingProxy::take(Cut at) {
  const std::lock_guard lock(mutex_);
  if (cut_ != at) {
    return false;
  }
  cut_ = Cut::never;
  refusing_ = true;
  return true;
}

void CuttingProxy::accept_lines() {
  while (true) {
    const int client = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) {
      return;
    }
    const std::lock_guard lock(mutex_);
    if (refusing_) {
      close(client);
      ++refused_;
      changed_.notify_all();
      continue;
    }
    lines_.push_back(client);
    threads_.emplace_back([this, client] { relay(client); });
  }
}

void CuttingProxy::relay(int client) {
  const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(server_);
  bool open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  CommitFinder asked;
  CommitFinder answered;
  bool cut_at_answer = false;
  std::array<char, 65536> buffer{};
  while (open) {
    std::array<pollfd, 2> ends{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
    poll(ends.data(), ends.size(), -1);
    for (std::size_t i = 0; i < ends.size() && open; ++i) {
      if (ends[i].revents == 0) {
        continue;
      }
      const ssize_t got = recv(ends[i].fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) {
        open = false;
        break;
      }
      const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
      if (i == 0 && asked.found_in(bytes)) {
        if (take(Cut::before_commit)) {
          open = false;
          break;
        }
        cut_at_answer = take(Cut::after_commit);
      }
      if (i == 1 && answered.found_in(bytes) && cut_at_answer) {
        open = false;
        break;
      }
      open = send_all(ends[1 - i].fd, bytes);
    }
  }
  close(server);
  const std::lock_guard lock(mutex_);
  lines_.remove(client);
  close(client);
}

}  // namespace preloop::store::testing

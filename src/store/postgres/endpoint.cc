#include "store/postgres/endpoint.h"

#include "core/text.h"

#include <libpq-fe.h>
#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <memory>

namespace preloop::store::postgres {
namespace {

constexpr std::size_t k_most_hosts = 16;
constexpr std::size_t k_most_addresses = 4;

std::vector<std::string> addresses_of(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) {
    return {};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::vector<std::string> out;
  for (const addrinfo* at = found; at != nullptr && out.size() < k_most_addresses;
       at = at->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(
            at->ai_addr, at->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) ==
        0) {
      out.emplace_back(text.data());
    }
  }
  return out;
}

void append(std::string& list, std::string_view item, bool first) {
  if (!first) {
    list += ',';
  }
  list += item;
}

bool is_socket_path(std::string_view host) {
  return host.empty() || host.starts_with('/') || host.starts_with('@');
}

}  // namespace

core::Result<Endpoint> Endpoint::parse(const core::Secret& url) {
  const std::string& text = url.reveal();
  char* complaint = nullptr;
  PQconninfoOption* options = nullptr;
  if (text.starts_with("postgresql://") || text.starts_with("postgres://")) {
    options = PQconninfoParse(text.c_str(), &complaint);
  }
  // The complaint quotes the URL, password included: it is dropped.
  PQfreemem(complaint);
  if (options == nullptr) {
    return core::fail(core::Code::invalid_argument,
                      "the database URL is malformed: expected "
                      "postgresql://user:password@host:port/database, reserved characters "
                      "percent-encoded");
  }
  Endpoint out;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) {
      out.parameters_.push_back({option->keyword, core::Secret(option->val)});
    }
  }
  PQconninfoFree(options);
  return out;
}

const std::string* Endpoint::find(std::string_view keyword) const {
  for (const Parameter& parameter : parameters_) {
    if (parameter.keyword == keyword) {
      return &parameter.value.reveal();
    }
  }
  return nullptr;
}

std::string Endpoint::describe() const {
  const auto part = [this](std::string_view keyword, std::string_view otherwise) {
    const std::string* value = find(keyword);
    return core::printable(value != nullptr ? std::string_view(*value) : otherwise, 100);
  };
  return part("host", "local socket") + ":" + part("port", "5432") + "/" + part("dbname", "");
}

core::Result<std::vector<Parameter>> Endpoint::resolve() const {
  const std::string* host_list = find("host");
  if (host_list == nullptr || find("hostaddr") != nullptr) {
    return parameters_;
  }
  const std::vector<std::string_view> hosts = core::split(*host_list, ',');
  const std::string* port_list = find("port");
  const std::vector<std::string_view> ports =
      port_list != nullptr ? core::split(*port_list, ',') : std::vector<std::string_view>{""};
  if (hosts.size() > k_most_hosts || (ports.size() != 1 && ports.size() != hosts.size())) {
    return core::fail(core::Code::invalid_argument,
                      "the database URL needs one port, or one for each of at most 16 hosts");
  }
  std::string host_out;
  std::string port_out;
  std::string address_out;
  bool first = true;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const std::string host(hosts[i]);
    const std::vector<std::string> found =
        is_socket_path(host) ? std::vector<std::string>{""} : addresses_of(host);
    for (const std::string& address : found) {
      append(host_out, host, first);
      append(port_out, ports[ports.size() == 1 ? 0 : i], first);
      append(address_out, address, first);
      first = false;
    }
  }
  if (first) {
    return core::fail(core::Code::unavailable,
                      "cannot resolve the database host " + core::printable(*host_list, 100));
  }
  std::vector<Parameter> out;
  for (const Parameter& parameter : parameters_) {
    if (parameter.keyword != "host" && parameter.keyword != "port") {
      out.push_back(parameter);
    }
  }
  out.push_back({"host", core::Secret(host_out)});
  out.push_back({"port", core::Secret(port_out)});
  out.push_back({"hostaddr", core::Secret(address_out)});
  return out;
}

std::string Endpoint::scrub(std::string_view text) const {
  const std::string* password = find("password");
  if (password != nullptr && !password->empty() && text.contains(*password)) {
    return "(the message is withheld: it repeats the password)";
  }
  // libpq adds advice on further lines.
  return core::printable(text.substr(0, text.find('\n')), 300);
}

}  // namespace preloop::store::postgres

#include "net/smtp.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

namespace preloop::net {
namespace {

using core::Code;
using core::fail;

struct Initialised {
  Initialised() { ::curl_global_init(CURL_GLOBAL_DEFAULT); }
};

struct Upload {
  std::string_view rest;
};

std::size_t read_piece(char* out, std::size_t size, std::size_t count, void* state) {
  auto& upload = *static_cast<Upload*>(state);
  const std::size_t taken = std::min(size * count, upload.rest.size());
  std::memcpy(out, upload.rest.data(), taken);
  upload.rest.remove_prefix(taken);
  return taken;
}

core::Status outcome(CURLcode code, long reply) {
  switch (code) {
    case CURLE_OK:
      return {};
    case CURLE_LOGIN_DENIED:
      return fail(Code::permission_denied, "the mail server refused the user or the password");
    case CURLE_USE_SSL_FAILED:
      return fail(Code::unavailable, "the mail server does not offer STARTTLS");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return fail(Code::unavailable, "the mail server's certificate is not trusted");
    default:
      break;
  }
  if (reply >= 500 && reply < 600) {
    return fail(Code::invalid_argument,
                fmt::format("the mail server refused the message ({})", reply));
  }
  if (reply >= 400 && reply < 500) {
    return fail(Code::unavailable, fmt::format("the mail server asks to try later ({})", reply));
  }
  return fail(Code::unavailable,
              fmt::format("the mail server could not be used: {}", ::curl_easy_strerror(code)));
}

}  // namespace

core::Status smtp_send(const SmtpServer& server,
                       const SmtpMessage& message,
                       core::milliseconds limit) {
  static const Initialised initialised;
  const std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)> handle(::curl_easy_init(),
                                                                     &::curl_easy_cleanup);
  if (!handle) {
    return fail(Code::internal, "curl cannot be initialised");
  }
  CURL* const curl = handle.get();
  const bool is_v6 = server.host.find(':') != std::string::npos;
  const std::string url =
      fmt::format("{}://{}:{}",
                  server.security == SmtpServer::Security::tls ? "smtps" : "smtp",
                  is_v6 ? "[" + server.host + "]" : server.host,
                  server.port);
  const std::string from = "<" + message.from + ">", to = "<" + message.to + ">";
  const std::unique_ptr<curl_slist, decltype(&::curl_slist_free_all)> recipients(
      ::curl_slist_append(nullptr, to.c_str()), &::curl_slist_free_all);
  Upload upload{message.data};
  ::curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  ::curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  ::curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(curl, CURLOPT_PROXY, "");  // http proxies do not carry mail
  ::curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  ::curl_easy_setopt(curl,
                     CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(std::min<std::int64_t>(limit.count(), 10'000)));
  if (server.security != SmtpServer::Security::none) {
    ::curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    ::curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (const char* const file = std::getenv("SSL_CERT_FILE")) {
      ::curl_easy_setopt(curl, CURLOPT_CAINFO, file);
    }
  }
  if (!server.user.empty()) {
    ::curl_easy_setopt(curl, CURLOPT_USERNAME, server.user.c_str());
    ::curl_easy_setopt(curl, CURLOPT_PASSWORD, server.password.reveal().c_str());
  }
  ::curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from.c_str());
  ::curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
  ::curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  ::curl_easy_setopt(curl, CURLOPT_READFUNCTION, &read_piece);
  ::curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
  const CURLcode code = ::curl_easy_perform(curl);
  long reply = 0;
  ::curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
  return outcome(code, reply);
}

}  // namespace preloop::net

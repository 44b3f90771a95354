#include "api/idempotency.h"

#include "core/log.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;

constexpr std::size_t k_max_key = 128;
constexpr std::size_t k_max_kept = 64 * 1024;
constexpr core::seconds k_keep{24 * 60 * 60};

KeptAnswer asked_by(const Call& call) {
  KeptAnswer asked;
  asked.route = fmt::format("{} {}", call.request.method, call.request.path);
  core::Sha256 hash;
  hash.update_field(call.request.query)
      .update_field(call.request.headers.get("Content-Type").value_or(""))
      .update_field(call.request.headers.get("If-Match").value_or(""))
      .update_field(call.request.body);
  asked.body_hash = hash.finish();
  return asked;
}

}  // namespace

Task<Result<net::Response>> Idempotency::run(Call& call, Handler handler) {
  const auto given = call.request.headers.get("Idempotency-Key");
  const auto person = call.principal ? identity::person_of(*call.principal) : std::nullopt;
  if (!given || !person || call.operation.repeat == Repeat::none) {
    co_return co_await handler(call);
  }
  const bool printable = std::ranges::all_of(
      *given, [](char c) { return c > ' ' && static_cast<unsigned char>(c) < 127; });
  if (given->empty() || given->size() > k_max_key || !printable) {
    co_return fail(Code::invalid_argument,
                   fmt::format("Idempotency-Key is 1 to {} printable characters", k_max_key));
  }
  const std::string principal = person->to_string();
  const std::string key(*given);
  const KeptAnswer asked = asked_by(call);
  store::Unit unit;
  unit.guard = store::Unit::Guard{repo_.begin(principal, key, asked, clock_.wall())};
  if (const auto begun = co_await database_.commit(std::move(unit), store::Durability::standard);
      !begun) {
    if (begun.error().code == Code::aborted) {
      co_return co_await repeat(call, principal, key, asked);
    }
    co_return std::unexpected(begun.error());
  }
  Result<net::Response> answer = co_await handler(call);
  co_await store(call, principal, key, answer);
  co_return answer;
}

Task<Result<net::Response>> Idempotency::repeat(const Call& call,
                                                std::string principal,
                                                std::string key,
                                                const KeptAnswer& asked) {
  PRELOOP_CO_TRY(const auto kept, co_await repo_.find(std::move(principal), std::move(key)));
  if (!kept || (kept->status == std::nullopt && kept->route == asked.route &&
                kept->body_hash == asked.body_hash)) {
    co_return net::problem(
        409,
        "Conflict",
        "the first request with this Idempotency-Key is not done, or its outcome "
        "was lost; look before asking with another key");
  }
  if (kept->route != asked.route || kept->body_hash != asked.body_hash) {
    co_return net::problem(
        422, "Unprocessable Content", "this Idempotency-Key was used for another request");
  }
  if (call.operation.repeat == Repeat::once || kept->body.empty()) {
    if (*kept->status == 204) {
      co_return done();
    }
    co_return net::problem(
        409, "Conflict", "this was done already; its answer is not kept and cannot be repeated");
  }
  // The ETag's line, then the body (see `store`).
  const auto line = kept->body.find('\n');
  net::Response response = reply(*kept->status, kept->body.substr(line + 1));
  if (line > 0 && line != std::string::npos) {
    response.headers.set("ETag", kept->body.substr(0, line));
  }
  response.headers.set("Idempotency-Replayed", "true");
  co_return response;
}

Task<void> Idempotency::store(const Call& call,
                              const std::string& principal,
                              const std::string& key,
                              const Result<net::Response>& answer) {
  store::Unit unit;
  if (!answer || answer->status >= 300) {
    // Nothing was done: the same request may be sent again, for instance after a step-up.
    unit.add(repo_.forget(principal, key));
  } else {
    std::string body;
    if (call.operation.repeat == Repeat::replay && !answer->body.empty() &&
        answer->body.size() <= k_max_kept) {
      body = fmt::format("{}\n{}", answer->headers.get("ETag").value_or(""), answer->body);
    }
    unit.add(repo_.finish(principal, key, answer->status, body));
  }
  if (const auto kept = co_await database_.commit(std::move(unit), store::Durability::standard);
      !kept) {
    core::log::warn("the answer to a request with an Idempotency-Key was not kept",
                    {{"error", kept.error().message}});
  }
}

Task<core::Status> Idempotency::purge() {
  store::Unit unit;
  unit.add(repo_.forget_before(clock_.wall() - k_keep));
  co_return co_await database_.commit(std::move(unit), store::Durability::standard);
}

}  // namespace preloop::api

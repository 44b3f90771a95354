#include "policy/service.h"

#include "audit/record.h"
#include "core/async_mutex.h"
#include "core/json_writer.h"
#include "core/loop_call.h"
#include "core/text.h"
#include "events/events.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::policy {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Status;
using core::Task;

constexpr std::size_t k_max_comment = 1024;
/// A record's details are cut at 32 KiB; what does not fit is in the version.
constexpr std::size_t k_max_recorded_changes = 24 * 1024;

std::shared_ptr<const CompiledPolicy> compile_empty() {
  return *CompiledPolicy::compile(Document{});
}

class Service final : public PolicyService {
 public:
  explicit Service(const Dependencies& dependencies)
      : owner_(dependencies.owner),
        database_(dependencies.database),
        catalogue_(dependencies.catalogue),
        identity_(dependencies.identity),
        clock_(dependencies.clock),
        offload_(dependencies.offload),
        account_(dependencies.account),
        repo_(dependencies.database, dependencies.account),
        snapshot_(dependencies.loops, compile_empty()),
        state_(dependencies.loops,
               std::make_shared<const InForce>(InForce{{}, snapshot_.latest().value})),
        changes_(dependencies.owner.executor()) {}

  PolicySnapshot& snapshot() override { return snapshot_; }
  InForcePtr in_force() const override { return state_.latest().value; }

  Task<Status> start() override { return core::on_loop(owner_, do_start()); }

  Result<Proposal> propose(std::string_view yaml, Prune prune) const override {
    PRELOOP_TRY(Document wanted, parse_document(yaml));
    const Basis now = basis();
    PRELOOP_TRY(Candidate candidate, prepare(std::move(wanted), prune, now));
    return policy::propose(std::move(candidate), now);
  }

  Task<Result<Applied>> apply(const audit::Actor& actor,
                              std::string yaml,
                              ApplyOptions options) override {
    return apply_text(actor, std::move(yaml), std::move(options));
  }
  Task<Result<Applied>> rollback(const audit::Actor& actor,
                                 std::int64_t number,
                                 ApplyOptions options) override {
    return do_rollback(actor, number, std::move(options));
  }
  Task<Result<Applied>> edit(const audit::Actor& actor, Edit edit, ApplyOptions options) override {
    return core::on_loop(owner_, do_edit(actor, std::move(edit), std::move(options)));
  }

  std::string export_document() const override { return write_document(current(basis())); }

  Task<Result<std::vector<Version>>> versions(std::optional<std::int64_t> before,
                                              std::size_t limit) const override {
    return repo_.page(before, limit);
  }
  Task<Result<Version>> version(std::int64_t number) const override {
    PRELOOP_CO_TRY(std::optional<Version> found, co_await repo_.find(number));
    if (!found) {
      co_return fail(Code::not_found, fmt::format("there is no policy version {}", number));
    }
    co_return std::move(*found);
  }

  Result<std::vector<TrialResult>> explain(const std::optional<std::string>& yaml,
                                           const TrialCall& call) const override {
    PRELOOP_TRY(const auto policy, policy_of(yaml));
    const auto catalogue = catalogue_.snapshot().latest();
    const auto directory = identity_.latest();
    return try_call({*policy, *catalogue, *directory, account_, clock_.wall()}, call);
  }
  Result<std::shared_ptr<const CompiledPolicy>> candidate(std::string_view yaml) const override {
    return policy_of(std::string(yaml));
  }
  EffectivePolicy effective(std::string_view agent, std::string_view key) const override {
    const auto policy = in_force()->compiled;
    const auto catalogue = catalogue_.snapshot().latest();
    const auto directory = identity_.latest();
    return effective_policy({*policy, *catalogue, *directory, account_, clock_.wall()}, agent, key);
  }
  Result<std::vector<TestOutcome>> test(const std::optional<std::string>& yaml,
                                        const std::vector<TestText>& more) const override {
    PRELOOP_TRY(const auto policy, policy_of(yaml));
    std::vector<TestText> tests = all_tests(policy->document());
    tests.insert(tests.end(), more.begin(), more.end());
    const auto catalogue = catalogue_.snapshot().latest();
    const auto directory = identity_.latest();
    return run_tests({*policy, *catalogue, *directory, account_, clock_.wall()}, tests);
  }

 private:
  Task<Status> do_start() {
    const auto turn = co_await changes_.lock();
    PRELOOP_CO_TRY(std::optional<Version> newest, co_await repo_.newest());
    if (!newest) {
      co_return Status();
    }
    auto document = parse_document(newest->document);
    auto compiled = document ? CompiledPolicy::compile(std::move(*document))
                             : Result<std::shared_ptr<const CompiledPolicy>>(
                                   std::unexpected(std::move(document).error()));
    if (!compiled) {
      co_return fail(Code::data_loss,
                     fmt::format("policy version {} cannot be read by this binary: {}",
                                 newest->number,
                                 compiled.error().message));
    }
    co_await publish(std::move(*newest), std::move(*compiled));
    co_return Status();
  }

  Task<Result<Applied>> apply_text(audit::Actor actor, std::string yaml, ApplyOptions options) {
    PRELOOP_CO_TRY(
        Candidate candidate,
        co_await offload_.run(
            [yaml = std::move(yaml), prune = options.prune, now = basis()]() -> Result<Candidate> {
              PRELOOP_TRY(Document wanted, parse_document(yaml));
              return prepare(std::move(wanted), prune, now);
            }));
    co_return co_await core::on_loop(
        owner_, do_apply(std::move(actor), std::move(candidate), std::move(options)));
  }

  Task<Result<Applied>> do_rollback(audit::Actor actor, std::int64_t number, ApplyOptions options) {
    PRELOOP_CO_TRY(Version past, co_await version(number));
    options.prune = Prune::yes;
    if (options.comment.empty()) {
      options.comment = fmt::format("back to version {}", number);
    }
    co_return co_await apply_text(std::move(actor), std::move(past.document), std::move(options));
  }

  Task<Result<Applied>> do_apply(audit::Actor actor, Candidate candidate, ApplyOptions options) {
    const auto turn = co_await changes_.lock();
    co_return co_await put_in_force(actor, std::move(candidate), options);
  }

  Task<Result<Applied>> do_edit(audit::Actor actor, Edit edit, ApplyOptions options) {
    const auto turn = co_await changes_.lock();
    const Basis now = basis();
    Document document =
        co_await offload_.run([state = now.in_force] { return state->compiled->document(); });
    PRELOOP_CO_CHECK(edit(document));
    document.servers.reset();
    PRELOOP_CO_TRY(Candidate candidate,
                   co_await offload_.run([document = std::move(document), now]() mutable {
                     return prepare(std::move(document), Prune::yes, now);
                   }));
    co_return co_await put_in_force(actor, std::move(candidate), options);
  }

  Task<Result<Applied>> put_in_force(const audit::Actor& actor,
                                     Candidate candidate,
                                     const ApplyOptions& options) {
    const Basis now = basis();
    const std::int64_t base = now.in_force->version.number;
    if (options.expected_version && *options.expected_version != base) {
      co_return fail(
          Code::aborted,
          fmt::format("version {} is in force by now, not {}; look at the differences again",
                      base,
                      *options.expected_version));
    }
    if (options.comment.size() > k_max_comment) {
      co_return fail(Code::invalid_argument,
                     fmt::format("a comment has at most {} bytes", k_max_comment),
                     {{"/comment", "too long"}});
    }
    PRELOOP_CO_TRY(Looked looked,
                   co_await offload_.run([candidate = std::move(candidate), now]() mutable {
                     return look_at(std::move(candidate), now);
                   }));
    Proposal& proposal = looked.proposal;
    if (options.permit) {
      PRELOOP_CO_CHECK(options.permit(proposal.changes));
    }
    Applied applied{base, std::move(proposal.changes), std::move(proposal.warnings)};
    if (applied.changes.empty()) {
      co_return applied;
    }
    PRELOOP_CO_CHECK(co_await remove_servers(actor, applied.changes));
    Version version;
    version.number = base + 1;
    version.document = std::move(looked.text);
    version.hash = proposal.compiled->hash();
    version.actor = actor.name;
    version.comment = options.comment;
    version.created_at = clock_.wall();
    PRELOOP_CO_CHECK(co_await database_.commit(unit_of(actor, version, applied.changes),
                                               store::Durability::strict));
    applied.version = version.number;
    co_await publish(std::move(version), proposal.compiled);
    if (proposal.document.servers) {
      PRELOOP_CO_CHECK(co_await put_servers(actor, *proposal.document.servers, applied.version));
    }
    co_return applied;
  }

  Task<Status> remove_servers(const audit::Actor& actor, const std::vector<Change>& changes) {
    for (const Change& change : changes) {
      if (change.section != "servers" || change.kind != Change::Kind::removed) {
        continue;
      }
      const auto catalogue = catalogue_.snapshot().latest();
      if (const catalogue::Server* const server = catalogue->find_server(change.name)) {
        const auto removed = co_await catalogue_.remove(actor, server->id);
        if (!removed && removed.error().code != Code::not_found) {
          co_return removed;
        }
      }
    }
    co_return Status();
  }

  Task<Status> put_servers(const audit::Actor& actor,
                           const std::vector<catalogue::ServerConfig>& servers,
                           std::int64_t version) {
    for (const catalogue::ServerConfig& config : servers) {
      const auto catalogue = catalogue_.snapshot().latest();
      const catalogue::Server* const known = catalogue->find_server(config.name);
      if (known != nullptr && known->config == config) {
        continue;
      }
      auto done = known == nullptr
                      ? co_await catalogue_.add(actor, config)
                      : co_await catalogue_.update(actor, known->id, config, known->revision);
      if (!done) {
        core::Error error = std::move(done).error();
        error.message =
            fmt::format("policy version {} is in force, but server '{}' is not: {}; apply again",
                        version,
                        config.name,
                        error.message);
        co_return std::unexpected(std::move(error));
      }
    }
    co_return Status();
  }

  store::Unit unit_of(const audit::Actor& actor,
                      const Version& version,
                      const std::vector<Change>& changes) const {
    store::Unit unit;
    unit.guard = store::Unit::Guard{repo_.insert(version)};
    audit::Record record;
    record.kind = audit::Kind::config_policy_applied;
    record.actor = actor;
    record.subject = {"policy", std::to_string(version.number)};
    record.policy =
        audit::PolicyRef{snapshot_.generation() + 1, core::to_hex(core::as_bytes(version.hash))};
    core::JsonWriter writer(record.details);
    writer.begin_object().field("version", version.number).field("comment", version.comment);
    writer.field("changes", core::truncate_utf8(describe(changes), k_max_recorded_changes));
    writer.end_object();
    unit.drafts.push_back(audit::make_draft(account_, record));
    events::announce(unit,
                     account_,
                     events::Kind::policy_applied,
                     std::to_string(version.number),
                     version.created_at);
    return unit;
  }

  Task<void> publish(Version version, std::shared_ptr<const CompiledPolicy> compiled) {
    co_await snapshot_.publish(compiled);
    co_await state_.publish(
        std::make_shared<const InForce>(InForce{std::move(version), std::move(compiled)}));
  }

  struct Looked {
    Proposal proposal;
    std::string text;  ///< the proposed document, canonical
  };
  static Result<Looked> look_at(Candidate candidate, const Basis& basis) {
    Looked out;
    PRELOOP_TRY(out.proposal, policy::propose(std::move(candidate), basis));
    out.text = write_document(out.proposal.document);
    return out;
  }

  Basis basis() const {
    return {.in_force = in_force(),
            .catalogue = catalogue_.snapshot().latest().value,
            .directory = identity_.latest().value,
            .account = account_,
            .now = clock_.wall()};
  }

  Result<std::shared_ptr<const CompiledPolicy>> policy_of(
      const std::optional<std::string>& yaml) const {
    if (!yaml) {
      return in_force()->compiled;
    }
    PRELOOP_TRY(Document wanted, parse_document(*yaml));
    PRELOOP_TRY(Candidate candidate, prepare(std::move(wanted), Prune::no, basis()));
    return candidate.compiled;
  }

  core::Loop& owner_;
  store::Database& database_;
  catalogue::CatalogueService& catalogue_;
  const identity::IdentitySnapshot& identity_;
  const core::Clock& clock_;
  core::Offload& offload_;
  core::AccountId account_;
  PolicyRepo repo_;
  PolicySnapshot snapshot_;
  core::Snapshot<InForce> state_;  ///< the same with its version; published second
  core::AsyncMutex changes_;
};

}  // namespace

std::unique_ptr<PolicyService> PolicyService::create(const Dependencies& dependencies) {
  return std::make_unique<Service>(dependencies);
}

bool changes_command(const std::vector<Change>& changes) {
  const auto is_command = [](const std::string& text) {
    return text.find("transport: stdio") != std::string::npos;
  };
  return std::ranges::any_of(changes, [&](const Change& change) {
    return change.section == "servers" && change.kind != Change::Kind::removed &&
           is_command(change.after);
  });
}

}  // namespace preloop::policy

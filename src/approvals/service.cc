#include "approvals/service.h"

#include "approvals/approval_record.h"
#include "approvals/approval_repo.h"
#include "approvals/digest.h"
#include "approvals/registry.h"
#include "approvals/request.h"
#include "core/log.h"
#include "core/loop_call.h"
#include "core/task_scope.h"
#include "identity/directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

namespace preloop::approvals {
namespace {

using core::Code;
using core::fail;
using core::Status;
using core::Task;

constexpr std::size_t k_max_kept_result = 1024 * 1024;
constexpr std::size_t k_max_comment = 4096;
constexpr core::seconds k_keep_result{24 * 3600};
/// The timer looks at least so often, so that a jump of the wall clock is seen.
constexpr core::seconds k_longest_sleep{30};

class Service final : public ApprovalService {
 public:
  explicit Service(Dependencies dependencies)
      : owner_(dependencies.owner),
        database_(dependencies.database),
        identity_(dependencies.identity),
        clock_(dependencies.clock),
        result_key_(std::move(dependencies.result_key)),
        max_pending_per_agent_(dependencies.max_pending_per_agent),
        repo_(dependencies.database),
        tasks_(dependencies.owner.executor()),
        timer_(dependencies.owner.executor()) {}

  Task<Status> start() override { return core::on_loop(owner_, do_start()); }
  Task<void> stop() override { return core::on_loop(owner_, do_stop()); }
  Task<core::Result<Ticket>> admit(Request request, store::Unit more) override {
    return core::on_loop(owner_, do_admit(std::move(request), std::move(more)));
  }
  Task<Status> begin_execution(core::ApprovalId id, store::Unit more) override {
    return core::on_loop(owner_, do_begin(id, std::move(more)));
  }
  Task<Status> finish_execution(core::ApprovalId id,
                                State outcome,
                                std::string result,
                                store::Unit more) override {
    return core::on_loop(owner_, do_finish(id, outcome, std::move(result), std::move(more)));
  }
  Task<core::Result<Request>> decide(const identity::Principal& person,
                                     core::ApprovalId id,
                                     Decision decision,
                                     std::string comment,
                                     Channel channel) override {
    return core::on_loop(owner_, do_decide(person, id, decision, std::move(comment), channel));
  }
  Task<core::Result<Request>> release(const identity::Principal& person,
                                      core::ApprovalId id,
                                      std::string comment) override {
    return core::on_loop(owner_, do_release(person, id, std::move(comment)));
  }
  Task<core::Result<Request>> reveal(const identity::Principal& person,
                                     core::ApprovalId id) override {
    return do_reveal(person, id);
  }
  Task<Status> cancel(core::ApprovalId id, std::string reason) override {
    return cancel_where([id](const Request& request) { return request.id == id; },
                        std::move(reason));
  }
  Task<Status> cancel_of_key(core::KeyId key, std::string reason) override {
    return cancel_where([key](const Request& request) { return request.key == key; },
                        std::move(reason));
  }
  Task<Status> cancel_of_agent(core::AgentId agent, std::string reason) override {
    return cancel_where([agent](const Request& request) { return request.agent == agent; },
                        std::move(reason));
  }
  Task<Status> cancel_of_server(core::ServerId server, std::string reason) override {
    return cancel_where([server](const Request& request) { return request.server == server; },
                        std::move(reason));
  }
  Task<Status> cancel_all(std::string reason) override {
    return cancel_where([](const Request&) { return true; }, std::move(reason));
  }
  Task<void> expire_due() override { return core::on_loop(owner_, do_expire_due()); }

  Task<core::Result<std::optional<std::string>>> kept_result(core::AccountId account,
                                                             core::ApprovalId id) override {
    PRELOOP_CO_TRY(const std::optional<KeptResult> kept,
                   co_await repo_.kept(account, id, clock_.wall()));
    if (!kept) {
      co_return std::nullopt;
    }
    auto opened = core::aes256_gcm_open(result_key_, kept->sealed, id.as_bytes());
    if (!opened) {
      co_return fail(Code::data_loss, "the kept result of an identical call cannot be read");
    }
    co_return opened->reveal();
  }
  Task<Status> delivered(core::AccountId account, core::ApprovalId id) override {
    store::Unit unit;
    unit.add(ApprovalRepo::drop_result(account, id));
    co_return co_await database_.commit(std::move(unit), store::Durability::standard);
  }
  Task<core::Result<Request>> find(core::AccountId account, core::ApprovalId id) override {
    co_return co_await repo_.find(account, id);
  }
  Task<core::Result<std::vector<Request>>> list(core::AccountId account,
                                                ListFilter filter) override {
    co_return co_await repo_.list(account, filter);
  }
  void set_observer(RequestObserver* observer) override { observer_ = observer; }
  std::size_t pending_count() const override { return pending_.load(std::memory_order_relaxed); }

  Task<core::Result<RequestPtr>> wait(core::ApprovalId id,
                                      State state,
                                      const core::CallContext& context) override {
    const auto waiter = std::make_shared<Waiter>(*core::Loop::current());
    const auto gone = context.cancelled.subscribe([waiter] { waiter->changed.set(); });
    PRELOOP_CO_TRY(RequestPtr now, co_await core::on_loop(owner_, enlist(id, state, waiter)));
    if (now) {  // it has moved on, or nothing will ever move it
      co_return std::move(now);
    }
    co_await waiter->changed.wait();
    co_return co_await core::on_loop(owner_, leave(id, waiter));
  }

 private:
  // --- life ---

  Task<Status> do_start() {
    PRELOOP_CO_TRY(std::vector<Request> rows, co_await repo_.live());
    std::size_t lost = 0;
    for (Request& request : rows) {
      auto live = std::make_shared<Live>(std::move(request), owner_.executor());
      if (live->request->state == State::executing) {
        // Decision 29: what was executing when the process ended is unknown, before anybody can
        // ask.
        PRELOOP_CO_CHECK(co_await move(*live, State::unknown, "the server stopped meanwhile", {}));
        ++lost;
        continue;
      }
      live_.put(live);
    }
    if (lost > 0) {
      core::log::warn(
          "approved calls were executing when the server stopped; a person must release "
          "them before they can be made again",
          {{"calls", lost}});
    }
    count_pending();
    tasks_.spawn("approval timers", run_timers());
    co_return Status();
  }

  Task<void> do_stop() {
    stopping_ = true;
    for (const auto& [id, live] : live_.all()) {
      live->wake();
    }
    co_await tasks_.stop();
  }

  Task<void> run_timers() {
    while (!co_await core::is_cancelled()) {
      timer_.reset();
      co_await do_expire_due();
      const auto until = std::clamp<core::microseconds>(
          next_deadline() - clock_.wall(), core::milliseconds(1), k_longest_sleep);
      if (co_await timer_.wait_until(std::chrono::steady_clock::now() + until) ==
          core::Outcome::cancelled) {
        co_return;
      }
    }
  }

  core::WallTime next_deadline() const {
    core::WallTime next = core::WallTime::max() - k_longest_sleep;
    for (const auto& [id, live] : live_.all()) {
      if (const auto due = deadline_of(*live->request)) {
        next = std::min(next, *due);
      }
    }
    return next;
  }

  static std::optional<core::WallTime> deadline_of(const Request& request) {
    switch (request.state) {
      case State::pending:
        return request.expires_at;
      case State::approved:
        return request.valid_until;
      default:
        return std::nullopt;
    }
  }

  Task<void> do_expire_due() {
    const core::WallTime now = clock_.wall();
    for (const LivePtr& live : live_.select([&](const Request& request) {
           const auto due = deadline_of(request);
           return due && *due <= now;
         })) {
      const auto turn = co_await live->turn.lock();
      const auto due = deadline_of(*live->request);
      if (live->gone || !due || *due > now) {
        continue;
      }
      if (const auto moved = co_await move(*live, State::expired, "", {}); !moved) {
        core::log::error(
            "an approval request could not be expired; it is tried again",
            {{"request", live->request->id.to_string()}, {"error", moved.error().message}});
      }
    }
    if (now - swept_at_ > core::seconds(600)) {
      swept_at_ = now;
      store::Unit unit;
      unit.add(ApprovalRepo::drop_results_before(now));
      if (const auto swept =
              co_await database_.commit(std::move(unit), store::Durability::standard);
          !swept) {
        core::log::warn("kept results could not be dropped", {{"error", swept.error().message}});
      }
    }
  }

  // --- asking ---

  Task<core::Result<Ticket>> do_admit(Request request, store::Unit more) {
    if (stopping_) {
      co_return fail(Code::unavailable, "the server is stopping");
    }
    if (const LivePtr live = live_.find_call(request)) {
      const auto turn = co_await live->turn.lock();
      if (live->gone) {
        co_return fail(Code::unavailable, "an identical request ended just now; ask again");
      }
      co_return ticket_of(*live->request, Ticket::How::attached);
    }
    const auto pending_of_agent = live_.select([&](const Request& other) {
      return other.agent == request.agent && other.state == State::pending;
    });
    if (pending_of_agent.size() >= max_pending_per_agent_) {
      co_return fail(
          Code::resource_exhausted,
          fmt::format("this agent has {} requests waiting already", pending_of_agent.size()));
    }
    request.created_at = clock_.wall();
    request.id = core::ApprovalId::make(request.created_at);
    request.state = State::pending;
    request.expires_at = expiry(request);
    request.approval_digest = approval_digest(
        request.call_key, request.verdict.workflows, request.id, request.expires_at);
    // In the registry before it is in the database, and taken: an identical call waits its turn.
    const auto live = std::make_shared<Live>(request, owner_.executor());
    const auto turn = co_await live->turn.lock();
    live_.put(live);
    auto earlier = co_await earlier_ticket(request);
    if (earlier && !*earlier) {
      more.add(ApprovalRepo::insert(request));
      more.drafts.push_back(created_draft(request));
      announce(more, request, events::Kind::approval_created, clock_.wall());
      if (const auto kept = co_await database_.commit(std::move(more), store::Durability::strict);
          !kept) {
        earlier = std::unexpected(kept.error());
      }
    }
    if (!earlier || *earlier) {
      live->gone = true;
      live_.erase(*live);
      if (!earlier) {
        co_return std::unexpected(earlier.error());
      }
      co_return std::move(**earlier);
    }
    count_pending();
    timer_.set();
    co_return ticket_of(request, Ticket::How::created);
  }

  /// What an identical call of the past means for this one: a kept result, an unknown outcome, or
  /// nothing.
  Task<core::Result<std::optional<Ticket>>> earlier_ticket(const Request& request) {
    PRELOOP_CO_TRY(const std::optional<Request> newest,
                   co_await repo_.newest(request.account, request.call_key));
    if (!newest) {
      co_return std::nullopt;
    }
    if (newest->state == State::unknown) {
      co_return fail(
          Code::failed_precondition,
          fmt::format("an identical call (request {}) was sent and its outcome was lost; it "
                      "may have been executed. A person has to look and release it first",
                      newest->id.to_string()));
    }
    if (newest->state != State::succeeded && newest->state != State::failed) {
      co_return std::nullopt;
    }
    PRELOOP_CO_TRY(std::optional<std::string> kept,
                   co_await kept_result(request.account, newest->id));
    if (!kept) {
      co_return std::nullopt;
    }
    Ticket ticket = ticket_of(*newest, Ticket::How::finished);
    ticket.result = std::move(*kept);
    co_return ticket;
  }

  static Ticket ticket_of(const Request& request, Ticket::How how) {
    return {.id = request.id,
            .state = request.state,
            .how = how,
            .expires_at = request.expires_at,
            .approvers = describe_approvers(request),
            .result = {}};
  }

  /// Null when the waiter was listed: thousands may wait, and none needs the request meanwhile.
  Task<core::Result<RequestPtr>> enlist(core::ApprovalId id, State state, WaiterPtr waiter) {
    const LivePtr live = live_.find(id);
    if (!live) {
      PRELOOP_CO_TRY(Request found, co_await find_anywhere(id));
      co_return without_texts(std::move(found));
    }
    if (live->request->state != state || stopping_) {
      co_return live->request;
    }
    waiter->account = live->request->account;
    live->waiters.push_back(std::move(waiter));
    co_return nullptr;
  }

  Task<core::Result<RequestPtr>> leave(core::ApprovalId id, WaiterPtr waiter) {
    const LivePtr live = live_.find(id);
    if (!live) {
      PRELOOP_CO_TRY(Request found, co_await repo_.find(waiter->account, id));
      co_return without_texts(std::move(found));
    }
    std::erase(live->waiters, waiter);
    co_return live->request;
  }

  // --- executing ---

  Task<Status> do_begin(core::ApprovalId id, store::Unit more) {
    const LivePtr live = live_.find(id);
    if (!live) {
      co_return fail(Code::aborted, "the approval was used or ended meanwhile");
    }
    const auto turn = co_await live->turn.lock();
    const Request& request = *live->request;
    if (live->gone || request.state != State::approved ||
        (request.valid_until && *request.valid_until <= clock_.wall())) {
      co_return fail(Code::aborted, "the approval was used or ended meanwhile");
    }
    // Eligibility is checked again at consumption.
    if (tally(request, voter_finder(request)) != State::approved) {
      PRELOOP_CO_CHECK(
          co_await move(*live, State::cancelled, "an approver lost the right to approve", {}));
      co_return fail(Code::aborted, "an approver lost the right to approve");
    }
    co_return co_await move(*live, State::executing, "", std::move(more));
  }

  Task<Status> do_finish(core::ApprovalId id, State outcome, std::string result, store::Unit more) {
    const LivePtr live = live_.find(id);
    if (!live) {
      co_return fail(Code::internal, "an execution ended that never began");
    }
    const auto turn = co_await live->turn.lock();
    if (!result.empty() && result.size() <= k_max_kept_result) {
      more.add(ApprovalRepo::keep_result(
          *live->request,
          core::aes256_gcm_seal(result_key_, result, live->request->id.as_bytes()),
          clock_.wall() + k_keep_result));
    }
    co_return co_await move(*live, outcome, "", std::move(more));
  }

  // --- deciding ---

  Task<core::Result<Request>> do_decide(identity::Principal principal,
                                        core::ApprovalId id,
                                        Decision decision,
                                        std::string comment,
                                        Channel channel) {
    PRELOOP_CO_CHECK(identity::authorize(principal, identity::Permission::decide, clock_.wall()));
    if (comment.size() > k_max_comment) {
      co_return fail(Code::invalid_argument, "a comment has at most 4096 bytes");
    }
    const LivePtr live = live_.find(id);
    if (!live || live->request->account != identity::account_of(principal)) {
      PRELOOP_CO_TRY(const Request ended, co_await repo_.find(identity::account_of(principal), id));
      co_return fail(Code::failed_precondition,
                     fmt::format("the request is {} already", to_string(ended.state)));
    }
    const auto turn = co_await live->turn.lock();
    const core::WallTime now = clock_.wall();
    if (!live->gone && live->request->state == State::pending && live->request->expires_at <= now) {
      PRELOOP_CO_CHECK(co_await move(*live, State::expired, "", {}));
    }
    const Request& request = *live->request;
    const auto person = identity::person_of(principal);
    if (!person) {
      co_return fail(Code::permission_denied, "an agent never decides");
    }
    const Voter voter = voter_finder(request)(*person);
    const auto before = std::ranges::find(request.votes, *person, &Vote::person);
    if (before != request.votes.end() && before->decision == decision) {
      co_return co_await whole(live->request);  // the same button pressed twice
    }
    PRELOOP_CO_CHECK(check_vote(request, voter, decision, comment));

    Request next = request;
    next.votes.push_back({*person, voter.email, decision, std::move(comment), channel, now});
    const State state = tally(next, voter_finder(next));
    store::Unit unit;
    unit.add(ApprovalRepo::insert_vote(next, next.votes.back()));
    unit.drafts.push_back(voted_draft(next, principal));
    PRELOOP_CO_CHECK(co_await move(*live, state, "", std::move(unit), std::move(next)));
    co_return co_await whole(live->request);
  }

  Task<core::Result<Request>> do_release(identity::Principal principal,
                                         core::ApprovalId id,
                                         std::string comment) {
    PRELOOP_CO_CHECK(identity::authorize(principal, identity::Permission::decide, clock_.wall()));
    PRELOOP_CO_TRY(Request request, co_await repo_.find(identity::account_of(principal), id));
    if (request.state != State::unknown) {
      co_return fail(Code::failed_precondition,
                     fmt::format("the request is {}, not unknown", to_string(request.state)));
    }
    Live live(std::move(request), owner_.executor());
    store::Unit unit;
    unit.drafts.push_back(released_draft(*live.request, principal, comment));
    PRELOOP_CO_CHECK(co_await move(live, State::failed, "released: " + comment, std::move(unit)));
    co_return co_await whole(live.request);
  }

  Task<core::Result<Request>> do_reveal(identity::Principal principal, core::ApprovalId id) {
    PRELOOP_CO_CHECK(identity::authorize(principal, identity::Permission::reveal, clock_.wall()));
    PRELOOP_CO_TRY(Request request, co_await repo_.find(identity::account_of(principal), id));
    const auto person = identity::person_of(principal);
    store::Unit unit;
    unit.drafts.push_back(revealed_draft(
        request, principal, person ? voter_finder(request)(*person).email : std::string()));
    PRELOOP_CO_CHECK(co_await database_.commit(std::move(unit), store::Durability::strict));
    co_return request;
  }

  /// With its texts. The change stands, so a failing read only leaves them out.
  Task<Request> whole(RequestPtr request) const {
    auto found = co_await repo_.find(request->account, request->id);
    if (!found) {
      co_return *request;
    }
    co_return std::move(*found);
  }

  FindVoter voter_finder(const Request& request) const {
    const auto directory = identity_.latest();
    const identity::Agent* const agent = directory->find_agent(request.agent);
    const auto owner = agent == nullptr ? std::nullopt : agent->owner;
    return [directory, owner](core::PersonId id) {
      Voter voter;
      voter.person = id;
      const identity::Person* const person = directory->find_person(id);
      voter.active = person != nullptr && person->standing == identity::Standing::active;
      if (person != nullptr) {
        voter.email = person->email;
        voter.role = person->role;
      }
      voter.owns_agent = owner == id;
      return voter;
    };
  }

  // --- ending ---

  template <class Which>
  Task<Status> cancel_where(Which which, std::string reason) {
    return core::on_loop(owner_, do_cancel(std::move(which), std::move(reason)));
  }
  template <class Which>
  Task<Status> do_cancel(Which which, std::string reason) {
    Status outcome;
    for (const LivePtr& live : live_.select(which)) {
      const auto turn = co_await live->turn.lock();
      if (!live->gone && may_move(live->request->state, State::cancelled)) {
        if (auto moved = co_await move(*live, State::cancelled, reason, {}); !moved) {
          outcome = std::move(moved);
        }
      }
    }
    co_return outcome;
  }

  Task<core::Result<Request>> find_anywhere(core::ApprovalId id) const {
    for (const identity::Person& person : identity_.latest()->people()) {
      co_return co_await repo_.find(person.account, id);
    }
    co_return fail(Code::not_found, "there is no such approval request");
  }

  /// The one way a request changes: guarded by its own row, with its record and its event,
  /// strictly; then memory, then the waiters. The caller holds the request's turn. `voted` carries
  /// new votes.
  Task<Status> move(Live& live,
                    State to,
                    std::string reason,
                    store::Unit unit,
                    std::optional<Request> voted = std::nullopt) {
    const State from = live.request->state;
    if (from != to && !may_move(from, to)) {
      co_return fail(Code::failed_precondition,
                     fmt::format("the request is {} already", to_string(from)));
    }
    Request next = voted ? std::move(*voted) : Request(*live.request);
    next.state = to;
    ++next.revision;
    const core::WallTime now = clock_.wall();
    if (from == State::pending && to != State::pending) {
      next.decided_at = now;
    }
    if (to == State::approved && from != to) {
      next.valid_until = now + validity(next);
    }
    if (!reason.empty()) {
      next.closing_reason = std::move(reason);
    }
    unit.guard = store::Unit::Guard{ApprovalRepo::move(next, from)};
    if (from != to) {
      if (auto draft = moved_draft(next, from)) {
        unit.drafts.push_back(std::move(*draft));
      }
    }
    announce(unit, next, events::Kind::approval_updated, now);
    PRELOOP_CO_CHECK(co_await database_.commit(std::move(unit), store::Durability::strict));
    live.request = std::make_shared<const Request>(std::move(next));
    if (!is_live(to)) {
      live.gone = true;
      live_.erase(live);
      if (observer_ != nullptr) {
        observer_->request_ended(*live.request);
      }
    }
    count_pending();
    if (from != to) {
      live.wake();
    }
    timer_.set();
    co_return Status();
  }

  void count_pending() {
    pending_.store(
        static_cast<std::size_t>(std::ranges::count_if(
            live_.all(),
            [](const auto& entry) { return entry.second->request->state == State::pending; })),
        std::memory_order_relaxed);
  }

  core::Loop& owner_;
  store::Database& database_;
  const identity::IdentitySnapshot& identity_;
  const core::Clock& clock_;
  core::Secret result_key_;
  std::size_t max_pending_per_agent_;
  ApprovalRepo repo_;
  core::TaskScope tasks_;
  core::Wakeup timer_;
  LiveRequests live_;
  RequestObserver* observer_ = nullptr;
  bool stopping_ = false;
  core::WallTime swept_at_;
  std::atomic<std::size_t> pending_ = 0;
};

}  // namespace

std::unique_ptr<ApprovalService> ApprovalService::create(Dependencies dependencies) {
  return std::make_unique<Service>(std::move(dependencies));
}

}  // namespace preloop::approvals

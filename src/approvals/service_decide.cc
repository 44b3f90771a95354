#include "approvals/approval_record.h"
#include "approvals/service_impl.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::approvals {

using core::Code;
using core::fail;
using core::Status;
using core::Task;

namespace {

constexpr std::size_t k_max_comment = 4096;

}  // namespace

Task<core::Result<Request>> ServiceImpl::do_decide(identity::Principal principal,
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
  if (!live->gone && live->request->state == State::pending && live->request->expires_at <= now &&
      !switches_.is_on(HaltScope::tools)) {
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
  const State state = tally(next, voter_finder(next), everybody(next));
  store::Unit unit;
  unit.add(ApprovalRepo::insert_vote(next, next.votes.back()));
  unit.drafts.push_back(voted_draft(next, principal));
  PRELOOP_CO_CHECK(co_await move(*live, state, "", std::move(unit), std::move(next)));
  co_return co_await whole(live->request);
}

Task<core::Result<Request>> ServiceImpl::do_release(identity::Principal principal,
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

Task<core::Result<Request>> ServiceImpl::do_reveal(identity::Principal principal,
                                                   core::ApprovalId id) {
  PRELOOP_CO_CHECK(identity::authorize(principal, identity::Permission::reveal, clock_.wall()));
  PRELOOP_CO_TRY(Request request, co_await repo_.find(identity::account_of(principal), id));
  const auto person = identity::person_of(principal);
  store::Unit unit;
  unit.drafts.push_back(revealed_draft(
      request, principal, person ? voter_finder(request)(*person).email : std::string()));
  PRELOOP_CO_CHECK(co_await database_.commit(std::move(unit), store::Durability::strict));
  co_return request;
}

Task<Request> ServiceImpl::whole(RequestPtr request) const {
  auto found = co_await repo_.find(request->account, request->id);
  if (!found) {
    co_return *request;
  }
  co_return std::move(*found);
}

Everybody ServiceImpl::everybody(const Request& request) const {
  const auto directory = identity_.latest();
  return [directory = directory.value, find = voter_finder(request), account = request.account] {
    std::vector<Voter> voters;
    for (const identity::Person& person : directory->people()) {
      if (person.account == account) {
        voters.push_back(find(person.id));
      }
    }
    return voters;
  };
}

std::string ServiceImpl::name_of(const identity::Principal& principal) const {
  const auto id = identity::person_of(principal);
  const auto directory = identity_.latest();
  const identity::Person* const person = id ? directory->find_person(*id) : nullptr;
  return person == nullptr ? std::string() : person->email;
}

FindVoter ServiceImpl::voter_finder(const Request& request) const {
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

}  // namespace preloop::approvals

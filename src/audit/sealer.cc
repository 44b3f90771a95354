#include "audit/sealer.h"

#include "core/json_writer.h"
#include "core/text.h"

#include <algorithm>

namespace preloop::audit {

ChainSealer::ChainSealer(const core::Clock& clock,
                         const PayloadCipher& cipher,
                         core::Uuid incarnation)
    : clock_(clock), cipher_(cipher), incarnation_(incarnation) {}

core::Task<core::Result<std::unique_ptr<ChainSealer>>> ChainSealer::open(
    AuditRepo& repo, const core::Clock& clock, const PayloadCipher& cipher) {
  auto sealer = std::make_unique<ChainSealer>(clock, cipher, core::Uuid::v7(clock.wall()));
  PRELOOP_CO_TRY(const Position last, co_await repo.last_position());
  sealer->committed_position_ = last;
  PRELOOP_CO_TRY(const auto accounts, co_await repo.accounts());
  for (const core::AccountId account : accounts) {
    PRELOOP_CO_TRY(sealer->predecessors_[account], co_await repo.tails(account));
    if (!sealer->predecessors_[account].empty()) {
      continue;
    }
    // Retention took every record: the chains end where its heads say.
    PRELOOP_CO_TRY(const auto heads, co_await repo.heads(account));
    const auto newest =
        std::ranges::max_element(heads, {}, [](const SignedHead& head) { return head.head.at; });
    if (newest != heads.end()) {
      sealer->predecessors_[account].push_back({newest->head.chain, newest->head.last});
    }
  }
  co_return sealer;
}

void ChainSealer::begin() {
  working_.clear();
  position_ = committed_position_.load(std::memory_order_relaxed);
  at_ = clock_.wall();
  at_text_ = core::to_rfc3339(at_);
}

core::Result<std::vector<store::Statement>> ChainSealer::seal(const store::Draft& draft) {
  const ChainId chain{draft.account, incarnation_};
  std::vector<store::Statement> out;
  auto found = working_.find(draft.account);
  if (found == working_.end()) {
    const auto known = committed_.find(draft.account);
    found =
        working_.emplace(draft.account, known == committed_.end() ? Link{} : known->second).first;
  }
  Link& last = found->second;
  if (last.seq == 0) {
    open_chain(chain, last, out);
  }
  append(chain, last, prepared(draft), out);
  return out;
}

void ChainSealer::open_chain(const ChainId& chain, Link& last, std::vector<store::Statement>& out) {
  std::string details;
  core::JsonWriter json(details);
  json.begin_object().key("predecessors").begin_array();
  // As many as fit the limit of a record's details.
  constexpr std::size_t k_most = 64;
  const auto& before = predecessors_[chain.account];
  for (std::size_t i = 0; i < std::min(before.size(), k_most); ++i) {
    json.begin_object()
        .field("chain", before[i].chain.writer.to_string())
        .field("seq", before[i].last.seq)
        .field("hash", core::to_hex(core::as_bytes(before[i].last.hash)))
        .end_object();
  }
  json.end_array().field("software", "preloop/" PRELOOP_VERSION).end_object();
  out.push_back(insert_chain(chain, at_));
  append(chain, last, prepare({.kind = Kind::chain_opened, .details = details}), out);
}

void ChainSealer::append(const ChainId& chain,
                         Link& last,
                         const PreparedRecord& record,
                         std::vector<store::Statement>& out) {
  // Eight bits of the incarnation keep two nodes' positions apart most of the time.
  const Position now = position_at(at_) | Position{incarnation_.bytes.back()} << 2;
  position_ = std::max(position_ + k_position_step, now);
  const core::Uuid id = record.id.is_nil() ? core::Uuid::v7(at_) : record.id;
  std::string bytes = place(record, chain, last.seq + 1, last.hash, at_text_, id);
  last = {last.seq + 1, record_hash(bytes)};
  out.push_back(insert_record(chain, last.seq, position_, record, std::move(bytes)));
  insert_payloads(chain, position_, id, record, cipher_, out);
}

void ChainSealer::committed() {
  std::shared_ptr<const std::function<void()>> listener;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [account, last] : working_) {
      committed_[account] = last;
    }
    if (position_ != committed_position_) {
      listener = listener_;
    }
    committed_position_ = position_;
  }
  if (listener) {
    (*listener)();
  }
}

void ChainSealer::set_listener(std::function<void()> listener) {
  auto next =
      listener ? std::make_shared<const std::function<void()>>(std::move(listener)) : nullptr;
  const std::lock_guard lock(mutex_);
  listener_ = std::move(next);
}

void ChainSealer::rolled_back() {
  working_.clear();
}

std::vector<ChainSealer::Tail> ChainSealer::heads() const {
  const std::lock_guard lock(mutex_);
  std::vector<Tail> out;
  out.reserve(committed_.size());
  for (const auto& [account, last] : committed_) {
    out.push_back({{account, incarnation_}, last});
  }
  return out;
}

}  // namespace preloop::audit

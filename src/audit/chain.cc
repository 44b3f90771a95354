#include "audit/chain.h"

#include <algorithm>

namespace preloop::audit {
namespace {

constexpr std::size_t k_remembered = 1024;

std::string numbers(std::uint64_t from, std::uint64_t to) {
  return from == to ? "record " + std::to_string(from)
                    : "records " + std::to_string(from) + " to " + std::to_string(to);
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::intact:
      return "intact";
    case Verdict::tampered:
      return "tampered";
    case Verdict::incomplete:
      return "incomplete";
  }
  return "tampered";
}

void ChainCheck::begin_behind(const Link& last, std::uint64_t line) {
  if (last.seq <= last_.seq) {
    return;  // an older anchor says nothing new
  }
  last_ = last;
  last_line_ = line;
  anchor_seq_ = last.seq;
  signed_seq_ = std::max(signed_seq_, last.seq);
  // What was promised of records that the anchor vouches for cannot be looked up any more.
  promises_.erase(promises_.begin(), promises_.upper_bound(last.seq));
}

void ChainCheck::record(const RecordView& record,
                        const core::Digest& hash,
                        std::uint64_t line,
                        std::vector<Finding>& findings) {
  const auto report = [&](Verdict verdict, std::uint64_t at, std::uint64_t seq, std::string what) {
    findings.push_back({verdict, at, id_, seq, std::move(what)});
  };
  const std::uint64_t expected = last_.seq + 1;
  if (record.seq < expected) {
    report(Verdict::tampered,
           line,
           record.seq,
           record.seq <= anchor_seq_ ? "a record from before the start of the chain"
                                     : "a record twice or out of order");
    return;
  }
  if (record.seq > expected) {
    report(Verdict::incomplete,
           line,
           expected,
           numbers(expected, record.seq - 1) +
               (expected == 1 ? " missing, and no signed head vouches for it" : " missing"));
  } else if (record.prev != last_.hash) {
    if (record.seq == 1) {
      report(Verdict::tampered, line, 1, "the first record links to something");
    } else {
      report(Verdict::tampered,
             last_line_,
             last_.seq,
             "the record is not the one that record " + std::to_string(record.seq) + " (line " +
                 std::to_string(line) + ") links to");
    }
  }
  if (record.seq == 1 && record.kind != Kind::chain_opened) {
    report(Verdict::tampered, line, 1, "the first record of a chain must be chain.opened");
  }
  if (first_seq_ == 0) {
    first_seq_ = record.seq;
  }
  last_ = {record.seq, hash};
  last_line_ = line;
  recent_.push_back({record.seq, hash, line});
  if (recent_.size() > k_remembered) {
    recent_.pop_front();
  }
  const auto [from, to] = promises_.equal_range(record.seq);
  for (auto it = from; it != to; ++it) {
    settle({record.seq, it->second.hash}, hash, line, it->second, findings);
  }
  promises_.erase(from, to);
}

void ChainCheck::settle(const Link& link,
                        const core::Digest& actual,
                        std::uint64_t record_line,
                        const Promise& promise,
                        std::vector<Finding>& findings) {
  if (link.hash != actual) {
    findings.push_back(
        {Verdict::tampered,
         record_line,
         id_,
         link.seq,
         std::string("the record is not the one that ") +
             (promise.witness == Witness::signature ? "the signed head" : "chain.opened") +
             " on line " + std::to_string(promise.line) + " names"});
  } else if (promise.witness == Witness::signature) {
    signed_seq_ = std::max(signed_seq_, link.seq);
  }
}

void ChainCheck::expect(const Link& link,
                        Witness witness,
                        std::uint64_t line,
                        std::vector<Finding>& findings) {
  const Promise promise{link.hash, witness, line};
  if (link.seq > last_.seq) {
    promises_.emplace(link.seq, promise);
    return;
  }
  if (link.seq == last_.seq) {
    settle(link, last_.hash, last_line_, promise, findings);
    return;
  }
  const auto found = std::ranges::find(recent_, link.seq, &Past::seq);
  if (found != recent_.end()) {
    settle(link, found->hash, found->line, promise, findings);
  }
}

void ChainCheck::finish(std::vector<Finding>& findings) const {
  if (!promises_.empty()) {
    const auto& [seq, promise] = *promises_.rbegin();
    findings.push_back({Verdict::incomplete,
                        promise.line,
                        id_,
                        last_.seq + 1,
                        numbers(last_.seq + 1, seq) + " missing at the end of the chain"});
  }
  const bool signature_outstanding = std::ranges::any_of(
      promises_, [](const auto& item) { return item.second.witness == Witness::signature; });
  if (last_.seq > signed_seq_ && !signature_outstanding) {
    findings.push_back(
        {Verdict::incomplete,
         last_line_,
         id_,
         signed_seq_ + 1,
         numbers(signed_seq_ + 1, last_.seq) + " not covered by a signed head (unsigned tail)"});
  }
}

}  // namespace preloop::audit

#include "audit/exporter.h"

#include "audit/export.h"

#include <algorithm>
#include <limits>
#include <map>

namespace preloop::audit {
namespace {

constexpr std::size_t k_page = 500;
constexpr std::size_t k_page_with_payloads = 50;

class Exporter {
 public:
  Exporter(AuditRepo& repo,
           const SigningKey& key,
           const core::Clock& clock,
           ExportOptions options,
           ExportSink sink)
      : repo_(repo),
        key_(key),
        clock_(clock),
        options_(std::move(options)),
        sink_(std::move(sink)),
        writer_(key) {}

  core::Task<core::Result<ExportSummary>> run(std::vector<ChainSealer::Tail> live) {
    PRELOOP_CO_CHECK(co_await begin());
    for (const ChainSealer::Tail& tail : live) {
      if (tail.chain.account == options_.account) {
        await_head(sign(tail.chain.writer, tail.last, Purpose::head));
      }
    }
    const Position until =
        options_.until ? position_at(*options_.until) - 1 : std::numeric_limits<Position>::max();
    // Records committed while we read have numbers the signed heads below need not know: stop at
    // what there is now.
    PRELOOP_CO_TRY(const Position newest, co_await repo_.last_position());
    const Position end = std::min(until, newest);
    Position at = options_.from ? position_at(*options_.from) - 1 : 0;
    const bool with_payloads = options_.include == ExportOptions::Include::payloads;
    const std::size_t size = with_payloads ? k_page_with_payloads : k_page;
    while (true) {
      PRELOOP_CO_TRY(const auto page, co_await repo_.forward(options_.account, at, end, size));
      if (page.empty()) {
        break;
      }
      if (with_payloads) {
        PRELOOP_CO_TRY(
            payloads_,
            co_await repo_.payloads(options_.account, page.front().position, page.back().position));
      }
      for (const StoredRecord& record : page) {
        PRELOOP_CO_CHECK(co_await one(record));
      }
      at = page.back().position;
      PRELOOP_CO_CHECK(co_await flush());
    }
    finish();
    PRELOOP_CO_CHECK(co_await flush());
    co_return summary_;
  }

 private:
  struct Chain {
    Link last;
    Position position = 0;
    bool has_records = false;
    bool is_signed = false;          ///< a head of the last record was written
    std::vector<SignedHead> coming;  ///< stored heads, by seq, not yet passed
  };

  core::Task<core::Status> begin() {
    ExportHeader header{
        options_.origin, options_.account, clock_.wall(), "preloop/" PRELOOP_VERSION, {}};
    PRELOOP_CO_TRY(header.keys, co_await repo_.keys());
    if (std::ranges::find(header.keys, key_.public_key(), &PublicKey::public_key) ==
        header.keys.end()) {
      header.keys.push_back({key_.public_key(), {}, {}});
    }
    out_ += writer_.header(header);
    PRELOOP_CO_TRY(const auto heads, co_await repo_.heads(options_.account));
    for (const SignedHead& head : heads) {
      Chain& chain = chains_[head.head.chain.writer];
      if (head.head.purpose != Purpose::retention) {
        await_head(head);
      } else if (head.head.last.seq > chain.last.seq) {
        chain.last = head.head.last;
        chain.is_signed = true;
        anchors_[head.head.chain.writer] = head;
      }
    }
    for (const auto& [writer, anchor] : anchors_) {
      put(anchor);
    }
    co_return core::Status{};
  }

  /// To be written behind the record it names.
  void await_head(SignedHead head) {
    auto& coming = chains_[head.head.chain.writer].coming;
    const auto at = std::ranges::upper_bound(
        coming, head.head.last.seq, {}, [](const auto& other) { return other.head.last.seq; });
    coming.insert(at, std::move(head));
  }

  core::Task<core::Status> one(const StoredRecord& record) {
    Chain& chain = chains_[record.chain.writer];
    if (record.seq <= chain.last.seq && chain.has_records) {
      co_return core::Status{};  // written already, when a gap was filled
    }
    if (record.seq > chain.last.seq + 1 && !(options_.from && !chain.has_records)) {
      // On PostgreSQL a row of another node may have become visible behind us; whatever comes later
      // in its chain was committed after it, so it is there now.
      PRELOOP_CO_TRY(const auto behind,
                     co_await repo_.between(record.chain, chain.position, record.position));
      for (const StoredRecord& late : behind) {
        if (late.seq > chain.last.seq) {
          PRELOOP_CO_CHECK(co_await write(late, chain));
        }
      }
    }
    co_return co_await write(record, chain);
  }

  core::Task<core::Status> write(const StoredRecord& record, Chain& chain) {
    const auto view = parse_record(record.bytes);
    if (options_.from && view) {
      begin_ranges(record, *view, chain);
    }
    PRELOOP_CO_TRY(const auto shown, co_await shown_payloads(record));
    out_ += writer_.record(record.bytes, shown);
    ++summary_.records;
    summary_.chains += chain.has_records ? 0 : 1;
    chain.has_records = true;
    chain.last = {record.seq, record_hash(record.bytes)};
    chain.position = record.position;
    chain.is_signed = false;
    while (!chain.coming.empty() && chain.coming.front().head.last.seq <= record.seq) {
      if (chain.coming.front().head.last.seq == record.seq) {
        put(chain.coming.front());
        chain.is_signed = true;
      }
      chain.coming.erase(chain.coming.begin());
    }
    if (out_.size() > 256 * 1024) {
      PRELOOP_CO_CHECK(co_await flush());
    }
    co_return core::Status{};
  }

  /// Vouches for what lies before the period: this chain's earlier records, and the chains that
  /// chain.opened names and of which the period has none.
  void begin_ranges(const StoredRecord& record, const RecordView& view, Chain& chain) {
    if (!chain.has_records && record.seq > chain.last.seq + 1) {
      put(sign(record.chain.writer, {record.seq - 1, view.prev}, Purpose::range));
    }
    for (const RecordView::Named& named : view.predecessors) {
      Chain& other = chains_[named.chain.writer];
      if (!other.has_records && named.last.seq > other.last.seq) {
        put(sign(named.chain.writer, named.last, Purpose::range));
        other.last = named.last;
        other.is_signed = true;
      }
    }
  }

  core::Task<core::Result<std::vector<ExportedPayload>>> shown_payloads(
      const StoredRecord& record) {
    std::vector<ExportedPayload> out;
    for (const StoredPayload& payload : payloads_) {
      if (payload.record != record.position || payload.chain != record.chain.writer) {
        continue;
      }
      ExportedPayload shown{
          payload.kind, payload.content_is, payload.size, payload.salt, payload.content};
      if (payload.has_blob && payload.content_is == Content::exact) {
        auto whole = co_await repo_.blob(options_.account, payload);
        if (whole) {
          shown.content = std::move(*whole);
        } else if (whole.error().code == core::Code::not_found) {
          shown.content_is = Content::redacted;  // only its head is left
        } else {
          co_return std::unexpected(std::move(whole).error());
        }
      }
      out.push_back(std::move(shown));
    }
    co_return out;
  }

  void finish() {
    for (auto& [writer, chain] : chains_) {
      if (chain.has_records && !chain.is_signed) {
        put(sign(writer, chain.last, Purpose::head));
      }
      if (!options_.until && !(options_.from && !chain.has_records)) {
        for (const SignedHead& head : chain.coming) {
          // Of records that are not there: the reader must see that they are missing. Of those that
          // retention deleted the anchor speaks already.
          if (head.head.last.seq > chain.last.seq) {
            put(head);
          }
        }
      }
    }
    out_ += writer_.end();
  }

  SignedHead sign(const core::Uuid& writer, const Link& last, Purpose purpose) const {
    return key_.sign({purpose, options_.origin, {options_.account, writer}, last, clock_.wall()});
  }
  void put(const SignedHead& head) { out_ += writer_.head(head); }
  core::Task<core::Status> flush() {
    if (!out_.empty()) {
      std::string bytes = std::exchange(out_, {});
      PRELOOP_CO_CHECK(co_await sink_(std::move(bytes)));
    }
    co_return core::Status{};
  }

  AuditRepo& repo_;
  const SigningKey& key_;
  const core::Clock& clock_;
  ExportOptions options_;
  ExportSink sink_;
  ExportWriter writer_;
  std::string out_;
  std::map<core::Uuid, Chain> chains_;
  std::map<core::Uuid, SignedHead> anchors_;
  std::vector<StoredPayload> payloads_;
  ExportSummary summary_;
};

}  // namespace

core::Task<core::Result<ExportSummary>> export_log(AuditRepo& repo,
                                                   std::vector<ChainSealer::Tail> live,
                                                   const SigningKey& key,
                                                   const core::Clock& clock,
                                                   ExportOptions options,
                                                   ExportSink sink) {
  Exporter exporter(repo, key, clock, std::move(options), std::move(sink));
  co_return co_await exporter.run(std::move(live));
}

}  // namespace preloop::audit

// Audit: search, show, checkpoint, entries, consistency. Every call is a record before its answer;
// decisions and reasons, never content.
#include "daemon/explanations.hpp"
#include "daemon/policy_records.hpp"
#include "daemon/questions.hpp"
#include "daemon/services.hpp"
#include "daemon/thread.hpp"
#include "merkle/leaf.hpp"

#include "cairn/v1/audit.pb.h"

#include <algorithm>

namespace cairn::daemon {
namespace {

// Leaves of one EntryBatch.
constexpr std::uint64_t batch_leaves = 1024;

std::uint32_t year_or_now(services& s, std::uint32_t asked) {
    return asked == 0 ? s.rt.store().current_head().year : asked;
}

v1::RecordSummary summary_of(const ledger::record_row& row) {
    v1::RecordSummary out;
    out.set_year(row.at.year());
    out.set_index(row.at.index());
    out.set_kind(std::string(merkle::name_of(row.kind)));
    out.set_recorded_at_us(row.recorded_at_us);
    out.set_concern_id(row.concern_id);
    out.set_thread(row.thread);
    for (const auto& p : row.parties) out.add_parties(p);
    if (const auto leaf = merkle::decode_leaf(row.leaf)) {
        out.set_policy_digest(to_hex(view(leaf->policy_digest)));
        out.set_registry_epoch(leaf->registry_epoch);
    }
    return out;
}

result<ledger::record_filter> filter_of(const v1::SearchRequest& asked) {
    ledger::record_filter f;
    f.concern_id = asked.concern_id();
    f.thread = asked.thread();
    f.agency = asked.agency();
    f.from_us = asked.from_us();
    f.until_us = asked.until_us();
    f.after = asked.after();
    f.max = std::clamp(asked.max_records() == 0 ? 100U : asked.max_records(), 1U, 1000U);
    for (const auto& name : asked.kinds()) {
        const auto kind = merkle::record_kind_of(name);
        if (!kind) return fail(errc::bad_value, "kinds");
        f.kinds.push_back(*kind);
    }
    return f;
}

void search(services& s, session::call& c, bytes_view message) {
    v1::SearchRequest asked;
    const auto who = admitted(s, c, message, registry::operation::audit, asked);
    if (!who) return;
    const auto f = filter_of(asked);
    if (!f) return c.finish(f.error());
    auto read = [&s, f = *f]() -> result<v1::SearchResponse> {
        auto rows = s.rt.store().read().search(f);
        if (!rows) return rows.error();
        v1::SearchResponse out;
        for (const auto& row : *rows) *out.add_records() = summary_of(row);
        out.set_more(rows->size() == f.max);
        return out;
    };
    read_recorded<v1::SearchResponse>(
        s,
        c,
        *who,
        {"audit.search", bytes(message), std::move(read), answer_with<v1::SearchResponse>()}
    );
}

result<v1::ShowResponse> show_answer(services& s, ledger::position at) {
    const auto row = record_at(s.rt.store(), at);
    if (!row) return row.error();
    v1::ShowResponse out;
    *out.mutable_summary() = summary_of(*row);
    out.set_leaf(to_hex(row->leaf));
    auto proof = s.rt.store().read().proof(at, {});
    if (!proof) return proof.error();
    out.set_proof(std::move(*proof));
    auto stored = s.rt.store().read().body(at);
    if (!stored) {
        out.set_erased(stored.error().code == errc::erased);
        if (out.erased()) return out;
        return stored.error();
    }
    auto body = open_record(*stored);
    if (!body) return body.error();
    if (!body->has_concern()) return out;
    auto rules = policy_of_record(s.rt, at, body->concern());
    if (!rules) return rules.error();
    // Read for whether a declaration is challenged: nothing of it is in the answer.
    const auto own = submitted_concern(body->concern());
    if (!own) return own.error();
    const auto registry = s.rt.registry.now();
    const explanations each(**rules, *registry, body->concern(), *own);
    for (const auto& d : body->concern().desks()) {
        *out.add_desks() = each.of(d, redaction::audience::auditor);
    }
    return out;
}

void show(services& s, session::call& c, bytes_view message) {
    v1::ShowRequest asked;
    const auto who = admitted(s, c, message, registry::operation::audit, asked);
    if (!who) return;
    const auto at = ledger::position::at(year_or_now(s, asked.year()), asked.index());
    read_recorded<v1::ShowResponse>(
        s,
        c,
        *who,
        {"audit.show",
         bytes(message),
         [&s, at] { return show_answer(s, at); },
         answer_with<v1::ShowResponse>()}
    );
}

void checkpoint(services& s, session::call& c, bytes_view message) {
    v1::CheckpointRequest asked;
    const auto who = admitted(s, c, message, registry::operation::audit, asked);
    if (!who) return;
    auto read = [&s, year = year_or_now(s, asked.year())]() -> result<v1::CheckpointResponse> {
        auto note = s.rt.store().read().checkpoint(year);
        if (!note) return note.error();
        v1::CheckpointResponse out;
        out.set_checkpoint(std::move(*note));
        out.set_vkey(s.rt.store().vkey(year));
        return out;
    };
    read_recorded<v1::CheckpointResponse>(
        s,
        c,
        *who,
        {"audit.checkpoint", bytes(message), std::move(read), answer_with<v1::CheckpointResponse>()}
    );
}

void consistency(services& s, session::call& c, bytes_view message) {
    v1::ConsistencyRequest asked;
    const auto who = admitted(s, c, message, registry::operation::audit, asked);
    if (!who) return;
    auto read =
        [&s, asked, year = year_or_now(s, asked.year())]() -> result<v1::ConsistencyResponse> {
        auto proof = s.rt.store().read().consistency(year, asked.old_size(), asked.new_size());
        if (!proof) return proof.error();
        auto note = s.rt.store().read().checkpoint(year);
        if (!note) return note.error();
        v1::ConsistencyResponse out;
        for (const digest& d : *proof) out.add_hashes(to_base64(view(d)));
        out.set_checkpoint(std::move(*note));
        return out;
    };
    read_recorded<v1::ConsistencyResponse>(
        s,
        c,
        *who,
        {"audit.consistency",
         bytes(message),
         std::move(read),
         answer_with<v1::ConsistencyResponse>()}
    );
}

void policy_versions(services& s, session::call& c, bytes_view message) {
    v1::PolicyHistoryRequest asked;
    const auto who = admitted(s, c, message, registry::operation::audit, asked);
    if (!who) return;
    read_recorded<v1::PolicyHistoryResponse>(
        s,
        c,
        *who,
        {"audit.policy_history",
         bytes(message),
         [&s, max = asked.max()] { return policy_history(s.rt, max); },
         answer_with<v1::PolicyHistoryResponse>()}
    );
}

// Leaves in batches, as fast as the auditor reads.
class entries_handler final : public session::handler {
public:
    explicit entries_handler(services& s) : s_(s), at_(std::make_shared<cursor>()) {}

    void on_message(session::call& c, bytes_view message) override {
        v1::EntriesRequest asked;
        const auto who = admitted(s_, c, message, registry::operation::audit, asked);
        if (!who) return;
        if (asked.until() < asked.from()) return c.finish(fail(errc::bad_value, "until"));
        *at_ = {year_or_now(s_, asked.year()), asked.from(), asked.until(), false};
        read_recorded<bool>(
            s_,
            c,
            *who,
            {"audit.entries",
             bytes(message),
             []() -> result<bool> { return true; },
             [&s = s_, at = at_](session::call& live, result<bool> ok) {
                 if (!ok) return live.finish(ok.error());
                 next(s, live, at);
             }}
        );
    }
    void on_writable(session::call& c) override { next(s_, c, at_); }

private:
    struct cursor {
        std::uint32_t year = 0;
        std::uint64_t from = 0;
        std::uint64_t until = 0;
        bool reading = false;
    };

    static void next(services& s, session::call& c, const std::shared_ptr<cursor>& at) {
        if (at->reading || c.queued() > limits::queued_output_bytes) return;
        if (at->from >= at->until) return c.finish();
        at->reading = true;
        const std::uint64_t until = std::min(at->until, at->from + batch_leaves);
        const unsigned thread = s.rt.here();
        const bool taken = s.rt.query([&s, thread, at, until, weak = c.weak_from_this()] {
            auto leaves = s.rt.store().read().leaves(at->year, at->from, until);
            s.rt.post(thread, [&s, at, until, weak, leaves = std::move(leaves)] {
                const auto live = weak.lock();
                if (live != nullptr) batch(s, *live, at, until, leaves);
            });
        });
        if (!taken) c.finish(fail(errc::overloaded));
    }

    static void batch(
        services& s,
        session::call& c,
        const std::shared_ptr<cursor>& at,
        std::uint64_t until,
        const result<std::vector<bytes>>& leaves
    ) {
        at->reading = false;
        if (!leaves) return c.finish(leaves.error());
        v1::EntryBatch out;
        out.set_from(at->from);
        for (const bytes& leaf : *leaves) out.add_leaves(leaf);
        c.send(out.SerializeAsString());
        at->from = until;
        next(s, c, at);
    }

    services& s_;
    std::shared_ptr<cursor> at_;
};

} // namespace

void add_audit(session::router& routes, services& s) {
    routes.add(unary(
        "/cairn.v1.Audit/Search",
        v1::SearchRequest::descriptor(),
        v1::SearchResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { search(s, c, m); }
    ));
    routes.add(unary(
        "/cairn.v1.Audit/Show",
        v1::ShowRequest::descriptor(),
        v1::ShowResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { show(s, c, m); }
    ));
    routes.add(unary(
        "/cairn.v1.Audit/Checkpoint",
        v1::CheckpointRequest::descriptor(),
        v1::CheckpointResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { checkpoint(s, c, m); }
    ));
    routes.add(unary(
        "/cairn.v1.Audit/Consistency",
        v1::ConsistencyRequest::descriptor(),
        v1::ConsistencyResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { consistency(s, c, m); }
    ));
    routes.add(unary(
        "/cairn.v1.Audit/PolicyHistory",
        v1::PolicyHistoryRequest::descriptor(),
        v1::PolicyHistoryResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { policy_versions(s, c, m); }
    ));
    session::method entries;
    entries.path = "/cairn.v1.Audit/Entries";
    entries.kind = session::method_kind::server_stream;
    entries.input = v1::EntriesRequest::descriptor();
    entries.output = v1::EntryBatch::descriptor();
    entries.make = [&s](session::call&) { return std::make_unique<entries_handler>(s); };
    routes.add(std::move(entries));
    add_simulation(routes, s);
}

} // namespace cairn::daemon

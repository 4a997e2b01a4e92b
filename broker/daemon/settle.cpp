// Fetch, Confirm and Return: what a desk's system does with its notices.
#include "daemon/frames.hpp"
#include "daemon/record.hpp"
#include "daemon/services.hpp"

#include "cairn/v1/exchange.pb.h"

#include <algorithm>

namespace cairn::daemon {
namespace {

// Runs on the query pool, answers on the caller's thread.
void on_pool(
    services& s, session::call& c, std::function<std::function<void(session::call&)>()> work
) {
    const unsigned thread = s.rt.here();
    const bool taken = s.rt.query([&s, thread, weak = c.weak_from_this(), work = std::move(work)] {
        s.rt.post(thread, [weak, then = work()] {
            if (const auto live = weak.lock()) then(*live);
        });
    });
    if (!taken) c.finish(fail(errc::overloaded));
}

struct fetched {
    bytes response;
    std::uint64_t notices = 0;
    std::uint64_t last = 0;
};

// Bounded in bytes below what clients accept of one message: `more` tells that there are others.
result<fetched> fetch_response(services& s, const v1::FetchRequest& asked) {
    const std::uint32_t max = asked.max_notices() == 0
                                  ? limits::fetch_default
                                  : std::min(asked.max_notices(), limits::fetch_max);
    auto& store = s.rt.store().read();
    const auto mark = s.hub.mark(asked.desk());
    auto rows = store.pending(asked.desk(), asked.after(), max, limits::fetch_bytes);
    if (!rows) return rows.error();
    fetched out;
    for (const auto& n : *rows) {
        std::string proof;
        if (asked.with_proofs()) {
            auto p = store.proof({n.position}, asked.desk());
            if (!p) return p.error();
            proof = std::move(*p);
        }
        const bytes frame = delivery_frame(
            n.position,
            n.notice,
            n.recorded_at_us,
            n.acknowledge_by_us,
            proof,
            mark->covers(n.position)
        );
        const bool first = out.notices == 0;
        if (!first && out.response.size() + frame.size() > limits::fetch_bytes) break;
        // Field 1 of FetchResponse, repeated Delivery: framed around the exact notice bytes.
        append_message(out.response, 1, frame);
        ++out.notices;
        out.last = n.position;
    }
    v1::FetchResponse tail;
    // Of a cut by bytes the store says nothing: what reached the bound may have been the last.
    tail.set_more(
        out.notices < rows->size() || rows->size() == max ||
        out.response.size() >= limits::fetch_bytes
    );
    out.response += tail.SerializeAsString();
    return out;
}

void fetch(services& s, session::call& c, bytes_view message) {
    v1::FetchRequest asked;
    if (!admitted(s, c, message, registry::operation::receive, asked)) return;
    on_pool(s, c, [&s, asked]() -> std::function<void(session::call&)> {
        auto r = fetch_response(s, asked);
        return [&s, desk = asked.desk(), r = std::move(r)](session::call& live) {
            if (!r) return live.finish(r.error());
            live.send(r->response);
            s.hub.mark(desk)->raise(r->last);
            s.count.delivered += r->notices;
            live.finish();
        };
    });
}

void confirm(services& s, session::call& c, bytes_view message) {
    v1::ConfirmRequest asked;
    const auto who = admitted(s, c, message, registry::operation::receive, asked);
    if (!who) return;
    if (asked.positions().empty()) return c.finish(fail(errc::required, "positions"));
    if (static_cast<std::size_t>(asked.positions_size()) > limits::confirm_positions) {
        return c.finish(
            fail(errc::too_many, "positions, limit " + std::to_string(limits::confirm_positions))
        );
    }
    const unsigned thread = s.rt.here();
    s.confirms.add(
        *who,
        asked.desk(),
        {asked.positions().begin(), asked.positions().end()},
        [&s, thread, weak = c.weak_from_this()](const result<std::uint32_t>& r) {
            s.rt.post(thread, [weak, r] {
                const auto live = weak.lock();
                if (live == nullptr) return;
                if (!r) return live->finish(r.error());
                v1::ConfirmResponse out;
                out.set_confirmed(*r);
                reply(*live, out);
            });
        }
    );
}

void send_back(services& s, session::call& c, bytes_view message) {
    v1::ReturnRequest asked;
    const auto who = admitted(s, c, message, registry::operation::receive, asked);
    if (!who) return;
    if (asked.reason() == v1::ReturnRequest::REASON_UNSPECIFIED ||
        !v1::ReturnRequest::Reason_IsValid(asked.reason())) {
        return c.finish(fail(errc::required, "reason"));
    }
    v1::RecordBody body;
    body.set_certificate(who->certificate_sha256);
    *body.mutable_returned()->mutable_request() = asked;
    using part = ledger::party::part_kind;
    auto draft = make_draft(
        s.rt, ledger::record_kind::returned, body, {{part::actor, asked.desk(), message}}
    );
    if (!draft) return c.finish(draft.error());
    draft->changes = ledger::return_effect{
        asked.desk(), asked.position(), static_cast<std::uint32_t>(asked.reason())};
    const unsigned thread = s.rt.here();
    draft->done = [&s, thread, asked, weak = c.weak_from_this()](const result<ledger::committed>& r
                  ) {
        if (r) {
            s.hub.settled(asked.desk(), {asked.position()});
            s.count.returned.fetch_add(1, std::memory_order_relaxed);
        }
        s.rt.post(thread, [weak, r] {
            const auto live = weak.lock();
            if (live == nullptr) return;
            if (!r) return live->finish(r.error());
            v1::ReturnResponse out;
            out.set_receipt(r->receipt);
            reply(*live, out);
        });
    };
    if (const status ok = s.rt.store().append(std::move(*draft)); !ok) c.finish(ok.error());
}

} // namespace

void add_settle(session::router& routes, services& s) {
    routes.add(unary(
        "/cairn.v1.Exchange/Fetch",
        v1::FetchRequest::descriptor(),
        v1::FetchResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { fetch(s, c, m); }
    ));
    routes.add(unary(
        "/cairn.v1.Exchange/Confirm",
        v1::ConfirmRequest::descriptor(),
        v1::ConfirmResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { confirm(s, c, m); }
    ));
    routes.add(unary(
        "/cairn.v1.Exchange/Return",
        v1::ReturnRequest::descriptor(),
        v1::ReturnResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { send_back(s, c, m); }
    ));
}

} // namespace cairn::daemon

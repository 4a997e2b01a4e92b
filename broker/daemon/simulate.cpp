// Audit.SimulatePolicy: the log's decisions made again under a candidate, part by part, as fast as
// the auditor reads.
#include "core/crypto.hpp"
#include "daemon/past_inputs.hpp"
#include "daemon/questions.hpp"
#include "daemon/services.hpp"
#include "policy/trial/tally.hpp"

#include "cairn/v1/audit.pb.h"

namespace cairn::daemon {
namespace {

// Of one part: a concern may reach 64 desks and hold thousands of cells.
constexpr std::uint64_t part_decisions = 200'000;
// A row is some 200 bytes at most: a message stays far below limits::message_bytes.
constexpr std::size_t message_rows = 4096;

// One at a time: a compiled text takes memory, and the query pool has other work. May outlive the
// services.
class turn {
public:
    static std::unique_ptr<turn> take(std::shared_ptr<std::atomic<bool>> taken) {
        if (taken->exchange(true)) return nullptr;
        return std::unique_ptr<turn>(new turn(std::move(taken)));
    }
    ~turn() { *taken_ = false; }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

private:
    explicit turn(std::shared_ptr<std::atomic<bool>> taken) : taken_(std::move(taken)) {}
    std::shared_ptr<std::atomic<bool>> taken_;
};

// One question. While `reading` it is the query pool's, else the network thread's.
struct simulation {
    explicit simulation(runtime& rt) : texts(rt) {}

    std::unique_ptr<turn> mine;
    std::shared_ptr<const policy::table> candidate;
    past_policies texts;
    ledger::concern_span span;
    bool over = false;
    bool reading = true;
};

// One concern, counted; false where its policy or inputs are gone.
bool replay_one(
    simulation& at,
    const registry::snapshot& registry,
    const ledger::opened_concern& found,
    policy::tally& t
) {
    if (!found.body) return false;
    const auto body = open_record(*found.body);
    if (!body || !body->has_concern()) return false;
    const v1::ConcernRecord& record = body->concern();
    // Of a conformance run: about nobody.
    if (record.test()) return true;
    const auto past = past_inputs(record, registry);
    if (!past) return false;
    const auto then = at.texts.at(found.policy, record.decided_at_us());
    if (then == nullptr) return false;
    // By the candidate's own text: nothing is tried that has not been tried then.
    const bool same = then->text_digest() == at.candidate->text_digest();
    const auto& now = same ? *then : *at.candidate;
    const auto decided =
        policy::replay(*past, *then, now, [&t](const policy::flip& f) { t.count(f); });
    if (!decided) return false;
    ++t.concerns;
    t.decisions += *decided;
    return true;
}

// Query pool.
result<policy::tally> next_part(services& s, simulation& at) {
    const auto registry = s.rt.registry.now();
    if (registry == nullptr) return fail(errc::unavailable);
    auto part = s.rt.store().read().concerns(at.span);
    if (!part) return part.error();
    policy::tally out;
    for (auto& found : part->concerns) {
        if (out.decisions >= part_decisions) return out;
        if (!replay_one(at, *registry, found, out)) ++out.left_out;
        if (found.body) wipe(found.body->data(), found.body->size());
        at.span.after = found.at.value;
    }
    at.span.after = part->reached;
    at.over = part->over;
    return out;
}

class simulate_handler final : public session::handler {
public:
    explicit simulate_handler(services& s) : s_(s) {}

    void on_message(session::call& c, bytes_view message) override {
        v1::SimulatePolicyRequest asked;
        const auto who = admitted(s_, c, message, registry::operation::audit, asked);
        if (!who) return;
        if (asked.text().empty()) {
            return c.finish(fail(errc::bad_value, "text: the candidate, as its file holds it"));
        }
        const std::int64_t now = now_us(s_.rt);
        if (asked.from_us() < 0 || asked.from_us() > now) {
            return c.finish(fail(errc::bad_value, "from_us: a time that has been, or 0"));
        }
        const std::int64_t until = asked.until_us() == 0 ? now : asked.until_us();
        if (until <= asked.from_us()) {
            return c.finish(fail(errc::bad_value, "until_us: after from_us, or 0"));
        }
        at_ = std::make_shared<simulation>(s_.rt);
        at_->span.from_us = asked.from_us();
        // What was recorded in this very microsecond has been.
        at_->span.until_us = asked.until_us() == 0 ? until + 1 : until;
        ask(c, *who, std::move(asked));
    }
    void on_writable(session::call& c) override {
        if (at_ != nullptr) next(s_, c, at_);
    }

private:
    // What is recorded says which text was tried and for what, not the text: it is no policy of
    // this partnership, and as long as a message may be.
    void ask(session::call& c, const registry::caller& who, v1::SimulatePolicyRequest asked) {
        v1::SimulatePolicyRequest told = asked;
        told.set_text("sha256 " + to_hex(view(sha256(asked.text()))));
        auto compile = [&s = s_, at = at_, text = std::move(*asked.mutable_text())]() {
            return begin(s, *at, text);
        };
        read_recorded<bool>(
            s_,
            c,
            who,
            {"audit.simulate_policy",
             told.SerializeAsString(),
             std::move(compile),
             [&s = s_, at = at_](session::call& live, result<bool> ok) {
                 at->reading = false;
                 if (!ok) return live.finish(ok.error());
                 next(s, live, at);
             }}
        );
    }

    // Query pool.
    static result<bool> begin(services& s, simulation& at, const std::string& text) {
        auto compiled = policy::table::compile(text, policy_day(now_us(s.rt)));
        // Of a text that says nothing; the partnership does have one.
        if (!compiled && compiled.error().code == errc::policy_missing)
            return fail(errc::bad_value, "text: no policy stands in it");
        if (!compiled) return compiled.error();
        at.mine = turn::take(s.simulating);
        if (at.mine == nullptr) return fail(errc::overloaded, "another simulation is under way");
        at.candidate = std::move(*compiled);
        return true;
    }

    static void next(services& s, session::call& c, const std::shared_ptr<simulation>& at) {
        if (at->reading || c.queued() > limits::queued_output_bytes) return;
        if (at->over) return end(c, *at, {});
        at->reading = true;
        const unsigned thread = s.rt.here();
        const bool taken = s.rt.query([&s, thread, at, weak = c.weak_from_this()] {
            auto part = next_part(s, *at);
            s.rt.post(thread, [&s, at, weak, part = std::move(part)] {
                const auto live = weak.lock();
                if (live != nullptr) tell(s, *live, at, part);
            });
        });
        if (!taken) end(c, *at, fail(errc::overloaded));
    }

    static void tell(
        services& s,
        session::call& c,
        const std::shared_ptr<simulation>& at,
        const result<policy::tally>& part
    ) {
        at->reading = false;
        if (!part) return end(c, *at, part.error());
        for (const auto& message : policy::parts_of(*part, message_rows)) {
            c.send(message.SerializeAsString());
        }
        next(s, c, at);
    }

    // Whoever asks again at once finds its turn free.
    static void end(session::call& c, simulation& at, const status& how) {
        at.mine.reset();
        c.finish(how);
    }

    services& s_;
    std::shared_ptr<simulation> at_;
};

} // namespace

void add_simulation(session::router& routes, services& s) {
    session::method m;
    m.path = "/cairn.v1.Audit/SimulatePolicy";
    m.kind = session::method_kind::server_stream;
    m.input = v1::SimulatePolicyRequest::descriptor();
    m.output = v1::SimulatePolicyResponse::descriptor();
    m.make = [&s](session::call&) { return std::make_unique<simulate_handler>(s); };
    routes.add(std::move(m));
}

} // namespace cairn::daemon

// Submit and Publish: one flow, two ways to answer.
#include "daemon/accept.hpp"
#include "daemon/services.hpp"
#include "daemon/stages.hpp"

#include <optional>

namespace cairn::daemon {
namespace {

// With the key, which must come back even with a refusal; empty where it could not be read.
using outcome = std::function<void(const std::string& key, result<v1::SubmitResponse>)>;

// One submission on its way. Kept alive by whoever has to continue it.
class submit_flow : public std::enable_shared_from_this<submit_flow> {
public:
    // With `held` a flow that finds the ledger's queue full waits for room, and says when that
    // begins (true) and ends; without, it is refused.
    submit_flow(services& s, outcome done, std::function<void(bool)> held = {})
        : s_(s), done_(std::move(done)), on_held_(std::move(held)), thread_(s.rt.here()),
          watch_(s.rt.time(), s.count.submitted.fetch_add(1, std::memory_order_relaxed)) {}

    // `trace`: the call's own header, for the operational log alone.
    void
    begin(registry::caller who, bytes_view message, session::codec how, std::string_view trace) {
        sub_.caller = std::move(who);
        call_trace_ = trace;
        sub_.exact = bytes(message);
        sub_.how = how;
        sub_.decided_at_us = now_us(s_.rt);
        sub_.registry = s_.rt.registry.now();
        sub_.policy = s_.rt.policy.now();
        sub_.days = s_.rt.days.now();
        if (const status ok = session::decode(message, how, sub_.request); !ok)
            return refuse(ok.error());
        watch_.lap(s_.count.decode_ns);
        through(stage::decide);
        if (const status ok = check(sub_, p_); !ok) return refuse(ok.error());
        watch_.lap(s_.count.decide_ns);
        p_.concern_id = random_id(s_.rt.random());
        if (names_thread(sub_.request.concern())) return look_up_thread();
        decide_and_store();
    }

private:
    void look_up_thread() {
        auto self = shared_from_this();
        const bool taken = s_.rt.query([self] {
            auto found = look_up(self->s_.rt, self->sub_);
            self->s_.rt.post(self->thread_, [self, found = std::move(found)]() mutable {
                if (!found) return self->refuse(found.error());
                self->p_.answers = std::move(*found);
                self->decide_and_store();
            });
        });
        if (!taken) refuse(fail(errc::overloaded));
    }

    void decide_and_store() {
        watch_.resume();
        p_.decided = [this] { watch_.lap(s_.count.decide_ns); };
        p_.redacted = [this] { watch_.lap(s_.count.redact_ns); };
        if (const status ok = decide(sub_, s_.rt.pseudonym_key, p_); !ok) return refuse(ok.error());
        watch_.lap(s_.count.decide_ns);
        through(stage::redact);
        through(stage::seal);
        auto draft = to_draft(s_.rt, sub_, p_);
        if (!draft) return refuse(draft.error());
        watch_.lap(s_.count.seal_ns);
        through(stage::ledger);
        // The ledger itself looks for a repeat.
        asked_ = true;
        waiting_ = std::move(*draft);
        offer();
    }

    // What waits goes to the ledger, now or when there is room.
    void offer() {
        if (!waiting_) return;
        for (bool told = false;; told = true) {
            waiting_->done = [self = shared_from_this()](const result<ledger::committed>& r) {
                self->asked_before_ ? self->looked_up(r) : self->stored(r);
            };
            const status ok = s_.rt.append(*waiting_);
            if (ok) break;
            // It holds this flow alive, and this flow holds it.
            waiting_->done = nullptr;
            if (ok.error().code != errc::overloaded || !on_held_) {
                waiting_.reset();
                hold(false);
                return refuse_for_good(ok.error());
            }
            hold(true);
            if (told) return;
            s_.room.wait(thread_, [self = shared_from_this()] { self->offer(); });
        }
        waiting_.reset();
        hold(false);
    }

    void hold(bool on) {
        if (on == held_) return;
        held_ = on;
        on_held_(on);
    }

    // Ledger thread, after the commit.
    void stored(const result<ledger::committed>& r) {
        if (r && !r->repeated) {
            for (desk_notice& d : p_.desks) {
                s_.hub.committed(
                    {d.desk.desk,
                     r->at.value,
                     std::make_shared<const bytes>(std::move(d.encoded)),
                     r->recorded_at_us,
                     r->recorded_at_us + p_.acknowledge_within_us}
                );
            }
            for (const auto& gone : r->withdrawn) s_.hub.recalled(gone.desk, gone.at.value);
        }
        s_.rt.post(thread_, [self = shared_from_this(), r] {
            if (!r) return self->refuse(r.error());
            count_one(self->s_.count.passed, stage::ledger);
            auto& count = r->repeated ? self->s_.count.repeated : self->s_.count.accepted;
            count.fetch_add(1, std::memory_order_relaxed);
            self->s_.count.unknown_fields += self->p_.analysis.unknown_fields;
            if (!r->repeated) self->count_declared();
            self->say("concern_accepted", "success", r->repeated ? "repeated" : "new");
            self->done_(self->sub_.request.key(), answer(self->sub_, self->p_, *r));
            if (!r->repeated) self->s_.shadow.count(self->sub_, self->p_);
        });
    }

    // Below a floor, and above a ceiling.
    void count_declared() {
        const v1::Concern& c = sub_.request.concern();
        s_.count.detriments += static_cast<std::uint64_t>(c.detriments_size());
        s_.count.challenged += p_.challenged;
        s_.count.break_glass += c.has_break_glass() ? 1 : 0;
    }

    // Before a refusal is final: was this key accepted earlier? Then the retry gets its receipt,
    // whatever policy or registry say today.
    void refuse(failure why) {
        const bool ask = !sub_.sender.empty() && !asked_ && !describe(why.code).retryable;
        if (!ask) return refuse_for_good(std::move(why));
        asked_ = true;
        asked_before_ = std::move(why);
        waiting_ = to_question(s_.rt, sub_);
        offer();
    }

    // Ledger thread. Another body under the key is what it is; a key never seen leaves the first
    // reason.
    void looked_up(const result<ledger::committed>& r) {
        if (r || describe(r.error().code).retryable) return stored(r);
        stored(r.error().code == errc::key_reused ? r.error() : *asked_before_);
    }

    // For whoever follows a trace: the concern's own, which travels with it; else the call's.
    void say(std::string_view event, const char* ended, std::string_view detail) {
        if (!s_.rt.debugging()) return;
        const std::string& own = sub_.request.concern().traceparent();
        log_attributes more = trace_of(own.empty() ? call_trace_ : own);
        more.push_back({"event.outcome", ended});
        more.push_back({"cairn.agency", sub_.caller.id});
        more.push_back({"cairn.stage", std::string(name_of(at_))});
        s_.rt.debug(event, detail, more);
    }

    // The stage it is at let it through to `next`.
    void through(stage next) {
        if (at_ != next) count_one(s_.count.passed, at_);
        at_ = next;
    }

    void refuse_for_good(failure why) {
        count_one(s_.count.stopped, at_);
        say("concern_refused", "failure", describe(why.code).symbol);
        s_.count.refused.fetch_add(1, std::memory_order_relaxed);
        s_.refused.note(sub_.caller, why.code, sub_.exact.size());
        done_(sub_.request.key(), std::move(why));
    }

    services& s_;
    outcome done_;
    std::function<void(bool)> on_held_;
    unsigned thread_;
    submission sub_;
    prepared p_;
    stage_watch watch_;
    stage at_ = stage::decode;
    std::string call_trace_;
    // Not yet taken by the ledger.
    std::optional<ledger::draft> waiting_;
    bool held_ = false;
    bool asked_ = false;
    // Why it is refused unless the ledger knows the key; until then nothing.
    std::optional<failure> asked_before_;
};

void submit(services& s, session::call& c, bytes_view message) {
    auto who = caller_of(s.rt, c);
    if (!who) return c.finish(who.error());
    auto answer = [weak = c.weak_from_this()](const std::string&, result<v1::SubmitResponse> r) {
        const auto live = weak.lock();
        if (live == nullptr) return;
        if (!r) return live->finish(r.error());
        reply(*live, *r);
    };
    std::make_shared<submit_flow>(s, std::move(answer))
        ->begin(std::move(*who), message, c.how(), c.traceparent());
}

// The fast path. At most this many submissions of one stream are under way: beyond it the stream is
// not read, and the client's window fills.
constexpr std::size_t publish_window = 512;

// One stream's state, which outlives its handler while answers are under way.
class publish_stream final : public client_stream {
public:
    std::weak_ptr<session::call> call;

    void taken() { ++under_way_; }
    void held(bool on) {
        held_ += on ? 1 : -1;
        if (const auto live = call.lock()) resume(*live);
    }

    void answered(const std::string& key, result<v1::SubmitResponse> r) {
        --under_way_;
        const auto live = call.lock();
        if (live == nullptr) return;
        if (r) {
            v1::PublishResponse out;
            out.set_key(key);
            *out.mutable_accepted() = std::move(*r);
            live->send(out.SerializeAsString());
        } else {
            v1::PublishResponse out;
            out.set_key(key);
            *out.mutable_refused() = refusal_of(r.error());
            live->send(out.SerializeAsString());
        }
        end_if_done(*live);
        resume(*live);
    }

    void ended(session::call& c) {
        ended_ = true;
        end_if_done(c);
    }
    void shutting_down() override {
        stopping_ = true;
        if (const auto live = call.lock()) end_if_done(*live);
    }

    // Nothing more is read while too much is under way, unsent, or waits for room in the ledger.
    void read_on(session::call& c) {
        if (ended_ || stopping_ || !c.alive()) return;
        paused_ =
            under_way_ >= publish_window || held_ != 0 || c.queued() > limits::queued_output_bytes;
        if (!paused_) c.read_more();
    }

private:
    void resume(session::call& c) {
        if (paused_ && under_way_ < publish_window / 2) read_on(c);
    }
    void end_if_done(session::call& c) {
        if (under_way_ != 0) return;
        if (ended_)
            c.finish();
        else if (stopping_)
            c.finish(fail(errc::shutting_down));
    }

    std::size_t under_way_ = 0;
    int held_ = 0;
    bool ended_ = false;
    bool stopping_ = false;
    bool paused_ = false;
};

class publish_handler final : public session::handler {
public:
    publish_handler(services& s, session::call& c)
        : s_(s), stream_(std::make_shared<publish_stream>()) {
        stream_->call = c.weak_from_this();
        ticket_ = s_.clients.attach(s_.rt.here(), stream_);
    }

    void on_message(session::call& c, bytes_view message) override {
        auto who = caller_of(s_.rt, c);
        if (!who) return c.finish(who.error());
        stream_->taken();
        auto answered = [st = stream_](const std::string& key, result<v1::SubmitResponse> r) {
            st->answered(key, std::move(r));
        };
        auto held = [st = stream_](bool on) { st->held(on); };
        std::make_shared<submit_flow>(s_, std::move(answered), std::move(held))
            ->begin(std::move(*who), message, c.how(), c.traceparent());
        stream_->read_on(c);
    }

    void on_end(session::call& c) override { stream_->ended(c); }
    void on_writable(session::call& c) override { stream_->read_on(c); }
    void on_closed(session::call&) override { s_.clients.detach(ticket_); }

private:
    services& s_;
    std::shared_ptr<publish_stream> stream_;
    std::uint64_t ticket_ = 0;
};

} // namespace

void add_submit(session::router& routes, services& s) {
    routes.add(unary(
        "/cairn.v1.Exchange/Submit",
        v1::SubmitRequest::descriptor(),
        v1::SubmitResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { submit(s, c, m); }
    ));
    session::method publish;
    publish.path = "/cairn.v1.Exchange/Publish";
    publish.kind = session::method_kind::bidi;
    publish.input = v1::SubmitRequest::descriptor();
    publish.output = v1::PublishResponse::descriptor();
    publish.make = [&s](session::call& c) { return std::make_unique<publish_handler>(s, c); };
    routes.add(std::move(publish));
}

} // namespace cairn::daemon

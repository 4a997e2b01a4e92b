// Submit and Publish: one flow, two ways to answer.
#include "daemon/accept.hpp"
#include "daemon/services.hpp"

#include <deque>

namespace cairn::daemon {
namespace {

// With the key, which must come back even with a refusal; empty where it could not be read.
using outcome = std::function<void(const std::string& key, result<v1::SubmitResponse>)>;

// Nanoseconds since `from`, added to a stage's total; moves `from` on.
void stage(const runtime& rt, mono_time& from, std::atomic<std::uint64_t>& total) {
    const mono_time now = rt.time().mono_now();
    total.fetch_add(static_cast<std::uint64_t>((now - from).count()), std::memory_order_relaxed);
    from = now;
}

// One submission on its way. Kept alive by whoever has to continue it.
class submit_flow : public std::enable_shared_from_this<submit_flow> {
public:
    submit_flow(services& s, outcome done) : s_(s), done_(std::move(done)), thread_(s.rt.here()) {}

    void begin(registry::caller who, bytes_view message, session::codec how) {
        mono_time at = s_.rt.time().mono_now();
        s_.count.submitted.fetch_add(1, std::memory_order_relaxed);
        sub_.caller = std::move(who);
        sub_.exact = bytes(message);
        sub_.how = how;
        sub_.decided_at_us = now_us(s_.rt);
        sub_.registry = s_.rt.registry.now();
        sub_.policy = s_.rt.policy.now();
        if (const status ok = session::decode(message, how, sub_.request); !ok)
            return refuse(ok.error());
        stage(s_.rt, at, s_.count.decode_ns);
        if (const status ok = check(sub_, p_); !ok) return refuse(ok.error());
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
        mono_time at = s_.rt.time().mono_now();
        if (const status ok = decide(sub_, s_.rt.pseudonym_key, p_); !ok) return refuse(ok.error());
        stage(s_.rt, at, s_.count.decide_ns);
        auto draft = to_draft(s_.rt, sub_, p_);
        if (!draft) return refuse(draft.error());
        stage(s_.rt, at, s_.count.seal_ns);
        // The ledger itself looks for a repeat.
        asked_ = true;
        draft->done = [self = shared_from_this()](const result<ledger::committed>& r) {
            self->stored(r);
        };
        if (const status ok = s_.rt.append(std::move(*draft)); !ok) refuse(ok.error());
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
        }
        s_.rt.post(thread_, [self = shared_from_this(), r] {
            if (!r) return self->refuse(r.error());
            auto& count = r->repeated ? self->s_.count.repeated : self->s_.count.accepted;
            count.fetch_add(1, std::memory_order_relaxed);
            self->s_.count.unknown_fields += self->p_.analysis.unknown_fields;
            self->done_(self->sub_.request.key(), answer(self->sub_, self->p_, *r));
        });
    }

    // Before a refusal is final: was this key accepted earlier? Then the retry gets its receipt,
    // whatever policy or registry say today.
    void refuse(failure why) {
        const bool ask = !sub_.sender.empty() && !asked_ && !describe(why.code).retryable;
        if (!ask) return refuse_for_good(std::move(why));
        asked_ = true;
        ledger::draft question = to_question(s_.rt, sub_);
        question.done = [self = shared_from_this(), why](const result<ledger::committed>& r) {
            // Another body under the key is what it is; a key never seen leaves the first reason.
            if (r || describe(r.error().code).retryable) return self->stored(r);
            self->stored(r.error().code == errc::key_reused ? r.error() : why);
        };
        if (const status ok = s_.rt.store().append(std::move(question)); !ok) {
            refuse_for_good(ok.error());
        }
    }

    void refuse_for_good(failure why) {
        s_.count.refused.fetch_add(1, std::memory_order_relaxed);
        s_.refused.note(sub_.caller, why.code, sub_.exact.size());
        done_(sub_.request.key(), std::move(why));
    }

    services& s_;
    outcome done_;
    unsigned thread_;
    submission sub_;
    prepared p_;
    bool asked_ = false;
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
    std::make_shared<submit_flow>(s, std::move(answer))->begin(std::move(*who), message, c.how());
}

v1::PublishResponse refusal(const std::string& key, const failure& why) {
    v1::PublishResponse out;
    out.set_key(key);
    v1::Refusal& r = *out.mutable_refused();
    const error_entry& e = describe(why.code);
    r.set_number(static_cast<std::uint32_t>(why.code));
    r.set_symbol(std::string(e.symbol));
    r.set_where(why.where);
    r.set_text(why.public_text());
    r.set_next_step(std::string(e.next_step));
    r.set_retryable(e.retryable);
    r.set_retry_after_ms(why.retry_after_ms);
    return out;
}

// The fast path. At most this many submissions of one stream are under way: beyond it the stream is
// not read, and the client's window fills.
constexpr std::size_t publish_window = 512;

class publish_handler final : public session::handler {
public:
    explicit publish_handler(services& s) : s_(s), state_(std::make_shared<state>()) {}

    void on_message(session::call& c, bytes_view message) override {
        auto who = caller_of(s_.rt, c);
        if (!who) return c.finish(who.error());
        state_->call = c.weak_from_this();
        ++state_->under_way;
        auto answered = [st = state_](const std::string& key, result<v1::SubmitResponse> r) {
            st->answered(key, std::move(r));
        };
        std::make_shared<submit_flow>(s_, std::move(answered))
            ->begin(std::move(*who), message, c.how());
        read_on(c);
    }

    void on_end(session::call& c) override {
        state_->ended = true;
        if (state_->under_way == 0) c.finish();
    }
    void on_writable(session::call& c) override { read_on(c); }

private:
    struct state {
        std::weak_ptr<session::call> call;
        std::size_t under_way = 0;
        bool ended = false;
        bool paused = false;

        void answered(const std::string& key, result<v1::SubmitResponse> r) {
            --under_way;
            const auto live = call.lock();
            if (live == nullptr) return;
            if (r) {
                v1::PublishResponse out;
                out.set_key(key);
                *out.mutable_accepted() = std::move(*r);
                live->send(out.SerializeAsString());
            } else {
                live->send(refusal(key, r.error()).SerializeAsString());
            }
            if (ended && under_way == 0) return live->finish();
            if (paused && under_way < publish_window / 2) {
                paused = false;
                live->read_more();
            }
        }
    };

    void read_on(session::call& c) {
        if (state_->ended || !c.alive()) return;
        if (state_->under_way >= publish_window || c.queued() > limits::queued_output_bytes) {
            state_->paused = true;
            return;
        }
        c.read_more();
    }

    services& s_;
    std::shared_ptr<state> state_;
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
    publish.make = [&s](session::call&) { return std::make_unique<publish_handler>(s); };
    routes.add(std::move(publish));
}

} // namespace cairn::daemon

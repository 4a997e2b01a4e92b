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
        if (answers_another(sub_.request.concern())) return look_up_thread();
        decide_and_store({});
    }

private:
    void look_up_thread() {
        auto self = shared_from_this();
        const bool taken = s_.rt.query([self] {
            auto earlier =
                self->s_.rt.store().read().concern(self->sub_.request.concern().in_reply_to());
            self->s_.rt.post(self->thread_, [self, earlier = std::move(earlier)] {
                if (!earlier) return self->refuse(fail(errc::reply_unknown, "concern.in_reply_to"));
                self->answer_to(*earlier);
            });
        });
        if (!taken) refuse(fail(errc::overloaded));
    }

    // A reply goes to the other side: from the first sender to its desks, from a desk to the
    // sender.
    void answer_to(const ledger::concern_state& earlier) {
        routing::thread_parties thread;
        thread.sender_agency = earlier.sender;
        bool party = earlier.sender == sub_.sender;
        for (const auto& d : earlier.desks) {
            const auto name = registry::parse_desk(d.desk);
            if (!name) continue;
            if (earlier.sender == sub_.sender)
                thread.desks.push_back(d.desk);
            else if (name->agency == sub_.sender)
                party = true;
            if (d.hidden_from_sender) hidden_.push_back(d.desk);
        }
        // To somebody who was not told, the concern does not exist.
        if (!party) return refuse(fail(errc::reply_unknown, "concern.in_reply_to"));
        if (sub_.request.concern().thread() != earlier.thread) {
            return refuse(fail(errc::bad_value, "concern.thread"));
        }
        if (earlier.sender != sub_.sender) {
            if (const auto desk = reply_desk(earlier.sender)) thread.desks.push_back(*desk);
        }
        decide_and_store(thread);
    }

    // Where replies to an agency go: its first open desk.
    std::optional<std::string> reply_desk(const std::string& agency) const {
        for (const auto& d : sub_.registry->state().desks()) {
            const auto name = registry::parse_desk(d.id());
            if (name && name->agency == agency && !d.closed()) return d.id();
        }
        return std::nullopt;
    }

    void decide_and_store(const routing::thread_parties& thread) {
        mono_time at = s_.rt.time().mono_now();
        if (const status ok = decide(sub_, thread, s_.rt.pseudonym_key, p_); !ok)
            return refuse(ok.error());
        for (desk_notice& d : p_.desks) {
            if (std::find(hidden_.begin(), hidden_.end(), d.desk.desk) != hidden_.end()) {
                d.desk.hidden_from_sender = sub_.sender == thread.sender_agency;
            }
        }
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
    std::vector<std::string> hidden_;
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

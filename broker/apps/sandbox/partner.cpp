#include "apps/sandbox/partner.hpp"

#include "agents/core/uuid7.hpp"

#include "cairn/v1/exchange.pb.h"

namespace cairn::sandbox {
namespace {

namespace v1 = ::cairn::v1;

// What a person of a partner would do, as a reply in the notice's thread.
v1::Concern reply_to(const v1::Notice& n) {
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_FEEDBACK);
    c.add_bases(v1::LAWFUL_BASIS_6E);
    c.set_thread(n.thread());
    c.set_in_reply_to(n.concern_id());
    c.mutable_acting()->set_role("duty worker of the sandbox");
    c.mutable_acting()->set_staff_id("sandbox-1");
    c.mutable_acting()->set_authenticated_by("sandbox");
    return c;
}

v1::Concern acknowledgement(const v1::Notice& n) {
    v1::Concern c = reply_to(n);
    c.mutable_acknowledgement();
    return c;
}

v1::Concern refusal(const v1::Notice& n) {
    v1::Concern c = reply_to(n);
    c.mutable_answer()->set_result(v1::Answer::RESULT_REFUSED);
    c.mutable_answer()->set_refusal_reason("The sandbox's refusing partner shares nothing.");
    return c;
}

v1::Concern challenge(const v1::Notice& n) {
    v1::Concern c = reply_to(n);
    v1::Challenge& out = *c.mutable_challenge();
    for (const v1::Withheld& w : n.withheld()) {
        if (out.challenge_id().empty()) out.set_challenge_id(w.challenge_id());
    }
    // Where nothing is hidden there is a decision to dispute.
    if (out.challenge_id().empty()) out.set_disputed(v1::Outcome::DECISION_NFA);
    out.set_why_needed("The sandbox's challenging partner asks for what is hidden.");
    out.set_level(v1::Challenge::LEVEL_PRACTITIONERS);
    return c;
}

// Replies are not replied to: two partners would never end.
bool asks_for_something(const v1::Notice& n) {
    return n.kind() == v1::CONCERN_KIND_NOTIFICATION ||
           n.kind() == v1::CONCERN_KIND_INFORMATION_REQUEST;
}

// On the dialer's thread but for its making and stop().
class reacting final : public partner, public std::enable_shared_from_this<reacting> {
public:
    reacting(const role& r, partner_parts parts)
        : role_(r), parts_(parts), outbox_(agents::make_memory_outbox()) {}

    status connect(const transport::dial_options& broker) {
        agents::client_hooks hooks;
        hooks.store = [this](const std::string&, const agents::delivery& d) { return take(d); };
        hooks.settled = [](const std::vector<std::string>&) {};
        hooks.log = [](log_level, std::string_view, std::string_view) {};
        auto made = agents::make_agent_client(
            parts_.dialer,
            broker,
            *outbox_,
            parts_.time,
            parts_.random,
            {std::string(role_.agency) + "/" + role_.desk},
            std::move(hooks)
        );
        if (!made) return made.error();
        client_ = std::move(*made);
        return {};
    }
    void start() {
        parts_.dialer.post([self = shared_from_this()] { self->client_->start(); });
    }

    void look() override {
        parts_.dialer.post([self = shared_from_this()] { self->act_on_due(); });
    }
    void stop() override {
        parts_.dialer.post([self = shared_from_this()] { self->client_->stop(); });
    }

private:
    struct put_off {
        wall_time until;
        v1::Notice notice;
    };

    status take(const agents::delivery& d) {
        v1::Notice n;
        if (d.withdrawn || !n.ParseFromString(d.notice) || !asks_for_something(n)) return {};
        if (role_.does == habit::slow) {
            const auto until = after_step(parts_.time.wall_now(), "1wd", parts_.days);
            later_.push_back({*until, std::move(n)});
            return {};
        }
        send(acknowledgement(n));
        send(role_.does == habit::refuses ? refusal(n) : challenge(n));
        return {};
    }

    void act_on_due() {
        const wall_time now = parts_.time.wall_now();
        std::vector<put_off> rest;
        for (put_off& p : later_) {
            if (p.until <= now)
                send(acknowledgement(p.notice));
            else
                rest.push_back(std::move(p));
        }
        later_ = std::move(rest);
    }

    void send(const v1::Concern& c) {
        v1::SubmitRequest request;
        request.set_key(agents::make_uuid7(parts_.time.wall_now(), parts_.random));
        *request.mutable_concern() = c;
        agents::submission row;
        row.key = request.key();
        row.request = request.SerializeAsString();
        if (outbox_->append({row})) client_->queued(row.key);
    }

    const role& role_;
    partner_parts parts_;
    std::unique_ptr<agents::outbox_store> outbox_;
    std::shared_ptr<agents::agent_client> client_;
    std::vector<put_off> later_;
};

// What whoever made a partner holds; the dialer's callbacks hold the rest.
class held final : public partner {
public:
    explicit held(std::shared_ptr<reacting> p) : p_(std::move(p)) {}
    void look() override { p_->look(); }
    void stop() override { p_->stop(); }

private:
    std::shared_ptr<reacting> p_;
};

} // namespace

const std::vector<role>& cast() {
    static const std::vector<role> all = {
        {habit::silent,
         "silent-police",
         "police",
         "Silent Police",
         "mash",
         "its system takes nothing: notices wait, and are overdue when their time is up"},
        {habit::slow,
         "slow-council",
         "social_care",
         "Slow Council",
         "front_door",
         "its system confirms at once; a person reads a working day later"},
        {habit::refuses,
         "refusing-health",
         "health",
         "Refusing Health Trust",
         "named",
         "a person reads at once and answers: refused, with a reason"},
        {habit::challenges,
         "challenging-school",
         "school",
         "Challenging School",
         "dsl",
         "a person reads at once and challenges: what is hidden, or else a decision"},
        {habit::returns,
         "returning-school",
         "school",
         "Returning School",
         "dsl",
         "sends every notice back: wrong desk"},
    };
    return all;
}

result<std::unique_ptr<partner>>
make_partner(const role& r, const transport::dial_options& broker, partner_parts parts) {
    if (r.does == habit::silent) return std::unique_ptr<partner>();
    if (r.does == habit::returns) return make_returning(r, broker, parts);
    auto made = std::make_shared<reacting>(r, parts);
    CAIRN_TRY(made->connect(broker));
    made->start();
    return std::unique_ptr<partner>(std::make_unique<held>(std::move(made)));
}

} // namespace cairn::sandbox

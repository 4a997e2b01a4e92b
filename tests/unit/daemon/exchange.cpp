#include "exchange.hpp"

#include "cairn/v1/admin.pb.h"

#include "daemon/questions.hpp"
#include "daemon/record.hpp"
#include "support/people.hpp"
#include "support/proved_policy.hpp"

#include <atomic>

namespace cairn::daemon::testing {
namespace {

constexpr std::int64_t far_us = 2'000'000'000'000'000;

struct enrolled {
    const char* name;
    const char* agency;
    std::vector<std::string> desks;
};

const std::vector<enrolled>& everybody() {
    static const std::vector<enrolled> out = {
        {"oakfield", "oakfield", {oakfield}},
        {"elmwood", "elmwood", {elmwood}},
        {"police", "northshire-police", {mash}},
        {"ppu", "northshire-police", {ppu}},
        {"front-door", "northshire-council", {front_door}},
        {"lado", "northshire-council", {lado}},
        {"health", "northshire-health", {named, camhs}},
        {"vendor", "school-system", {elmwood}},
    };
    return out;
}

constexpr const char* admin = "ops";
constexpr const char* auditor = "jo";

session::peer peer_of(const std::string& name) {
    session::peer p;
    for (const auto& [who, kind] : {std::pair(admin, "admin/"), std::pair(auditor, "auditor/")}) {
        if (name != who) continue;
        p.certificate_sha256 = to_hex(view(sha256(name)));
        p.uris = {std::string("spiffe://northshire.example/") + kind + who};
    }
    for (const auto& e : everybody()) {
        if (name != e.name) continue;
        p.certificate_sha256 = to_hex(view(sha256(name)));
        p.uris = {std::string("spiffe://northshire.example/agency/") + e.agency};
    }
    return p;
}

v1::RegistryState partnership() {
    v1::RegistryState s;
    s.set_epoch(1);
    const auto agency = [&s](const char* id, v1::AgencyKind kind, const char* code = nullptr) {
        auto& a = *s.add_agencies();
        a.set_id(id);
        a.set_name(std::string("The ") + id);
        a.set_kind(kind);
        if (code != nullptr) a.add_organisation_codes(code);
    };
    agency("oakfield", v1::AGENCY_KIND_SCHOOL, "100042");
    agency("elmwood", v1::AGENCY_KIND_SCHOOL, "100043");
    agency("northshire-police", v1::AGENCY_KIND_POLICE);
    agency("northshire-council", v1::AGENCY_KIND_SOCIAL_CARE);
    agency("northshire-health", v1::AGENCY_KIND_HEALTH);
    agency("school-system", v1::AGENCY_KIND_VOLUNTARY);
    // Health's first open desk is not the one that writes.
    for (const auto& id : {camhs, named, front_door, lado, mash, ppu, oakfield, elmwood}) {
        s.add_desks()->set_id(id);
    }
    auto& m = *s.add_mandates();
    m.set_id("m-1");
    m.set_holder("school-system");
    m.set_for_agency("elmwood");
    m.add_desks(elmwood);
    m.set_until_us(far_us);
    for (const auto& e : everybody()) {
        auto& c = *s.add_certificates();
        const auto p = peer_of(e.name);
        c.set_sha256(p.certificate_sha256);
        c.set_uri(p.uris.front());
        c.set_agency(e.agency);
        for (const auto& d : e.desks) c.add_desks(d);
        for (int k = 1; k <= v1::ConcernKind_MAX; ++k) c.add_kinds(static_cast<v1::ConcernKind>(k));
        for (int k = 1; k <= v1::Purpose_MAX; ++k) c.add_purposes(static_cast<v1::Purpose>(k));
        c.set_not_after_us(far_us);
    }
    for (const char* who : {admin, auditor}) {
        auto& ops = *s.add_certificates();
        ops.set_sha256(peer_of(who).certificate_sha256);
        ops.set_uri(peer_of(who).uris.front());
        ops.set_not_after_us(far_us);
    }
    return s;
}

class one_call final : public session::call {
public:
    one_call(std::string path, session::peer who) : path_(std::move(path)), who_(std::move(who)) {}
    [[nodiscard]] std::string_view path() const override { return path_; }
    [[nodiscard]] const session::peer& who() const override { return who_; }
    [[nodiscard]] session::codec how() const override { return session::codec::proto; }
    [[nodiscard]] std::string_view traceparent() const override { return call_trace; }
    [[nodiscard]] std::optional<mono_time> deadline() const override { return {}; }
    void send(bytes_view message) override { sent.emplace_back(message); }
    void finish(const status& how) override { ended = how; }
    void read_more() override {}
    [[nodiscard]] std::size_t queued() const override { return 0; }
    [[nodiscard]] bool alive() const override { return !ended; }

    std::vector<bytes> sent;
    std::optional<status> ended;

private:
    std::string path_;
    session::peer who_;
};

std::string disk_name() {
    static std::atomic<unsigned> next{0};
    return "cairn-exchange-" + std::to_string(next++);
}

} // namespace

exchange::exchange() : disk(disk_name(), 1) {
    ledger::options o;
    o.folder = "/broker";
    o.vfs = disk.name();
    o.partnership = "northshire.example";
    o.partnership_key.fill(7);
    o.log_key.seed.fill(9);
    o.no_lock = true;
    o.slots_ahead = 64;
    auto made = ledger::ledger::create(o, rt.clock_, rt.random_);
    REQUIRE(made);
    rt.store_ = std::move(*made);
    rt.partnership = o.partnership;
    v1::RecordBody body;
    body.mutable_registry()->set_epoch(1);
    auto first = make_first_draft(*rt.store_, rt.random_, body, "ops");
    REQUIRE(first);
    first->changes = ledger::registry_effect{partnership().SerializeAsString(), 1};
    first->done = [](const result<ledger::committed>& r) { REQUIRE(r); };
    REQUIRE(rt.store_->append(std::move(*first)));
    run();
    change_policy(std::string(policy::template_policy()));
    add_all(routes_, s);
}

void exchange::run() {
    for (bool any = true; any;) {
        any = rt.store_->run_once();
        s.hub.flush();
        while (!rt.posted.empty()) {
            const auto work = std::move(rt.posted.front());
            rt.posted.pop_front();
            work();
            any = true;
        }
    }
}

// A call whose message was handed to its handler; nothing is on disk of it.
class exchange::taken {
public:
    std::shared_ptr<one_call> call;
    std::unique_ptr<session::handler> handler;
};

exchange::taken
exchange::take(const std::string& who, const std::string& method, bytes_view message) {
    const std::string path = method.starts_with('/') ? method : "/cairn.v1.Exchange/" + method;
    const auto* m = routes_.find(path);
    REQUIRE(m != nullptr);
    taken t{std::make_shared<one_call>(path, peer_of(who)), nullptr};
    t.handler = m->make(*t.call);
    t.handler->on_message(*t.call, message);
    if (between) between();
    return t;
}

result<bytes>
exchange::call(const std::string& who, const std::string& method, bytes_view message) {
    const taken t = take(who, method, message);
    run();
    REQUIRE(t.call->ended);
    t.handler->on_closed(*t.call);
    if (!*t.call->ended) return t.call->ended->error();
    answered = t.call->sent;
    return answered.empty() ? bytes() : answered.back();
}

void exchange::leave(const std::string& who, const std::string& method, bytes_view message) {
    {
        const taken t = take(who, method, message);
        REQUIRE_FALSE(t.call->ended);
        t.handler->on_closed(*t.call);
    }
    run();
}

namespace {

template <class Response>
result<Response> parsed(const result<bytes>& r) {
    if (!r) return r.error();
    Response out;
    REQUIRE(out.ParseFromString(*r));
    return out;
}

} // namespace

void exchange::change_registry(v1::RegistryChange change) {
    v1::ApplyRequest r;
    *r.add_changes() = std::move(change);
    REQUIRE(call(admin, "/cairn.v1.Admin/Apply", r.SerializeAsString()));
}

std::string exchange::pin_of(const std::string& who) {
    return peer_of(who).certificate_sha256;
}

result<v1::SubmitResponse>
exchange::submit(const std::string& who, v1::Concern c, const std::string& on_behalf_of) {
    v1::SubmitRequest r;
    r.set_key("exchange-key-" + std::to_string(keys_++));
    r.set_on_behalf_of(on_behalf_of);
    *r.mutable_concern() = std::move(c);
    return parsed<v1::SubmitResponse>(call(who, "Submit", r.SerializeAsString()));
}

result<v1::TrackResponse> exchange::track(const std::string& who, const std::string& id) {
    v1::TrackRequest r;
    r.set_concern_id(id);
    return parsed<v1::TrackResponse>(call(who, "Track", r.SerializeAsString()));
}

result<v1::ExplainResponse>
exchange::explain(const std::string& who, const std::string& id, const std::string& desk) {
    v1::ExplainRequest r;
    r.set_concern_id(id);
    r.set_desk(desk);
    return parsed<v1::ExplainResponse>(call(who, "Explain", r.SerializeAsString()));
}

result<v1::PreviewResponse> exchange::preview(const std::string& who, v1::Concern c) {
    v1::PreviewRequest r;
    *r.mutable_concern() = std::move(c);
    return parsed<v1::PreviewResponse>(call(who, "Preview", r.SerializeAsString()));
}

std::vector<v1::Delivery> exchange::waiting(const std::string& who, const std::string& desk) {
    v1::FetchRequest r;
    r.set_desk(desk);
    r.set_max_notices(256);
    const auto got = parsed<v1::FetchResponse>(call(who, "Fetch", r.SerializeAsString()));
    REQUIRE(got);
    return {got->deliveries().begin(), got->deliveries().end()};
}

v1::Notice
exchange::notice(const std::string& who, const std::string& desk, const std::string& id) {
    for (const auto& d : waiting(who, desk)) {
        if (d.notice().concern_id() == id) return d.notice();
    }
    FAIL(desk << " has no notice of it");
    return {};
}

v1::ConcernRecord exchange::record(const std::string& id) {
    const auto c = rt.store_->read().concern(id);
    REQUIRE(c);
    const auto body = rt.store_->read().body(c->at);
    REQUIRE(body);
    const auto opened = open_record(*body);
    REQUIRE(opened);
    return opened->concern();
}

std::vector<ledger::record_row> exchange::records(ledger::record_kind kind) {
    ledger::record_filter f;
    f.kinds = {kind};
    f.max = 1000;
    auto out = rt.store_->read().search(f);
    REQUIRE(out);
    return std::move(*out);
}

void exchange::change_policy(const std::string& text) {
    REQUIRE(prepare(rt, {test::proved_policy(text, now_us(rt)), std::nullopt}));
}

v1::Concern referral(const std::vector<std::string>& desks) {
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_S47);
    c.add_bases(v1::LAWFUL_BASIS_6C);
    c.set_urgency(v1::URGENCY_ROUTINE);
    for (const auto& d : desks) c.add_desks(d);
    c.mutable_acting()->set_role("designated safeguarding lead");
    c.mutable_acting()->set_staff_id("oak-7731");
    auto& girl = *c.add_persons() = test::child(1);
    girl.clear_voice();
    c.mutable_risk()->set_level(v1::RISK_LEVEL_SIGNIFICANT_HARM);
    c.mutable_notification()->set_incident(v1::Notification::INCIDENT_NEGLECT);
    c.mutable_notification()->set_summary("Comes to school hungry");
    return c;
}

v1::Concern against_a_man() {
    v1::Concern c = referral({front_door, mash, named});
    auto& man = *c.add_persons();
    man.set_ref("man-1");
    man.set_role(v1::SUBJECT_ALLEGED_PERPETRATOR);
    auto& conviction = *man.add_convictions();
    conviction.set_offence("assault occasioning actual bodily harm");
    conviction.set_relevant_to_child(v1::Relation::ANSWER_YES);
    return c;
}

v1::Concern allegation(const std::string& employer) {
    v1::Concern c = referral({});
    c.set_purpose(v1::PURPOSE_ALLEGATION);
    c.mutable_notification()->set_incident(v1::Notification::INCIDENT_STAFF_ALLEGATION);
    auto& accused = *c.add_persons();
    accused.set_ref("worker-1");
    accused.set_role(v1::SUBJECT_ALLEGED_PERPETRATOR);
    auto& a = *c.add_assertions();
    a.set_ref("a-1");
    a.set_kind(v1::Assertion::KIND_ALLEGATION);
    a.mutable_allegation()->set_accused("worker-1");
    a.mutable_allegation()->set_works_with_children(true);
    a.mutable_allegation()->set_employer_agency(employer);
    return c;
}

v1::Concern reply_to(const v1::SubmitResponse& first, v1::Purpose purpose) {
    v1::Concern c;
    c.set_purpose(purpose);
    c.add_bases(v1::LAWFUL_BASIS_6C);
    c.mutable_acting()->set_role("duty manager");
    c.mutable_acting()->set_staff_id("ns-0001");
    c.set_thread(first.thread());
    c.set_in_reply_to(first.concern_id());
    return c;
}

v1::Concern acknowledgement(const v1::SubmitResponse& first) {
    v1::Concern c = reply_to(first, v1::PURPOSE_FEEDBACK);
    c.mutable_acknowledgement();
    return c;
}

v1::Concern recall(const v1::SubmitResponse& first) {
    v1::Concern c = reply_to(first);
    c.mutable_recall();
    return c;
}

} // namespace cairn::daemon::testing

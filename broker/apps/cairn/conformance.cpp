#include "apps/cairn/conformance.hpp"

#include "core/crypto.hpp"
#include "core/system.hpp"
#include "registry/snapshot.hpp"

#include "cairn/v1/exchange.pb.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

constexpr std::uint32_t look_ahead = 256;

std::string random_hex(std::size_t size) {
    std::string raw(size, '\0');
    system_random().fill({reinterpret_cast<std::uint8_t*>(raw.data()), raw.size()});
    return to_hex(raw);
}

std::string symbol_of(const failure& f) {
    return std::string(describe(f.code).symbol);
}

template <class T>
bool all_hold(const T& granted, int value) {
    return std::find(granted.begin(), granted.end(), value) != granted.end();
}

class run {
public:
    run(program& main, program& probe, const v1::Enrolment& row)
        : main_(main), probe_(probe), row_(row), desk_(row.desks(0)) {}

    std::vector<v1::ConformanceStep> all() {
        first_ = submission(desk_);
        const auto sent = send(first_);
        note("submit", sent, "the receipt is here");
        if (sent) {
            concern_ = sent->concern_id();
            thread_ = sent->thread();
            repeats(*sent);
            receives();
            acknowledges();
        }
        refusals();
        returns();
        clean_up();
        revokes();
        return std::move(steps_);
    }

private:
    void say(const char* name, bool passed, std::string detail) {
        auto& s = steps_.emplace_back();
        s.set_name(name);
        s.set_passed(passed);
        s.set_detail(detail.substr(0, 500));
    }
    template <class T>
    void note(const char* name, const result<T>& r, const std::string& good) {
        say(name, r.has_value(), r ? good : symbol_of(r.error()) + ": " + r.error().where);
    }
    // Refused, and for this reason.
    template <class T>
    void refused(const char* name, const result<T>& r, std::initializer_list<errc> wanted) {
        if (r) return say(name, false, "it was accepted");
        const bool good = std::find(wanted.begin(), wanted.end(), r.error().code) != wanted.end();
        say(name, good, "refused: " + symbol_of(r.error()));
    }

    [[nodiscard]] v1::Purpose purpose() const {
        for (const int p : row_.purposes()) {
            if (p != v1::PURPOSE_FEEDBACK) return static_cast<v1::Purpose>(p);
        }
        return v1::PURPOSE_FEEDBACK;
    }

    [[nodiscard]] v1::Concern blank() const {
        v1::Concern c;
        c.set_purpose(purpose());
        c.add_bases(v1::LAWFUL_BASIS_6E);
        c.set_urgency(v1::URGENCY_ROUTINE);
        c.mutable_acting()->set_role("conformance run");
        c.mutable_acting()->set_staff_id("conformance");
        c.mutable_acting()->set_authenticated_by("none: a test");
        return c;
    }

    v1::SubmitRequest submission(const std::string& desk) {
        v1::SubmitRequest out;
        out.set_key("conform-" + random_hex(16));
        v1::Concern& c = *out.mutable_concern();
        c = blank();
        c.add_desks(desk);
        c.mutable_family_informed()->set_answer(v1::FamilyInformed::ANSWER_NO_UNSAFE);
        v1::Person& child = *c.add_persons();
        child.set_ref("test-child");
        child.set_role(v1::SUBJECT_CHILD);
        auto& name = *child.add_names();
        name.set_use(v1::PersonName::USE_USUAL);
        name.set_given("Test");
        name.set_family("Conformance");
        child.mutable_birth()->mutable_born()->set_year(2018);
        c.mutable_risk()->set_level(v1::RISK_LEVEL_NEED);
        c.mutable_notification()->set_incident(v1::Notification::INCIDENT_OTHER);
        c.mutable_notification()->set_summary("Conformance run: no child, nothing to do");
        return out;
    }

    result<v1::SubmitResponse> send(const v1::SubmitRequest& request) {
        return main_.call<v1::SubmitResponse>("/cairn.v1.Exchange/Submit", request);
    }

    void repeats(const v1::SubmitResponse& sent) {
        const auto again = send(first_);
        if (again && again->receipt() != sent.receipt()) {
            say("repeat", false, "another receipt for the same key and body");
        } else {
            note("repeat", again, "the same receipt, byte for byte");
        }
        v1::SubmitRequest other = first_;
        other.mutable_concern()->mutable_notification()->set_summary("Another body");
        refused("other_body", send(other), {errc::key_reused});
    }

    result<std::vector<v1::Delivery>> waiting() {
        v1::FetchRequest request;
        request.set_desk(desk_);
        request.set_max_notices(look_ahead);
        const auto got = main_.call<v1::FetchResponse>("/cairn.v1.Exchange/Fetch", request);
        if (!got) return got.error();
        return std::vector<v1::Delivery>(got->deliveries().begin(), got->deliveries().end());
    }

    result<v1::Delivery> notice_of(const std::string& concern) {
        const auto all = waiting();
        if (!all) return all.error();
        for (const auto& d : *all) {
            if (d.notice().concern_id() == concern) return d;
        }
        return fail(errc::not_found, "the notice at " + desk_);
    }

    void receives() {
        const auto got = notice_of(concern_);
        const bool marked = got && got->notice().test();
        if (got && !marked) {
            say("receive", false, "the notice does not say that it is a test");
        } else {
            note("receive", got, "the notice is here and says that it is a test");
        }
        if (!got) return;
        v1::ConfirmRequest request;
        request.set_desk(desk_);
        request.add_positions(got->position());
        const auto done = main_.call<v1::ConfirmResponse>("/cairn.v1.Exchange/Confirm", request);
        note("confirm", done, "stored, and said so");
    }

    result<v1::TrackResponse> track(const std::string& concern) {
        v1::TrackRequest request;
        request.set_concern_id(concern);
        return main_.call<v1::TrackResponse>("/cairn.v1.Exchange/Track", request);
    }

    void acknowledges() {
        v1::SubmitRequest request;
        request.set_key("conform-" + random_hex(16));
        v1::Concern& c = *request.mutable_concern();
        c = blank();
        c.set_thread(thread_);
        c.set_in_reply_to(concern_);
        c.mutable_acknowledgement();
        const auto sent = send(request);
        if (!sent) return note("acknowledge", sent, {});
        const auto where = track(concern_);
        if (!where) return note("acknowledge", where, {});
        const bool seen =
            std::any_of(where->desks().begin(), where->desks().end(), [](const auto& d) {
                return d.acknowledged_at_us() != 0;
            });
        say("acknowledge", seen, seen ? "the sender sees it was read" : "the sender sees nothing");
    }

    void refusals() {
        refused("wrong_desk", send(submission("nobody-of-yours/front_door")), {errc::test_only});
        v1::SubmitRequest bad = submission(desk_);
        bad.mutable_concern()->clear_risk();
        refused("bad_body", send(bad), {errc::required});
        if (all_hold(row_.kinds(), v1::CONCERN_KIND_RECALL)) {
            return say("wrong_kind", true, "every kind tried here is granted");
        }
        v1::SubmitRequest kind;
        kind.set_key("conform-" + random_hex(16));
        *kind.mutable_concern() = blank();
        kind.mutable_concern()->set_thread(thread_.empty() ? std::string(32, '0') : thread_);
        kind.mutable_concern()->set_in_reply_to(concern_.empty() ? std::string(32, '0') : concern_);
        kind.mutable_concern()->mutable_recall()->set_reason("a test");
        refused("wrong_kind", send(kind), {errc::kind_not_allowed});
    }

    void returns() {
        const auto sent = send(submission(desk_));
        if (!sent) return note("return", sent, {});
        const auto got = notice_of(sent->concern_id());
        if (!got) return note("return", got, {});
        v1::ReturnRequest request;
        request.set_desk(desk_);
        request.set_position(got->position());
        request.set_reason(v1::ReturnRequest::REASON_WRONG_DESK);
        *request.mutable_acting() = blank().acting();
        const auto done = main_.call<v1::ReturnResponse>("/cairn.v1.Exchange/Return", request);
        if (!done) return note("return", done, {});
        const auto where = track(sent->concern_id());
        if (!where) return note("return", where, {});
        const bool seen =
            std::any_of(where->desks().begin(), where->desks().end(), [](const auto& d) {
                return d.state() == v1::TrackResponse::STATE_RETURNED;
            });
        say("return", seen, seen ? "the sender sees it came back" : "the sender sees nothing");
    }

    // Nothing of a run is to wait at a desk that goes live.
    void clean_up() {
        for (const auto& desk : row_.desks()) {
            v1::FetchRequest request;
            request.set_desk(desk);
            request.set_max_notices(look_ahead);
            const auto got = main_.call<v1::FetchResponse>("/cairn.v1.Exchange/Fetch", request);
            if (!got || got->deliveries().empty()) continue;
            v1::ConfirmRequest stored;
            stored.set_desk(desk);
            for (const auto& d : got->deliveries()) {
                if (d.notice().test()) stored.add_positions(d.position());
            }
            if (stored.positions_size() == 0) continue;
            const auto done = main_.call<v1::ConfirmResponse>("/cairn.v1.Exchange/Confirm", stored);
            if (!done) return note("clean_up", done, {});
        }
        say("clean_up", true, "nothing of the run waits");
    }

    result<v1::ListDesksResponse> by_probe() {
        return probe_.call<v1::ListDesksResponse>(
            "/cairn.v1.Exchange/ListDesks", v1::ListDesksRequest{}
        );
    }

    // The second certificate works, is revoked, and its live connection is worth nothing.
    void revokes() {
        const auto before = by_probe();
        const bool again = !before && before.error().code == errc::certificate_revoked;
        if (!before && !again) return note("revocation", before, {});
        v1::RetireRequest request;
        request.set_certificate_sha256(row_.probe_sha256());
        const auto done = main_.call<v1::RetireResponse>("/cairn.v1.Enrol/Retire", request);
        if (!done) return note("revocation", done, {});
        const auto after = by_probe();
        const bool ended = !after && (after.error().code == errc::certificate_revoked ||
                                      after.error().code == errc::connect_failed ||
                                      after.error().code == errc::unavailable ||
                                      after.error().code == errc::cancelled);
        if (!ended) {
            return say("revocation", false, after ? "it still works" : symbol_of(after.error()));
        }
        program fresh;
        fresh.context_path = probe_.context_path;
        refused(
            "revocation",
            fresh.call<v1::ListDesksResponse>(
                "/cairn.v1.Exchange/ListDesks", v1::ListDesksRequest{}
            ),
            {errc::certificate_revoked}
        );
    }

    program& main_;
    program& probe_;
    const v1::Enrolment& row_;
    const std::string desk_;
    v1::SubmitRequest first_;
    std::string concern_;
    std::string thread_;
    std::vector<v1::ConformanceStep> steps_;
};

} // namespace

result<std::vector<v1::ConformanceStep>>
run_conformance(program& main, program& probe, const v1::Enrolment& row) {
    if (const auto c = main.connection(); !c) return c.error();
    if (const auto c = probe.connection(); !c) return c.error();
    return run(main, probe, row).all();
}

} // namespace cairn::cli

// A partnership of a school and the police around handlers: calls that note what is sent, a store
// whose notices are set by the test.
#pragma once

#include "world.hpp"

#include "daemon/services.hpp"
#include "support/people.hpp"
#include "support/shipped_policy.hpp"

#include "cairn/v1/exchange.pb.h"

#include <algorithm>

namespace cairn::daemon::testing {

inline const std::string mash = "northshire-police/mash";

// One desk's pending notices; everything else is not asked here.
class fake_reader final : public ledger::reader {
public:
    using stored_notice = ledger::stored_notice;
    std::vector<stored_notice> notices;
    // How much was read at once, at most.
    std::size_t most_read = 0;
    std::vector<ledger::desk_counts> desks;

    result<std::vector<stored_notice>> pending(
        std::string_view, std::uint64_t after, std::uint32_t max, std::size_t max_bytes
    ) override {
        std::vector<stored_notice> out;
        std::size_t size = 0;
        for (const auto& n : notices) {
            if (n.position <= after || n.state != ledger::notice_state::pending) continue;
            if (out.size() == max || size >= max_bytes) break;
            size += n.notice.size();
            out.push_back(n);
        }
        most_read = std::max(most_read, size);
        return out;
    }
    result<stored_notice> notice(std::string_view, std::uint64_t position) override {
        for (const auto& n : notices) {
            if (n.position == position) return n;
        }
        return fail(errc::unknown_position);
    }
    result<ledger::concern_state> concern(std::string_view) override {
        return fail(errc::not_found);
    }
    result<bytes> body(ledger::position) override { return fail(errc::not_found); }
    result<std::string> proof(ledger::position, std::string_view) override {
        return std::string("a proof");
    }
    result<std::vector<ledger::desk_counts>> counts(std::int64_t) override { return desks; }
    result<bytes> registry() override { return bytes(); }
    result<bytes> policy_text(const digest&) override { return fail(errc::policy_missing); }
    result<std::vector<ledger::position>>
    policy_records(ledger::policy_rows, std::uint32_t) override {
        return fail(errc::policy_missing);
    }
    result<digest> latest_policy() override { return fail(errc::policy_missing); }
    result<std::vector<ledger::record_row>> search(const ledger::record_filter&) override {
        return std::vector<ledger::record_row>();
    }
    result<std::vector<bytes>> leaves(std::uint32_t, std::uint64_t, std::uint64_t) override {
        return std::vector<bytes>();
    }
    result<std::string> checkpoint(std::uint32_t) override { return fail(errc::not_found); }
    result<std::vector<digest>> consistency(std::uint32_t, std::uint64_t, std::uint64_t) override {
        return std::vector<digest>();
    }
    result<ledger::concern_part> concerns(const ledger::concern_span& span) override {
        ++parts_read;
        return ledger::concern_part{{}, span.after + 1, parts_read == parts};
    }
    // Empty parts of the log, and how many of them were read.
    int parts = 1;
    int parts_read = 0;
    status verify_all() override { return {}; }
};

// What a handler says to its caller.
class noted_call final : public session::call {
public:
    noted_call(const session::method& m, session::peer who) : method_(m), who_(std::move(who)) {}
    ~noted_call() override {
        if (handler) handler->on_closed(*this);
    }
    void begin() { handler = method_.make(*this); }
    void message(const google::protobuf::Message& m) {
        asked_for_more = false;
        handler->on_message(*this, m.SerializeAsString());
    }

    std::unique_ptr<session::handler> handler;
    std::vector<bytes> sent;
    std::optional<status> ended;
    bool asked_for_more = false;
    // The peer takes nothing: what is sent counts as queued.
    bool stalled = false;
    // Queued for it already.
    std::size_t before = 0;

    [[nodiscard]] std::string_view path() const override { return method_.path; }
    [[nodiscard]] const session::peer& who() const override { return who_; }
    [[nodiscard]] session::codec how() const override { return session::codec::proto; }
    [[nodiscard]] std::string_view traceparent() const override { return {}; }
    [[nodiscard]] std::optional<mono_time> deadline() const override { return std::nullopt; }
    void send(bytes_view message) override {
        if (ended) return;
        sent.emplace_back(message);
        if (stalled) queued_ += message.size();
    }
    void finish(const status& how) override {
        if (!ended) ended = how;
    }
    void read_more() override { asked_for_more = true; }
    [[nodiscard]] std::size_t queued() const override { return before + queued_; }
    [[nodiscard]] bool alive() const override { return !ended; }
    // The peer took everything.
    void taken() {
        queued_ = before = 0;
        handler->on_writable(*this);
    }

private:
    const session::method& method_;
    session::peer who_;
    std::size_t queued_ = 0;
};

// Agencies' system certificates: 'a' the school's, 'b' the police's, 'f' a vendor's with a mandate
// for the police's desk.
inline v1::RegistryState small_partnership() {
    v1::RegistryState s;
    s.set_epoch(1);
    const auto agency = [&s](const char* id, v1::AgencyKind kind) {
        auto& a = *s.add_agencies();
        a.set_id(id);
        a.set_name(std::string("The ") + id);
        a.set_kind(kind);
    };
    agency("oakfield", v1::AGENCY_KIND_SCHOOL);
    agency("northshire-police", v1::AGENCY_KIND_POLICE);
    agency("northshire-council", v1::AGENCY_KIND_SOCIAL_CARE);
    agency("school-systems", v1::AGENCY_KIND_VOLUNTARY);
    for (const char* id :
         {"oakfield/dsl", "northshire-police/mash", "northshire-council/front_door"}) {
        s.add_desks()->set_id(id);
    }
    const auto certificate = [&s](char mark, const char* holder) -> v1::Certificate& {
        auto& c = *s.add_certificates();
        c.set_sha256(std::string(64, mark));
        c.set_uri(std::string("spiffe://northshire.example/agency/") + holder);
        c.set_agency(holder);
        c.set_not_after_us(2'000'000'000'000'000);
        return c;
    };
    auto& school = certificate('a', "oakfield");
    school.add_kinds(v1::CONCERN_KIND_NOTIFICATION);
    school.add_purposes(v1::PURPOSE_S47);
    certificate('b', "northshire-police").add_desks(mash);
    certificate('f', "school-systems").add_desks(mash);
    auto& m = *s.add_mandates();
    m.set_id("mandate-1");
    m.set_holder("school-systems");
    m.set_for_agency("northshire-police");
    m.add_desks(mash);
    m.set_from_us(1'000'000'000'000'000);
    m.set_until_us(1'900'000'000'000'000);
    return s;
}

struct flow_world {
    flow_world() {
        rt.partnership = "northshire.example";
        rt.ledger_.reads = &reader;
        know(small_partnership());
        rt.policy.swap_in(test::shipped_policy());
        add_submit(routes, s);
        add_receive(routes, s);
        add_settle(routes, s);
    }
    void know(v1::RegistryState state) {
        auto made = registry::snapshot::build(std::move(state));
        if (!made) FAIL(made.error().where);
        rt.registry.swap_in(*made);
    }
    void run() {
        for (int i = 0; i < 20; ++i) rt.run_thread(0);
    }
    // What a commit's hook does.
    void committed() {
        s.after_commit();
        run();
    }
    void store(std::uint64_t position, std::size_t size, char fill = 'n') {
        ledger::stored_notice n;
        n.position = position;
        n.notice = bytes(size, fill);
        reader.notices.push_back(std::move(n));
    }
    // A notice of the live path.
    void offer(std::uint64_t position, std::size_t size) {
        store(position, size);
        s.hub.committed({mash, position, std::make_shared<const bytes>(size, 'n'), 1, 2});
    }
    std::shared_ptr<noted_call> call(const std::string& name, char mark) {
        const auto* m = routes.find("/cairn.v1.Exchange/" + name);
        REQUIRE(m != nullptr);
        std::string agency = "oakfield";
        if (mark == 'b') agency = "northshire-police";
        if (mark == 'f') agency = "school-systems";
        session::peer who;
        who.certificate_sha256 = std::string(64, mark);
        who.uris = {"spiffe://northshire.example/agency/" + agency};
        auto c = std::make_shared<noted_call>(*m, who);
        c->begin();
        return c;
    }
    std::shared_ptr<noted_call>
    receive(std::uint32_t credit = 0, char mark = 'b', bool stalled = false) {
        auto c = call("Receive", mark);
        c->stalled = stalled;
        v1::ReceiveRequest asked;
        asked.set_desk(mash);
        asked.set_max_unconfirmed(credit);
        c->message(asked);
        run();
        return c;
    }

    fake_reader reader;
    fake_runtime rt;
    services s{rt};
    session::router routes;
};

// Position, size of the notice and marks of a delivery, without parsing the notice.
struct seen {
    std::uint64_t position = 0;
    std::size_t size = 0;
    bool redelivered = false;
    bool withdrawn = false;
};

inline seen look(bytes_view frame) {
    seen out;
    std::size_t at = 0;
    const auto varint = [&] {
        std::uint64_t v = 0;
        for (unsigned shift = 0;; shift += 7) {
            const auto b = static_cast<std::uint8_t>(frame.at(at++));
            v |= static_cast<std::uint64_t>(b & 0x7fU) << shift;
            if (b < 0x80) return v;
        }
    };
    while (at < frame.size()) {
        const std::uint64_t key = varint();
        const std::uint64_t v = varint();
        if ((key & 7U) == 2) at += v;
        if (key >> 3U == 1) out.position = v;
        if (key >> 3U == 2) out.size = v;
        if (key >> 3U == 6) out.redelivered = v != 0;
        if (key >> 3U == 7) out.withdrawn = v != 0;
    }
    return out;
}

inline std::vector<std::uint64_t> positions(const noted_call& c) {
    std::vector<std::uint64_t> out;
    for (const bytes& m : c.sent) out.push_back(look(m).position);
    return out;
}

} // namespace cairn::daemon::testing

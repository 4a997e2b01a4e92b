// A whole partnership by remote call, on one thread: the services over a real ledger on a disk in
// memory, a clock that is set. Calls go through the methods' own handlers.
#pragma once

#include "world.hpp"

#include "daemon/start.hpp"
#include "support/fault_vfs.hpp"

#include "cairn/v1/exchange.pb.h"

#include <random>

namespace cairn::daemon::testing {

inline const std::string front_door = "northshire-council/front_door";
inline const std::string lado = "northshire-council/lado";
inline const std::string mash = "northshire-police/mash";
inline const std::string ppu = "northshire-police/ppu";
inline const std::string named = "northshire-health/named";
inline const std::string camhs = "northshire-health/camhs";
inline const std::string oakfield = "oakfield/dsl";
inline const std::string elmwood = "elmwood/dsl";
// The traceparent header of every call here.
inline const std::string call_trace = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-00";

class seeded_random final : public random_source {
public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& b : out) b = static_cast<std::uint8_t>(engine_());
    }

private:
    std::mt19937_64 engine_{17};
};

class exchange_runtime final : public runtime {
public:
    set_clock clock_;
    seeded_random random_;
    std::unique_ptr<ledger::ledger> store_;

    [[nodiscard]] const clock& time() const override { return clock_; }
    [[nodiscard]] random_source& random() override { return random_; }
    [[nodiscard]] ledger::ledger& store() override { return *store_; }
    [[nodiscard]] unsigned here() const override { return 0; }
    void post(unsigned, std::function<void()> work) override { posted.push_back(std::move(work)); }
    [[nodiscard]] bool query(std::function<void()> work) override {
        work();
        return true;
    }
    void cut(const std::string& pin) override { cuts.push_back(pin); }
    void log(std::string_view event, std::string_view detail) override {
        logged.push_back(std::string(event) + " " + std::string(detail));
    }

    std::vector<std::string> logged;
    std::deque<std::function<void()>> posted;
    // Pins of certificates whose sessions were ended.
    std::vector<std::string> cuts;
};

class exchange {
public:
    // Who may call, by a short name: oakfield, elmwood, police (mash), ppu, front-door, lado,
    // health (named and camhs), vendor, which acts for elmwood under a mandate, ops, an admin, and
    // jo, an auditor.
    exchange();

    // `method` of Exchange, or a whole path.
    result<bytes> call(const std::string& who, const std::string& method, bytes_view message);
    // The same by a caller who goes away when the message was taken and nothing is on disk yet.
    void leave(const std::string& who, const std::string& method, bytes_view message);
    // Every message of the last call's answer.
    std::vector<bytes> answered;
    // By ops; must be accepted.
    void change_registry(v1::RegistryChange change);
    // The pin of somebody's certificate.
    static std::string pin_of(const std::string& who);

    result<v1::SubmitResponse>
    submit(const std::string& who, v1::Concern c, const std::string& on_behalf_of = {});
    result<v1::TrackResponse> track(const std::string& who, const std::string& id);
    result<v1::ExplainResponse>
    explain(const std::string& who, const std::string& id, const std::string& desk = {});
    result<v1::PreviewResponse> preview(const std::string& who, v1::Concern c);
    // What waits for a desk, oldest first.
    std::vector<v1::Delivery> waiting(const std::string& who, const std::string& desk);
    // The desk's notice of a concern.
    v1::Notice notice(const std::string& who, const std::string& desk, const std::string& id);
    // What the log holds of a concern, opened.
    v1::ConcernRecord record(const std::string& id);
    // The record in the log of this kind, newest last.
    std::vector<ledger::record_row> records(ledger::record_kind kind);

    void change_policy(const std::string& text);
    // Runs in each call after its message came and before anything is on disk.
    std::function<void()> between;

    test::memory_disk disk;
    exchange_runtime rt;
    services s{rt};

private:
    class taken;
    taken take(const std::string& who, const std::string& method, bytes_view message);
    void run();

    session::router routes_;
    unsigned keys_ = 0;
};

// About one child, everything in fields: every desk can be sent it.
v1::Concern referral(const std::vector<std::string>& desks = {front_door});
// The same, with a man who was convicted.
v1::Concern against_a_man();
// The same against somebody the agency employs.
v1::Concern allegation(const std::string& employer);
// A reply to a concern, of the thread it opened; set the body.
v1::Concern reply_to(const v1::SubmitResponse& first, v1::Purpose purpose = v1::PURPOSE_S47);
v1::Concern acknowledgement(const v1::SubmitResponse& first);
v1::Concern recall(const v1::SubmitResponse& first);

// The names of the rows, one space between.
template <class Response>
std::string rows(const result<Response>& r) {
    if (!r) return std::string(describe(r.error().code).symbol);
    std::string out;
    for (const auto& d : r->desks()) out += (out.empty() ? "" : " ") + d.desk();
    return out;
}
inline std::string told(const result<v1::SubmitResponse>& r) {
    if (!r) return std::string(describe(r.error().code).symbol);
    std::string out;
    for (const auto& d : r->told()) out += (out.empty() ? "" : " ") + d;
    return out;
}

} // namespace cairn::daemon::testing

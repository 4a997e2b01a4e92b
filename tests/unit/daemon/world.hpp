// What the daemon's parts need around them, without threads, disk or machine clock: a clock that is
// set, a ledger that commits when told, mailboxes that are emptied when told.
#pragma once

#include "core/assert.hpp"
#include "daemon/runtime.hpp"
#include "support/result_text.hpp"

#include "cairn/v1/record.pb.h"

#include <deque>
#include <map>
#include <utility>

namespace cairn::daemon::testing {

namespace v1 = ::cairn::v1;

class set_clock final : public clock {
public:
    [[nodiscard]] wall_time wall_now() const override { return wall; }
    [[nodiscard]] mono_time mono_now() const override { return mono; }

    wall_time wall = from_us(1'795'343'400'000'000); // 2026-11-22T10:30:00Z
    mono_time mono{std::chrono::hours(1)};
};

class counted_random final : public random_source {
public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& b : out) b = next_++;
    }

private:
    std::uint8_t next_ = 1;
};

// Takes drafts and commits them one by one when run_once() is called. `judge` says what becomes of
// each; without it all succeed.
class fake_ledger final : public ledger::ledger {
public:
    using draft = ::cairn::ledger::draft;
    using committed = ::cairn::ledger::committed;

    std::function<result<committed>(const draft&)> judge;
    // What append() answers instead of taking the draft.
    std::optional<failure> refuses;
    bool out_of_keys = false;
    ::cairn::ledger::reader* reads = nullptr;
    std::vector<std::pair<std::string, std::string>> failing;
    std::vector<draft> taken;

    status append(draft d) override { return append_quietly(d); }
    status append_quietly(draft& d) override {
        if (refuses) return *refuses;
        queue_.push_back(std::move(d));
        return {};
    }
    result<::cairn::ledger::data_key> take_key() override {
        if (out_of_keys) return fail(errc::overloaded);
        return key_of(++slot_);
    }
    // One draft; so a test sees what is queued behind one that is under way.
    bool run_once() override {
        if (queue_.empty()) return false;
        draft d = std::move(queue_.front());
        queue_.pop_front();
        const result<committed> outcome = judge ? judge(d) : result<committed>(committed{});
        const auto done = std::move(d.done);
        taken.push_back(std::move(d));
        done(outcome);
        return true;
    }
    void run_all() {
        while (run_once()) {
        }
    }
    [[nodiscard]] std::size_t queued() const { return queue_.size(); }

    // The record's body, opened again.
    [[nodiscard]] static v1::RecordBody body_of(const draft& d) {
        const auto plain = open_part(key_of(d.key_slot), 0, d.sealed_body);
        REQUIRE(plain);
        v1::RecordBody body;
        REQUIRE(body.ParseFromString(plain->substr(sizeof(d.seed))));
        return body;
    }

    bool wait() override { return false; }
    void stop() override {}
    [[nodiscard]] bool poisoned() const override { return false; }
    void after_commit(std::function<void()>) override {}
    [[nodiscard]] ::cairn::ledger::head current_head() const override { return {}; }
    [[nodiscard]] std::string vkey(std::uint32_t) const override { return {}; }
    [[nodiscard]] key256 keyed_hash_key(std::string_view) const override { return {}; }
    [[nodiscard]] ::cairn::ledger::reader& read() override {
        CAIRN_ASSERT(reads != nullptr, "nothing tested with this ledger reads");
        return *reads;
    }
    [[nodiscard]] ::cairn::ledger::writer_counters counters() const override { return {}; }
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> failing_checks() override {
        return failing;
    }

private:
    static ::cairn::ledger::data_key key_of(std::uint64_t slot) {
        ::cairn::ledger::data_key k;
        k.slot = slot;
        k.key.fill(static_cast<std::uint8_t>(slot));
        return k;
    }

    std::deque<draft> queue_;
    std::uint64_t slot_ = 0;
};

class fake_runtime final : public runtime {
public:
    set_clock clock_;
    counted_random random_;
    fake_ledger ledger_;
    std::vector<std::string> logged;
    // Mailboxes of the network threads, and how often each was written to.
    std::map<unsigned, std::deque<std::function<void()>>> posted;

    [[nodiscard]] const clock& time() const override { return clock_; }
    [[nodiscard]] random_source& random() override { return random_; }
    [[nodiscard]] fake_ledger& store() override { return ledger_; }
    [[nodiscard]] unsigned here() const override { return 0; }
    void post(unsigned thread, std::function<void()> work) override {
        posted[thread].push_back(std::move(work));
    }
    [[nodiscard]] bool query(std::function<void()> work) override {
        work();
        return true;
    }
    void cut(const std::string&) override {}
    void log(std::string_view event, std::string_view detail) override {
        logged.push_back(std::string(event) + " " + std::string(detail));
    }

    // Empties one thread's mailbox, as that thread would.
    void run_thread(unsigned thread) {
        auto& box = posted[thread];
        while (!box.empty()) {
            const auto work = std::move(box.front());
            box.pop_front();
            work();
        }
    }
};

inline registry::caller agency_caller(std::string id) {
    registry::caller who;
    who.id = std::move(id);
    who.certificate_sha256 = std::string(64, 'c');
    return who;
}

} // namespace cairn::daemon::testing

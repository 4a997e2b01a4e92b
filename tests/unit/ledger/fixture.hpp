// A ledger in a folder of its own, a clock that moves when told, random numbers from a seed, and
// drafts as the daemon makes them.
#pragma once

#include "ledger/ledger.hpp"
#include "merkle/seed.hpp"

#include "cairn/v1/record.pb.h"

#include <atomic>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace cairn::ledger::test {

class manual_clock final : public clock {
public:
    [[nodiscard]] wall_time wall_now() const override { return from_us(us); }
    [[nodiscard]] mono_time mono_now() const override {
        return mono_time{std::chrono::microseconds{us.load()}};
    }
    // 2026-03-02T09:00:00Z
    std::atomic<std::int64_t> us{1'772'442'000'000'000};
};

class seeded_random final : public random_source {
public:
    explicit seeded_random(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::uint8_t> out) override {
        for (auto& b : out) b = static_cast<std::uint8_t>(engine_());
    }

private:
    std::mt19937_64 engine_;
};

// Removed when it goes.
class temporary_folder {
public:
    temporary_folder();
    ~temporary_folder() { std::filesystem::remove_all(path_); }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    [[nodiscard]] std::string path() const { return path_.string(); }
    [[nodiscard]] std::string file(const char* name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

options options_for(const std::string& folder);

// What a test says of a concern.
struct concern_spec {
    std::string sender = "oakfield";
    // 8 characters or more; empty: one of its own.
    std::string key;
    std::vector<std::string> desks = {"northshire-police/mash", "northshire-council/front_door"};
    std::string text = "a synthetic body";
    std::string id;
    std::string thread;
    std::string in_reply_to;
    bool acknowledges = false;
    // Of an acknowledgement: the desks it is for.
    std::vector<std::string> acknowledged;
    std::string withdraws;
    // A correction, which may withdraw or not.
    bool corrects = false;
    std::int64_t within_us = 3'600'000'000;
};

// One ledger with its clock and random numbers. Drafts' outcomes are collected in order.
class bench_ledger {
public:
    explicit bench_ledger(options o) : o_(std::move(o)) {}

    status create();
    status open();
    void close() { store_.reset(); }
    ledger& operator*() { return *store_; }
    ledger* operator->() { return store_.get(); }

    // Result lands in `outcomes` when it is committed; false when it was not queued.
    bool submit(const concern_spec& c);
    bool confirm(const std::string& desk, std::vector<std::uint64_t> positions);
    bool give_back(const std::string& desk, std::uint64_t position, std::uint32_t reason);
    bool note(const std::string& what);
    bool put(draft d);
    void run() {
        while (store_->run_once()) {
        }
    }
    // The next draft's whole way; its outcome.
    result<committed> send(const concern_spec& c);
    result<committed> last() const { return *outcomes.back(); }

    std::string id_of(const std::string& name) const;
    draft draft_of(record_kind kind, const v1::RecordBody& body, const std::string& actor);
    result<draft> draft_of(const concern_spec& c);

    manual_clock time;
    seeded_random random{1};
    std::vector<std::optional<result<committed>>> outcomes;
    // Bytes of notices as sealed, by concern and desk: what a desk must get.
    static std::string notice_text(const std::string& desk, const std::string& text);
    static std::string submitted_text(const concern_spec& c);

private:
    options o_;
    std::unique_ptr<ledger> store_;
    std::uint64_t next_ = 1;
};

} // namespace cairn::ledger::test

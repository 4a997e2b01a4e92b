// The read side: a few read-only connections, lent to one question at a time.
#pragma once

#include "core/clock.hpp"
#include "ledger/keys.hpp"
#include "ledger/lagging_index.hpp"
#include "ledger/reader.hpp"
#include "ledger/sqlite.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace cairn::ledger {

struct reader_setup {
    sql::file file;
    std::string partnership;
    ed25519_public log_key;
};

// Thread: any; a question waits while all connections are lent.
class read_pool final : public reader {
public:
    // Clock, keys and index outlive it.
    static result<std::unique_ptr<read_pool>>
    open(reader_setup setup, const clock& time, key_store& keys, const lookups& index);

    result<std::vector<stored_notice>> pending(
        std::string_view desk, std::uint64_t after, std::uint32_t max, std::size_t max_bytes
    ) override;
    result<stored_notice> notice(std::string_view desk, std::uint64_t position) override;
    result<concern_state> concern(std::string_view concern_id) override;
    result<bytes> body(position at) override;
    result<std::string> proof(position at, std::string_view party) override;
    result<std::vector<desk_counts>> counts(std::int64_t now_us) override;
    result<bytes> registry() override;
    result<bytes> policy_text(const digest& d) override;
    result<digest> latest_policy() override;
    result<std::vector<position>> policy_records(policy_rows which, std::uint32_t max) override;
    result<std::vector<record_row>> search(const record_filter& f) override;
    result<std::vector<bytes>>
    leaves(std::uint32_t year, std::uint64_t from, std::uint64_t until) override;
    result<std::string> checkpoint(std::uint32_t year) override;
    result<std::vector<digest>>
    consistency(std::uint32_t year, std::uint64_t old_size, std::uint64_t new_size) override;
    result<concern_part> concerns(const concern_span& span) override;
    status verify_all() override;

private:
    // A connection for one question: one snapshot, bounded time.
    class loan {
    public:
        loan(read_pool& pool, bool bounded);
        ~loan();
        loan(const loan&) = delete;
        loan& operator=(const loan&) = delete;
        sql::database& db() { return *db_; }
        [[nodiscard]] const status& begun() const { return begun_; }

    private:
        read_pool& pool_;
        std::unique_ptr<sql::database> db_;
        status begun_;
    };

    read_pool(reader_setup setup, const clock& time, key_store& keys, const lookups& index)
        : setup_(std::move(setup)), time_(time), keys_(keys), index_(index) {}
    result<stored_notice> read_notice(const sql::query& q);

    const reader_setup setup_;
    const clock& time_;
    key_store& keys_;
    const lookups& index_;
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<sql::database>> free_;
};

} // namespace cairn::ledger

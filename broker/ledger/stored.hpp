// A record as it lies in ledger.db, and the small encodings of its columns.
#pragma once

#include "ledger/draft.hpp"
#include "ledger/keys.hpp"
#include "ledger/lagging_index.hpp"
#include "ledger/sqlite.hpp"

#include <optional>
#include <span>
#include <vector>

namespace cairn::ledger {

// An id of 32 hex digits is kept as 16 bytes, any other as text.
class stored_id {
public:
    explicit stored_id(std::string_view id);
    // Must outlive the query's use.
    void bind(sql::query& q) const;
    // Of an id kept as 16 bytes.
    [[nodiscard]] std::optional<lagging_index::key> key() const;

private:
    bytes raw_;
    bool text_;
};
// Empty for NULL.
std::string read_id(const sql::query& q, int column);

// 0 where no such concern is committed; with `staged`, also the ones of the writer's transaction.
// First read of its transaction, see lagging_index::find().
result<std::uint64_t>
find_concern(sql::database& db, const lookups& in, std::string_view id, bool staged = false);

// A notice within its record's payload.
struct notice_place {
    std::uint32_t desk = 0;
    std::uint32_t size = 0;
    bool hidden = false;
    std::int64_t within_us = 0;
};

// Sizes in the order of `payload.parts`: the body, then the notices.
struct layout {
    std::uint32_t body = 0;
    std::vector<notice_place> notices;
};
bytes encode(const layout& l);
// errc::log_damaged where "layout".
result<layout> decode_layout(bytes_view in);

bytes encode_numbers(std::span<const std::uint32_t> numbers);
result<std::vector<std::uint32_t>> decode_numbers(bytes_view in);

// Each with a 16-bit length.
void append_sized(bytes& out, bytes_view one);
result<std::vector<bytes_view>> split_sized(bytes_view in);

inline constexpr std::int64_t flag_acknowledges = 1;

// A row of `record` as it is guarded: some columns say nothing that leaf or sealed body repeat.
struct record_columns {
    position at;
    std::int64_t recorded_us = 0;
    record_kind kind = record_kind::note;
    std::uint64_t slot = 0;
    std::int64_t flags = 0;
    std::uint32_t sender = 0;
    std::uint32_t concern_kind = 0;
    bytes_view parties;
    bytes_view layout;
    std::string_view id;
    std::string_view thread;
    std::string_view reply;
    std::string_view withdraws;
    bytes_view submission;
    bytes_view body_mac;
};
// First 16 bytes of an HMAC-SHA-256 over all of them. docs/formats/ledger.md, "Guard".
bytes guard_of(const key256& key, const record_columns& c);

struct stored_record {
    position at;
    std::int64_t recorded_us = 0;
    record_kind kind = record_kind::note;
    std::uint64_t slot = 0;
    std::int64_t flags = 0;
    std::uint32_t sender = 0;
    std::uint32_t concern_kind = 0;
    std::vector<std::uint32_t> parties;
    layout places;
    std::string id;
    std::string thread;
    std::string reply;
    std::string withdraws;
    bytes submission;
    bytes body_mac;
    bytes mac;
    bytes leaf;
    bytes nodes;
    // Nullopt: erased.
    std::optional<bytes> entries;
    bytes parts;

    [[nodiscard]] bytes_view sealed_body() const;
    // i from 0; empty where the payload is too short for it.
    [[nodiscard]] bytes_view sealed_notice(std::size_t i) const;
};

// errc::not_found; log_damaged where one of its rows is missing or unreadable.
result<stored_record> read_record(sql::database& db, position at);

// The seed and the serialised v1::RecordBody. errc::erased.
struct opened_body {
    key256 seed{};
    bytes body;
};
result<opened_body> open_body(key_store& keys, const stored_record& r);

// "record 2026/17": where an error is.
std::string name_of(position at);

} // namespace cairn::ledger

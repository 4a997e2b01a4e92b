// What can be asked of the ledger. Every call is bounded by limits::query_time; content comes
// opened.
#pragma once

#include "core/limits.hpp"
#include "ledger/draft.hpp"

#include <optional>

namespace cairn::ledger {

enum class notice_state : std::uint8_t {
    pending = 1,
    confirmed = 2,
    returned = 3,
    withdrawn = 4,
    expired = 5
};

struct stored_notice {
    std::uint64_t position = 0;
    std::string concern_id;
    // Exact bytes of the v1::Notice.
    bytes notice;
    std::int64_t recorded_at_us = 0;
    std::int64_t acknowledge_by_us = 0;
    notice_state state = notice_state::pending;
};

struct desk_state {
    std::string desk;
    notice_state state = notice_state::pending;
    bool hidden_from_sender = false;
    std::int64_t settled_at_us = 0;
    std::int64_t acknowledged_at_us = 0;
    std::int64_t acknowledge_by_us = 0;
    std::uint32_t returned_because = 0;
};

struct concern_state {
    position at;
    std::string concern_id;
    std::string thread;
    std::string sender;
    std::uint32_t kind = 0;
    std::string in_reply_to;
    std::int64_t recorded_at_us = 0;
    std::vector<desk_state> desks;
};

// The conservation sum of invariant 1, per desk.
struct desk_counts {
    std::string desk;
    std::uint64_t routed = 0;
    std::uint64_t confirmed = 0;
    std::uint64_t returned = 0;
    std::uint64_t withdrawn = 0;
    std::uint64_t expired = 0;
    std::uint64_t pending = 0;
    std::int64_t oldest_pending_us = 0;
    std::uint64_t overdue = 0;
};

struct record_row {
    position at;
    record_kind kind = record_kind::note;
    bytes leaf;
    std::int64_t recorded_at_us = 0;
    std::string concern_id;
    std::string thread;
    std::vector<std::string> parties;
};

struct record_filter {
    std::string concern_id;
    std::string thread;
    std::string agency;
    std::vector<record_kind> kinds;
    std::int64_t from_us = 0;
    std::int64_t until_us = 0;
    std::uint64_t after = 0;
    std::uint32_t max = 100;
};

// A stretch of the concerns in the log, for whoever reads many.
struct concern_span {
    // Position to go on after.
    std::uint64_t after = 0;
    // Recorded from here, and before this; 0: from the first, to the last.
    std::int64_t from_us = 0;
    std::int64_t until_us = 0;
};

struct opened_concern {
    position at;
    // Under which it was decided.
    digest policy;
    // The opened v1::RecordBody bytes; nullopt: erased.
    std::optional<bytes> body;
};

struct concern_part {
    // In log order.
    std::vector<opened_concern> concerns;
    // Looked at up to here: where to go on after.
    std::uint64_t reached = 0;
    // Nothing is left of the span.
    bool over = false;
};

// `texts`: those alone that hold one, which refusals since cannot hide, however many they are.
enum class policy_rows : std::uint8_t { every_record, texts };

class reader {
public:
    virtual ~reader() = default;
    // Unsettled notices of a desk after a position, in log order: up to `max`, and none after the
    // one with which the notices reach `max_bytes`.
    virtual result<std::vector<stored_notice>> pending(
        std::string_view desk,
        std::uint64_t after,
        std::uint32_t max,
        std::size_t max_bytes = limits::message_bytes
    ) = 0;
    // One notice of a desk, whatever its state. errc::unknown_position, erased.
    virtual result<stored_notice> notice(std::string_view desk, std::uint64_t position) = 0;
    // errc::not_found.
    virtual result<concern_state> concern(std::string_view concern_id) = 0;
    // The opened v1::RecordBody bytes. errc::not_found, erased.
    virtual result<bytes> body(position at) = 0;
    // tlog-proof text opening the entry of `party` (empty: none), against the checkpoint of the
    // record's own commit: the same bytes every time.
    virtual result<std::string> proof(position at, std::string_view party) = 0;
    virtual result<std::vector<desk_counts>> counts(std::int64_t now_us) = 0;
    // Serialised v1::RegistryState; empty bytes before the first.
    virtual result<bytes> registry() = 0;
    // Text of the policy with this digest, and the digest of the latest that came with its text.
    // errc::policy_missing.
    virtual result<bytes> policy_text(const digest& d) = 0;
    virtual result<digest> latest_policy() = 0;
    // Records about texts of policy, newest first.
    virtual result<std::vector<position>> policy_records(policy_rows which, std::uint32_t max) = 0;
    virtual result<std::vector<record_row>> search(const record_filter& f) = 0;
    virtual result<std::vector<bytes>>
    leaves(std::uint32_t year, std::uint64_t from, std::uint64_t until) = 0;
    // Latest checkpoint of a year, and consistency from an older size to it (32-byte hashes).
    virtual result<std::string> checkpoint(std::uint32_t year) = 0;
    virtual result<std::vector<digest>>
    consistency(std::uint32_t year, std::uint64_t old_size, std::uint64_t new_size) = 0;
    // The next of a span, within limits::part_concerns, part_records and part_bytes. Log order is
    // order of time. errc::log_damaged names the record.
    virtual result<concern_part> concerns(const concern_span& span) = 0;
    // Re-hashes every leaf against its stored nodes and the root against the checkpoint, opens
    // every body and checks its commitments. errc::log_damaged, where = "record 2026/17".
    virtual status verify_all() = 0;
};

} // namespace cairn::ledger

// What a draft changes beside the log: the state tables. Each function first refuses what cannot be
// (the draft fails, nothing is written), then writes; a failure of the disk fails the whole batch.
#pragma once

#include "ledger/draft.hpp"
#include "ledger/keys.hpp"
#include "ledger/lagging_index.hpp"
#include "ledger/tallies.hpp"

#include <optional>

namespace cairn::ledger {

// Where a batch stands when a draft's effect is applied.
struct effect_context {
    sql::database& db;
    tallies& sums;
    key_store& keys;
    lookups& index;
    // Keyed hash of (sender, key).
    const key256& submission_key;
    position at;
    std::int64_t now_us = 0;
    // Epoch of the stored registry.
    std::uint64_t& epoch;
};

// What became of it. A refusal is a value here; `status` failures are the disk's.
struct effect_outcome {
    // Declared, so that a result of it is never built from a failure by accident.
    effect_outcome() = default;
    std::optional<failure> refused;
    // Position of the first submission under this key.
    std::optional<position> repeats;
    std::uint32_t confirmed = 0;
    std::vector<withdrawn_notice> withdrawn;
    // Columns of `record`.
    bytes submission;
};

result<effect_outcome> apply(const effect_context& c, const draft& d);
// The rest of a concern's rows, which need the record's number; not for refused or repeated ones.
status write_deliveries(const effect_context& c, const concern_effect& e);

bytes submission_hash(const key256& key, std::string_view sender, std::string_view idempotency_key);
// Part number of a registry's state under its record's data key, beyond every notice's.
inline constexpr std::uint32_t registry_part = 0xffffffff;

} // namespace cairn::ledger

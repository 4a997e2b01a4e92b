// The state tables as the records make them.
#pragma once

#include "ledger/reader.hpp"
#include "ledger/stored.hpp"
#include "ledger/tallies.hpp"

#include <map>
#include <set>

namespace cairn::ledger {

struct delivery_row {
    std::int64_t part = 0;
    notice_state state = notice_state::pending;
    bool hidden = false;
    std::int64_t due_us = 0;
    std::int64_t settled_us = 0;
    std::int64_t read_us = 0;
    std::int64_t reason = 0;
    bool operator==(const delivery_row&) const = default;
};

struct replayed {
    // By desk and position.
    std::map<std::pair<std::uint32_t, std::uint64_t>, delivery_row> deliveries;
    std::map<std::uint32_t, desk_sums> desks;
    std::map<std::string, std::uint64_t> concerns;
    std::map<bytes, std::uint64_t> submissions;
    std::set<std::pair<std::string, std::uint64_t>> replies;
    // By party number.
    std::map<std::uint32_t, chain_head> agencies;
    struct policy_row {
        digest text_digest{};
        bytes text;
    };
    std::map<std::uint64_t, policy_row> policies;
    // After the last record.
    std::uint64_t end = 0;
};

// Reads every record; they are taken to be verified. errc::log_damaged where one names what is not
// there. Memory: all of it.
result<replayed> replay(sql::database& db, key_store& keys);

} // namespace cairn::ledger

// The hashed bytes of one record. FROZEN: docs/formats/leaf.md is the definition. Stored as they
// are, never re-encoded to verify.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

#include <optional>

namespace cairn::merkle {

inline constexpr std::size_t leaf_bytes = 122;

// Numbers are in the log for good.
enum class record_kind : std::uint8_t {
    concern = 1,
    confirm = 2,
    returned = 3,
    registry = 4,
    refusal = 5,
    query = 6,
    preview = 7,
    policy = 8,
    note = 9,
    key = 10,
    erased = 11,
};

// "concern", …, "return", …: for people and JSON.
std::string_view name_of(record_kind kind);
std::optional<record_kind> record_kind_of(std::string_view name);

// Names no party and nothing of the content.
struct leaf {
    record_kind kind = record_kind::concern;
    // Microseconds since 1970, UTC.
    std::uint64_t record_time_us = 0;
    // 0 where nothing was decided.
    std::uint64_t decided_at_us = 0;
    // Zeros where no policy took part.
    digest policy_digest{};
    std::uint64_t registry_epoch = 0;
    digest entries_root{};
    digest body_root{};

    bool operator==(const leaf&) const = default;
};

bytes encode(const leaf& l);
// errc::log_damaged where "leaf": wrong size, unknown version or kind.
result<leaf> decode_leaf(bytes_view in);

} // namespace cairn::merkle

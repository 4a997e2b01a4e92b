// What became of every leaf of a file. For the agency's own eyes, and still without a value: a
// report gets mailed.
#pragma once

#include "core/result.hpp"

#include "cairn/v1/concern.pb.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace cairn::agents::profiles {

// Takes the concerns of a file in its order. A failure ends the reading with that failure.
using concern_sink = std::function<status(::cairn::v1::Concern&&)>;

enum class leaf_status : std::uint8_t { mapped, unmapped, ignored };

struct leaf_report {
    std::uint32_t line = 0;
    std::string path;
    leaf_status status = leaf_status::unmapped;
    // Why, where it is not simply mapped; or what to look at although it is.
    std::string note;
};

struct file_report {
    std::string format;
    std::size_t concerns = 0;
    std::size_t mapped = 0;
    std::size_t unmapped = 0;
    std::size_t ignored = 0;
    // Mapped with a note.
    std::size_t warnings = 0;
    // In document order, the first leaves_listed of them.
    std::vector<leaf_report> leaves;
    // What came after: how many, and where first, of each place without numbers. Big files would
    // need more memory for their report than for anything else.
    struct group {
        std::size_t count = 0;
        std::uint32_t first_line = 0;
    };
    struct group_key {
        leaf_status status = leaf_status::unmapped;
        std::string path;
        std::string note;
        auto operator<=>(const group_key&) const = default;
    };
    std::map<group_key, group> further;

    void add(leaf_report leaf);
    [[nodiscard]] std::size_t all() const { return mapped + unmapped + ignored; }
    // Tab-separated after a head of counts.
    [[nodiscard]] std::string text() const;
};

inline constexpr std::size_t leaves_listed = 20'000;
inline constexpr std::size_t groups_listed = 10'000;

} // namespace cairn::agents::profiles

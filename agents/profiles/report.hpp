// What became of every leaf of a file. For the agency's own eyes, and still without a value: a
// report gets mailed.
#pragma once

#include "core/result.hpp"

#include "cairn/v1/concern.pb.h"

#include <cstdint>
#include <functional>
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
    // In document order.
    std::vector<leaf_report> leaves;

    void add(leaf_report leaf);
    [[nodiscard]] std::size_t all() const { return leaves.size(); }
    // Tab-separated after a head of counts.
    [[nodiscard]] std::string text() const;
};

} // namespace cairn::agents::profiles

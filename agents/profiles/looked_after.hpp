// Tables of looked-after children (SSDA903) to status notifications: one concern a child, whatever
// number of rows name it.
#pragma once

#include "agents/formats/csv.hpp"
#include "agents/profiles/table.hpp"

#include "cairn/v1/concern.pb.h"

namespace cairn::agents::profiles {

// What one row is written into.
struct looked_after_target {
    ::cairn::v1::Person& child;
    // Begun by this row; kept where something of them was set.
    ::cairn::v1::MissingEpisode missing{};
    ::cairn::v1::CaseStatus::Plan placement{};
    ::cairn::v1::Order order{};
    ::cairn::v1::Address home{};
    ::cairn::v1::Address placed_at{};
};

std::span<const row<looked_after_target>> missing_rows();
std::span<const row<looked_after_target>> episode_rows();
std::span<const row<looked_after_target>> review_rows();

struct looked_after_options {
    // Children whose rows are gathered in one reading. Where a file strews those of more over its
    // length, it is read again for the rest: memory stays bounded, whatever the order.
    std::size_t open_at_once = 2'000;
};

// Reads the file two times or more; concerns come in the order in which their last rows stand.
// errc::format_malformed where the file is no such table or changed while it was read,
// errc::too_many above 20,000 children.
result<file_report> map_missing(
    const formats::file_source& file, const concern_sink& to, const looked_after_options& how = {}
);
result<file_report> map_episodes(
    const formats::file_source& file, const concern_sink& to, const looked_after_options& how = {}
);
result<file_report> map_reviews(
    const formats::file_source& file, const concern_sink& to, const looked_after_options& how = {}
);

} // namespace cairn::agents::profiles

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

// errc::format_malformed where the file is no such table, errc::too_many above 20,000 children.
result<file_report> map_missing(const formats::next_piece& file, const concern_sink& to);
result<file_report> map_episodes(const formats::next_piece& file, const concern_sink& to);
result<file_report> map_reviews(const formats::next_piece& file, const concern_sink& to);

} // namespace cairn::agents::profiles

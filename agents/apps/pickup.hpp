// A dropped file as submissions, or why it is none. Pure but for the numbers it draws.
#pragma once

#include "agents/core/outbox.hpp"
#include "agents/profiles/inputs.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include "cairn/v1/concern.pb.h"

#include <optional>
#include <string>
#include <vector>

namespace cairn::agents::apps {

struct pickup_options {
    // Merged into what a file does not say.
    const ::cairn::v1::Concern& defaults;
    std::string on_behalf_of;
    wall_time now;
    random_source& random;
    // Which formats are taken.
    profiles::agency_profile profile = profiles::agency_profile::any;
};

struct picked_up {
    std::vector<submission> rows;
    std::string report;
};

// Most a file of this name may hold; nullopt: no known format.
std::optional<std::size_t> size_limit(std::string_view name);

// Opaque name of a file for the outbox: the same content under another name is another file.
std::string source_of(std::string_view name, bytes_view content);

// One of the formats of profiles/inputs.hpp, recognised by name and content and read piece by
// piece, more than once. Rows go to `to` as they are made; what it answers ends the reading, and
// what failed later makes those already given worthless. The result is the report, empty where all
// is carried and nothing is to be looked at: a file that no concern comes from gives that alone.
// `where` of a failure names line or field; it may carry the file's own field names and stays with
// the agency.
result<std::string> pick_up(
    std::string_view name,
    const profiles::open_file& file,
    const std::string& source,
    const pickup_options& options,
    const row_sink& to
);
// Of a file that is in memory.
result<picked_up> pick_up(std::string_view name, bytes_view content, const pickup_options& options);

// Text of the file beside a rejected one: what, where, what next.
std::string reason_text(const failure& f);

} // namespace cairn::agents::apps

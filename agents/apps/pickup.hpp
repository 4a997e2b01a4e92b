// A dropped file as submissions, or why it is none. Pure but for the numbers it draws.
#pragma once

#include "agents/core/outbox.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include "cairn/v1/concern.pb.h"

#include <string>
#include <vector>

namespace cairn::agents::apps {

struct pickup_options {
    // Merged into what a file does not say.
    const ::cairn::v1::Concern& defaults;
    std::string on_behalf_of;
    wall_time now;
    random_source& random;
};

struct picked_up {
    std::vector<submission> rows;
    // What became of every value; empty for formats that carry everything.
    std::string report;
};

// Most a file of this name may hold; nullopt: no known format.
std::optional<std::size_t> size_limit(std::string_view name);

// *.json: a concern, or {"key": …, "concern": …}; *.xml: a Children in Need census return.
// `where` of a failure names line or field; it may carry the file's own field names and stays with
// the agency.
result<picked_up> pick_up(std::string_view name, bytes_view content, const pickup_options& options);

// Text of the file beside a rejected one: what, where, what next.
std::string reason_text(const failure& f);

} // namespace cairn::agents::apps

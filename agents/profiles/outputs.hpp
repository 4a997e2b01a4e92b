// What a profile's inbox holds beside the JSON and the page: the notice in a form its systems read.
#pragma once

#include "agents/core/html.hpp"
#include "agents/profiles/inputs.hpp"

#include "cairn/v1/notice.pb.h"

#include <span>
#include <string>
#include <string_view>

namespace cairn::agents::profiles {

struct output_format {
    // "csv".
    std::string_view id;
    // Of the file beside the others of the notice: ".csv".
    std::string_view extension;
    std::string_view what;
    std::span<const agency_profile> made_for;
    std::string (*render)(const ::cairn::v1::Notice& n, const delivery_info& d) = nullptr;
};

std::span<const output_format> output_formats();
// `any` has none but JSON and page.
bool makes(agency_profile p, const output_format& f);

} // namespace cairn::agents::profiles

#include "agents/profiles/outputs.hpp"

#include "agents/profiles/fhir_notice.hpp"
#include "agents/profiles/notice_csv.hpp"

#include <algorithm>

namespace cairn::agents::profiles {
namespace {

constexpr agency_profile table_users[] = {agency_profile::school, agency_profile::social_care};
constexpr agency_profile fhir_users[] = {agency_profile::health};

// clang-format off
constexpr output_format all[] = {
    {"csv", ".csv", "a table, one row a value or hidden value, to be imported", table_users,
     notice_as_csv},
    {"fhir", ".fhir", "a FHIR R4 document", fhir_users, notice_as_fhir},
};
// clang-format on

} // namespace

std::span<const output_format> output_formats() {
    return all;
}

bool makes(agency_profile p, const output_format& f) {
    return std::find(f.made_for.begin(), f.made_for.end(), p) != f.made_for.end();
}

} // namespace cairn::agents::profiles

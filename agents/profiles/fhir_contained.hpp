// Resources inside resources. FHIR lets a Flag hold the Patient it is about, named by "#p" and
// known to nothing else in the file.
#pragma once

#include "agents/formats/fhir.hpp"

namespace cairn::agents::profiles {

// As formats::read_fhir, and what a resource contains of the types with a table comes behind it as
// a resource of its own, counted like any other. What else it contains stays among its own leaves.
// So does all of it where the resource is not carried: what stands in it goes with it.
status read_fhir_unfolded(const formats::next_piece& file, const formats::fhir_handlers& to);

} // namespace cairn::agents::profiles

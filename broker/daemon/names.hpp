// Names of agencies and desks that a concern states as facts, against the registry.
#pragma once

#include "core/result.hpp"
#include "registry/snapshot.hpp"

#include "cairn/v1/concern.pb.h"

namespace cairn::daemon {

namespace v1 = ::cairn::v1;

// Whoever is named as in conflict, as an employer or as lead practitioner must be somebody: a name
// mistyped would bind nobody, and the concern would reach the desk it was to be kept from.
// errc::bad_value (an agency, or a conflict) or unknown_desk, where = the field and the names here
// that come near.
status check_names(const v1::Concern& c, const registry::snapshot& registry);

} // namespace cairn::daemon

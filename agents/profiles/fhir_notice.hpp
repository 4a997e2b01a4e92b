// A notice as a FHIR R4 document for the systems of the health service.
//
// A Bundle of type collection: the Communication is the notice; Patient, RelatedPerson, Person the
// people; a Flag a child of a notification or status; CarePlan as CP-IS has it; a Task for what is
// owed. Never a Consent: consent is not the lawful basis here. Only what the notice says is in it.
// Every line of it is also a payload in words, so that nothing is lost where FHIR has no element.
#pragma once

#include "agents/core/html.hpp"

#include "cairn/v1/notice.pb.h"

#include <string>

namespace cairn::agents::profiles {

// JSON, deterministic. What the notice lists as withheld is "masked" (data-absent-reason); what it
// only says to be held without saying what, leaves no trace.
std::string notice_as_fhir(const ::cairn::v1::Notice& n, const delivery_info& d);

} // namespace cairn::agents::profiles

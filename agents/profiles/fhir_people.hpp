// The people of a notice as FHIR R4 resources: Patient, RelatedPerson, Person, CarePlan,
// CareTeam.
#pragma once

#include "cairn/v1/notice.pb.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace cairn::agents::profiles::fhir {

// Members in the order of FHIR's own definitions, so that JSON becomes XML member by member.
using json = nlohmann::ordered_json;

struct entry {
    std::string full_url;
    json resource;
};

// The same notice gives the same URLs: urn:uuid from its concern, its desk and `what`, a name of
// this document's own ("patient/child-1").
std::string entry_url(const ::cairn::v1::Notice& n, std::string_view what);

// A child is a Patient. Anybody else is a RelatedPerson of the child related to; where that is no
// one child, a Person, so that no relation is said that the notice does not say.
std::vector<entry> people_of(const ::cairn::v1::Notice& n);

// CP-IS's form: a CarePlan for each plan of each child, and the CareTeam that answers for it.
std::vector<entry> plans_of(const ::cairn::v1::Notice& n);

// "entry" of a person, as FHIR refers to it.
json reference_to(const ::cairn::v1::Notice& n, const ::cairn::v1::Person& p);

// FHIR has no empty strings and no control characters but tab and line ends: null for what is empty
// then.
json text_of(std::string_view text);

// {"extension": [masked]}: there, and not shown.
json masked();

json concept_of(std::string_view system, std::string_view code, std::string_view text);

} // namespace cairn::agents::profiles::fhir

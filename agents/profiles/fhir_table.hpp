// The mapping as tables, one a type of resource: which element of FHIR goes where in a concern.
#pragma once

#include "agents/formats/fhir.hpp"
#include "agents/profiles/fhir_graph.hpp"
#include "agents/profiles/table.hpp"

#include "cairn/v1/concern.pb.h"

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace cairn::agents::profiles {

// A concern in the making: what several resources of one patient are written into. The child is
// its first person.
struct fhir_concern {
    ::cairn::v1::Concern concern;
    // Persons by the resource or contact they were made for.
    std::map<std::string, int> persons;
    // Of persons whose record is restricted: any address endangers.
    std::set<int> restricted;
    // Of persons whose record says that it is not.
    std::set<int> unrestricted;
    // What a reference calls the patient.
    std::string called;
    // A Flag of CP-IS, and its time: a plan where no CarePlan comes.
    bool cpis_flag = false;
    ::cairn::v1::PartialDate flag_from;
    ::cairn::v1::PartialDate flag_until;
};

// One resource being written.
struct fhir_target {
    fhir_concern& to;
    const formats::fhir_resource& resource;
    const fhir_graph& graph;
    // Elements begun by this resource: their numbered path to the place made for them.
    std::map<std::string, int> groups{};
};

// Empty: a type without a table; each of its leaves is unmapped.
std::span<const row<fhir_target>> fhir_rows(std::string_view type);
// Of every type, where its own table has no row.
std::span<const row<fhir_target>> fhir_common_rows();
// The types with tables, for the documentation.
std::vector<std::string_view> fhir_types();

// The tables by what they are about.
std::span<const row<fhir_target>> fhir_patient_rows();
std::span<const row<fhir_target>> fhir_related_rows();
std::span<const row<fhir_target>> fhir_flag_rows();
std::span<const row<fhir_target>> fhir_plan_rows();
std::span<const row<fhir_target>> fhir_team_rows();
std::span<const row<fhir_target>> fhir_communication_rows();

// What needs all resources of a patient: a plan of a Flag alone, protected addresses, an unborn
// child, an adult.
void settle_fhir(fhir_concern& c, std::string_view today);

} // namespace cairn::agents::profiles

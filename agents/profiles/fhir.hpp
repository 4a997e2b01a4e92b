// FHIR R4 (UK Core) to concerns: one for each patient about whom there is something to tell.
//
// A Communication makes it a notification, since something happened and is told; without one a Flag
// or a plan of CP-IS makes it a status. A file of identities alone gives a report and no concern.
// In a file that tells of nobody each Task is an answer to a notice (fhir_task.hpp).
#pragma once

#include "agents/formats/fhir.hpp"
#include "agents/profiles/report.hpp"

#include <string>

namespace cairn::agents::profiles {

using formats::file_source;

struct fhir_options {
    // ISO date: who is born later is not born yet; who is of age is no child.
    std::string today;
    // Patients whose resources are gathered in one reading. Where a file strews those of more over
    // its length, it is read again for the rest: memory stays bounded, whatever the order.
    std::size_t open_at_once = 16'384;
};

// Reads the file two times or more. Purpose, bases, desks and acting person are the caller's to
// add. Failures are those of read_fhir, fhir_graph, answer_of_task and `to`; none after the first
// concern was handed over, but for a Task, a file that changed meanwhile or a sink that fails.
result<file_report>
map_fhir(const file_source& file, const fhir_options& options, const concern_sink& to);

} // namespace cairn::agents::profiles

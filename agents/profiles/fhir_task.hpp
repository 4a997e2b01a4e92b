// What a health system answers to a notice: the Task it was given (fhir_notice.hpp), done.
#pragma once

#include "agents/formats/fhir.hpp"
#include "agents/profiles/table.hpp"

#include "cairn/v1/concern.pb.h"

#include <string>

namespace cairn::agents::profiles {

// One Task being read.
struct fhir_answer {
    // Task.status, known before the rest: only a completed Task decides.
    std::string status;
    ::cairn::v1::Concern concern{};
    // Reason of an outcome, note of an acknowledgement.
    std::string words{};
    ::cairn::v1::Outcome::Decision decision = ::cairn::v1::Outcome::DECISION_UNSPECIFIED;
    // An output was given as a code, whether or not it is a decision.
    bool coded = false;
};

std::span<const row<fhir_answer>> fhir_task_rows();

// A Task as an acknowledgement or an outcome:
//
//   Task.focus.identifier    in_reply_to: urn:uuid of the concern, as the document has it
//   Task.groupIdentifier     thread, likewise
//   received, accepted,
//   in-progress, completed   an acknowledgement
//   completed, with an
//   output that is a code    an outcome: Outcome.Decision of proto/cairn/v1, with or without
//                            "DECISION_"
//   output.valueString,
//   note, statusReason       the reason of an outcome, the note of an acknowledgement
//   owner.identifier.value   acting.staff_id
//   performerType.text       acting.role
//
// Purpose, bases and what else is empty are the caller's. `report` gets each of its leaves.
// errc::format_malformed with the line of the Task: no focus, nothing answered yet, a code that is
// no decision, a Task sent back (rejected, cancelled, failed), which is `cairn return` and no
// concern.
result<::cairn::v1::Concern>
answer_of_task(const formats::fhir_resource& task, file_report& report);

} // namespace cairn::agents::profiles

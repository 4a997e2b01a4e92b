// What a health system answers to a notice: the Task it was given (fhir_notice.hpp), done.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

#include "cairn/v1/concern.pb.h"

#include <vector>

namespace cairn::agents::profiles {

// Each Task of a FHIR R4 file, XML or JSON, a Bundle or one, as an acknowledgement or an outcome:
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
// For who picks answers up from a watched file. Purpose, bases and what else is empty are the
// caller's. errc::format_malformed as read_fhir, and with the line of the Task: no
// focus, nothing answered yet, a code that is no decision, a Task sent back (rejected, cancelled,
// failed), which is `cairn return` and no concern; errc::required where the file has no Task.
result<std::vector<::cairn::v1::Concern>> answers_of_fhir(bytes_view file);

} // namespace cairn::agents::profiles

// What is asked over the control socket, and what is answered.
//
//   copy keys             keys.db as it is now into DATA/backup/keys.db, which must not be there
//   backed up DETAIL      a note in the log: a backup is whole
//
// "ok", or "failed NUMBER CAUSE" with a number of the error catalogue.
#pragma once

#include "daemon/runtime.hpp"

namespace cairn::daemon {

// Thread: any but the ledger's. Blocks for as long as copying takes.
std::string answer_control(runtime& rt, std::string_view line);
// The other side's reading of it.
status status_of_answer(std::string_view answer);

// Where copies are made while a backup runs.
std::string backup_folder(const std::string& data_folder);

} // namespace cairn::daemon

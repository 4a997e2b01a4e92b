// Notices and answers as files.
#pragma once

#include "agents/apps/folders.hpp"
#include "agents/core/delivery.hpp"
#include "agents/core/outbox.hpp"
#include "agents/profiles/outputs.hpp"

#include <string>

namespace cairn::agents::apps {

// <position>.pb (the exact bytes), .json, .html, what the profile makes beside them and, where the
// broker sent one, .tlog-proof. Done when it returns, power loss included. Not for a withdrawal:
// see recall.hpp.
status store_notice(
    const std::filesystem::path& inbox,
    const delivery& d,
    profiles::agency_profile profile = profiles::agency_profile::any
);

// Accepted: sent/<key>.json and <key>.tlog-proof, safe from power loss after sync_folder() of sent.
// Refused: rejected/<key>/ with the concern and the reason.
status file_answer(const folders& where, const submission& settled);

// rejected/<id>/ with the file under a name that says nothing, and the reason.
status file_rejected(
    const folders& where,
    const std::string& id,
    std::string_view extension,
    bytes_view content,
    std::string_view reason
);

} // namespace cairn::agents::apps

// A dropped file that is not taken: rejected/<id>/ with the file and its sidecars under names that
// say nothing, and the reason.
#pragma once

#include "agents/apps/folders.hpp"

namespace cairn::agents::apps {

// `name` is the file's in outbox/. The reason is written first, so that no crash leaves a file
// without one; killed before the file is moved, it is refused anew. errc::file_unwritable,
// storage_full: the file is where it was.
status move_to_rejected(
    const folders& where, const std::string& name, const std::string& id, std::string_view reason
);

} // namespace cairn::agents::apps

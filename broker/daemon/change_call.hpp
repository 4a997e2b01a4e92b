// A call that changes the registry: the change, and the answer on the call's own thread.
#pragma once

#include "daemon/services.hpp"

namespace cairn::daemon {

// `plan` makes the changes when their turn comes; `answer` ends the call where they are on disk, or
// where nothing had to change. A refusal ends it by itself.
void change_call(
    services& s,
    session::call& c,
    const registry::caller& who,
    bytes_view exact,
    std::function<result<registry::change_list>(const v1::RegistryState&)> plan,
    std::function<void(session::call&, const changed_registry&)> answer,
    registry::change_author by = registry::change_author::step
);

// ApplyResponse: epoch and receipt.
void answer_applied(session::call& c, const changed_registry& done);

} // namespace cairn::daemon

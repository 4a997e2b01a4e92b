// A note in a log that nobody serves: what a tool did to it.
#pragma once

#include "core/clock.hpp"
#include "ledger/ledger.hpp"

namespace cairn::daemon {

// errc::overloaded when no key slot is free.
result<ledger::draft> make_lone_note(
    ledger::ledger& store, random_source& random, std::string_view what, std::string_view detail
);

} // namespace cairn::daemon

// What a correction takes out of the inboxes when it brings a harm flag: whatever says the same
// thing without it.
#pragma once

#include <string>
#include <vector>

namespace cairn::ledger {

struct correction {
    std::string id;
    // The concern it names.
    std::string corrects;
};

// Ids, oldest first: the concern at the root of `named`, and every correction of it or of one of
// its corrections. `corrections`: the sender's of that thread, oldest first. Another concern of the
// thread says something else and stays.
std::vector<std::string>
superseded(const std::string& named, const std::vector<correction>& corrections);

} // namespace cairn::ledger

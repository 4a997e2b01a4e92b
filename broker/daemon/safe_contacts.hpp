// A harm flag that comes late withdraws what its correction replaces (ledger/superseded.hpp). What
// the sender told in other concerns of the thread says more than an address and stays, so the
// sender is told which of them still give one as safe.
#pragma once

#include "cairn/v1/exchange.pb.h"
#include "cairn/v1/record.pb.h"

#include <set>
#include <string>
#include <vector>

namespace cairn::daemon {

namespace v1 = ::cairn::v1;

class safe_contacts {
public:
    // A concern of the thread by the same sender; the oldest first.
    void see(const v1::ConcernRecord& record);
    // Ids, oldest first, of those that stand and give an address or contact of anybody but a
    // professional without protection. What was corrected stands by its newest correction, what was
    // recalled does not stand. `named`, what it corrects and its corrections are left out.
    [[nodiscard]] std::vector<std::string> beside(const std::string& named) const;

private:
    struct told {
        std::string id;
        // Itself, or what it corrects in the end.
        std::string root;
        bool as_safe = false;
    };
    [[nodiscard]] std::string root_of(const std::string& id) const;

    std::vector<told> told_;
    std::set<std::string> recalled_;
};

// To the sender of a correction that protects an address, one for each.
std::vector<v1::Warning> still_given_as_safe(const std::vector<std::string>& concerns);

} // namespace cairn::daemon

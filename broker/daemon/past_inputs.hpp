// Stored inputs of decisions as the replay reads them: from a record of the log, or from a concern
// that was just accepted. Both the same, so that a shadow counts what a simulation would find.
#pragma once

#include "daemon/accept.hpp"
#include "policy/trial/replay.hpp"

#include "cairn/v1/record.pb.h"

#include <deque>

namespace cairn::daemon {

// Keeps views into `record`. Nullopt where it has no inputs or names a desk the registry does not
// have.
std::optional<policy::past_concern>
past_inputs(const v1::ConcernRecord& record, const registry::snapshot& registry);
// Keeps views into `p`.
policy::past_concern past_inputs(const prepared& p);

// The texts that decided, compiled for the days they decided on. One thread at a time.
class past_policies {
public:
    explicit past_policies(runtime& rt) : rt_(rt) {}

    // The text as it decided at that time; null where it is not there or does not compile any more.
    // Query pool.
    std::shared_ptr<const policy::table> at(const digest& text, std::int64_t decided_at_us);

private:
    // Two days between which no rule of a text begins have one table.
    struct kept {
        digest text;
        std::string from;
        std::string before;
        std::shared_ptr<const policy::table> table;
    };
    kept make(const digest& text, const std::string& day);

    runtime& rt_;
    // A compiled text takes memory; the log goes from day to day.
    static constexpr std::size_t most = 4;
    std::deque<kept> known_;
};

} // namespace cairn::daemon

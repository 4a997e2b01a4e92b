// Why a concern was shown and hidden as it was, to its sender and to an auditor.
#pragma once

#include "daemon/runtime.hpp"
#include "redaction/explain.hpp"

#include "cairn/v1/record.pb.h"

namespace cairn::daemon {

namespace v1 = ::cairn::v1;

// Of one record, by the policy it was decided under. Any thread; holds what it is given by
// reference.
class explanations {
public:
    // `own`: as it was submitted. `registry`: today's; whose pupil a child was is asked of it for
    // challenges alone, every other input is the record's.
    explanations(
        const policy::table& rules,
        const registry::snapshot& registry,
        const v1::ConcernRecord& record,
        const v1::Concern& own
    );

    [[nodiscard]] v1::DeskExplanation
    of(const v1::ConcernRecord::Notified& desk, redaction::audience to) const;

private:
    [[nodiscard]] std::uint32_t flags_at(std::string_view desk) const;

    const policy::table& rules_;
    const registry::snapshot& registry_;
    const v1::ConcernRecord& record_;
    const v1::Concern& own_;
    redaction::analysis inputs_;
    redaction::declared declared_;
};

} // namespace cairn::daemon

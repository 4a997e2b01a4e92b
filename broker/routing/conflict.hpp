// Who must not learn of a concern. One answer for every path: routing, deputies, out-of-hours
// desks, ladder rungs, tracking, statistics.
#pragma once

#include "cairn/v1/concern.pb.h"

#include <set>
#include <string>
#include <string_view>

namespace cairn::routing {

namespace v1 = ::cairn::v1;

class conflict_set {
public:
    // The sender's list of agencies and desks, and the employers of those accused: of the person an
    // allegation names, and of every alleged perpetrator.
    static conflict_set of(const v1::Concern& c);
    // Who is bound by another concern of the same thread is bound here as well.
    void join(const conflict_set& other);

    // True for a listed desk, for every desk of a listed agency and of an employer. The officer for
    // allegations answers to nobody's line: where the employer is the council, its LADO is bound
    // only by the sender's list.
    [[nodiscard]] bool binds(std::string_view desk) const;
    // True for a desk or agency the sender listed, whoever employs the accused.
    [[nodiscard]] bool lists(std::string_view desk) const;
    // Any of the agency's people may be the accused or the accused's line.
    [[nodiscard]] bool binds_agency(std::string_view agency) const;

private:
    std::set<std::string, std::less<>> listed_;
    std::set<std::string, std::less<>> employers_;
};

} // namespace cairn::routing

// Which routing rules speak of a concern. Internal to the module.
#pragma once

#include "policy/table.hpp"

#include "cairn/v1/concern.pb.h"

#include <vector>

namespace cairn::routing {

namespace v1 = ::cairn::v1;

// What routing rules look at.
struct route_point {
    v1::ConcernKind kind = v1::CONCERN_KIND_UNSPECIFIED;
    // UNSPECIFIED unless a notification: a rule that names incidents speaks of notifications only.
    v1::Notification::Incident incident = v1::Notification::INCIDENT_UNSPECIFIED;
    v1::Purpose purpose = v1::PURPOSE_UNSPECIFIED;
    v1::RiskLevel risk = v1::RISK_LEVEL_UNSPECIFIED;
};

v1::ConcernKind kind_of(const v1::Concern& c);
route_point point_of(const v1::Concern& c);

// In number order. Where an exclusive rule matches, the exclusive ones only.
std::vector<const v1::RoutingRule*> matching(const policy::table& rules, const route_point& p);

} // namespace cairn::routing

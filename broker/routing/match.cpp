#include "routing/match.hpp"

#include <algorithm>

namespace cairn::routing {

namespace {

template <class Values>
bool speaks(const Values& values, int v) {
    return values.empty() || std::find(values.begin(), values.end(), v) != values.end();
}

} // namespace

v1::ConcernKind kind_of(const v1::Concern& c) {
    switch (c.body_case()) {
    case v1::Concern::kNotification:
        return v1::CONCERN_KIND_NOTIFICATION;
    case v1::Concern::kInformationRequest:
        return v1::CONCERN_KIND_INFORMATION_REQUEST;
    case v1::Concern::kAnswer:
        return v1::CONCERN_KIND_ANSWER;
    case v1::Concern::kOutcome:
        return v1::CONCERN_KIND_OUTCOME;
    case v1::Concern::kFeedback:
        return v1::CONCERN_KIND_FEEDBACK;
    case v1::Concern::kChallenge:
        return v1::CONCERN_KIND_CHALLENGE;
    case v1::Concern::kCorrection:
        return v1::CONCERN_KIND_CORRECTION;
    case v1::Concern::kRecall:
        return v1::CONCERN_KIND_RECALL;
    case v1::Concern::kAcknowledgement:
        return v1::CONCERN_KIND_ACKNOWLEDGEMENT;
    case v1::Concern::kLink:
        return v1::CONCERN_KIND_LINK;
    case v1::Concern::kStatus:
        return v1::CONCERN_KIND_STATUS;
    case v1::Concern::BODY_NOT_SET:
        break;
    }
    return v1::CONCERN_KIND_UNSPECIFIED;
}

route_point point_of(const v1::Concern& c) {
    return {kind_of(c), c.notification().incident(), c.purpose(), c.risk().level()};
}

std::vector<const v1::RoutingRule*> matching(const policy::table& rules, const route_point& p) {
    std::vector<const v1::RoutingRule*> out;
    for (const auto& r : rules.source().routing()) {
        if (speaks(r.kinds(), p.kind) && speaks(r.incidents(), p.incident) &&
            speaks(r.purposes(), p.purpose) && p.risk >= r.min_risk()) {
            out.push_back(&r);
        }
    }
    const auto exclusive = [](const v1::RoutingRule* r) { return r->exclusive(); };
    if (std::any_of(out.begin(), out.end(), exclusive)) {
        std::erase_if(out, [&](const v1::RoutingRule* r) { return !exclusive(r); });
    }
    std::sort(out.begin(), out.end(), [](const auto* a, const auto* b) {
        return a->number() < b->number();
    });
    return out;
}

} // namespace cairn::routing

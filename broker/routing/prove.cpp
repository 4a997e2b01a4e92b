#include "routing/match.hpp"
#include "routing/route.hpp"

namespace cairn::routing {

namespace {

// A rule that finds a desk, or says that the sender or the thread names it.
bool reaches(const v1::RoutingRule& r) {
    switch (r.target()) {
    case v1::RoutingRule::TARGET_ROLE:
        return r.role() != v1::ROLE_UNSPECIFIED;
    case v1::RoutingRule::TARGET_SCHOOL_OF_CHILD:
        return r.fallback_role() != v1::ROLE_UNSPECIFIED;
    case v1::RoutingRule::TARGET_THREAD_PARTIES:
    case v1::RoutingRule::TARGET_ADDRESSED:
        return true;
    default:
        return false;
    }
}

// A reply stays in its thread, which the officer is in.
bool reaches_officer(const v1::RoutingRule& r, v1::ConcernKind kind) {
    if (r.target() == v1::RoutingRule::TARGET_ROLE) return r.role() == v1::ROLE_LADO;
    const bool reply = kind >= v1::CONCERN_KIND_ANSWER && kind <= v1::CONCERN_KIND_ACKNOWLEDGEMENT;
    return reply && r.target() == v1::RoutingRule::TARGET_THREAD_PARTIES;
}

failure contradiction(const route_point& p, const char* what) {
    std::string where = v1::ConcernKind_Name(p.kind) + ", " + v1::Purpose_Name(p.purpose);
    if (p.incident != v1::Notification::INCIDENT_UNSPECIFIED) {
        where += ", " + v1::Notification::Incident_Name(p.incident);
    }
    return fail(errc::policy_contradiction, where + ": " + what);
}

status prove_point(const policy::table& rules, const route_point& p) {
    const auto found = matching(rules, p);
    bool any = false;
    for (const auto* r : found) any = any || reaches(*r);
    if (!any) return contradiction(p, "reaches no desk");
    const bool accused = p.incident == v1::Notification::INCIDENT_STAFF_ALLEGATION ||
                         p.purpose == v1::PURPOSE_ALLEGATION;
    if (accused && !found.front()->exclusive()) {
        return contradiction(p, "an allegation about staff must have an exclusive route");
    }
    // Conflicts bind every route; a text that says otherwise of this one misleads who signs it.
    if (accused && !found.front()->exclude_employer()) {
        return contradiction(p, "the route of an allegation must exclude the employer");
    }
    if (accused && !reaches_officer(*found.front(), p.kind)) {
        return contradiction(p, "an allegation about staff must reach the officer for allegations");
    }
    // Two exclusive rules that disagree would each send what the other keeps back.
    for (const auto* r : found) {
        if (r->exclusive() &&
            (r->target() != found.front()->target() || r->role() != found.front()->role())) {
            return contradiction(p, "two exclusive routes disagree");
        }
    }
    return {};
}

} // namespace

status prove_routing(const policy::table& rules) {
    // At every risk: a rule from some level up may bring a contradiction, never the only route.
    for (int risk = 0; risk <= v1::RiskLevel_MAX; ++risk) {
        for (int kind = 1; kind <= v1::ConcernKind_MAX; ++kind) {
            const bool notification = kind == v1::CONCERN_KIND_NOTIFICATION;
            for (int purpose = 1; purpose <= v1::Purpose_MAX; ++purpose) {
                const int first = notification ? 1 : 0;
                const int last = notification ? v1::Notification::Incident_MAX : 0;
                for (int incident = first; incident <= last; ++incident) {
                    CAIRN_TRY(prove_point(
                        rules,
                        {static_cast<v1::ConcernKind>(kind),
                         static_cast<v1::Notification::Incident>(incident),
                         static_cast<v1::Purpose>(purpose),
                         static_cast<v1::RiskLevel>(risk)}
                    ));
                }
            }
        }
    }
    return {};
}

} // namespace cairn::routing

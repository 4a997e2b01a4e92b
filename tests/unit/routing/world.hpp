// A partnership for the tests of routing.
#pragma once

#include "routing/route.hpp"
#include "support/shipped_policy.hpp"

#include <algorithm>
#include <string>

namespace cairn::routing::testing {

inline const policy::table& shipped() {
    return *test::shipped_policy();
}

inline void
agency(v1::RegistryState& s, const char* id, v1::AgencyKind kind, const char* code = "") {
    auto& a = *s.add_agencies();
    a.set_id(id);
    a.set_name(id);
    a.set_kind(kind);
    if (*code != 0) a.add_organisation_codes(code);
}

inline v1::Desk&
desk(v1::RegistryState& s, const char* id, std::initializer_list<const char*> deputies = {}) {
    auto& d = *s.add_desks();
    d.set_id(id);
    for (const char* x : deputies) d.add_deputies(x);
    return d;
}

// One council, one police force, a hospital, two schools; a second council stands in for some
// desks.
inline v1::RegistryState partnership() {
    v1::RegistryState s;
    agency(s, "northshire-council", v1::AGENCY_KIND_SOCIAL_CARE);
    agency(s, "southshire-council", v1::AGENCY_KIND_SOCIAL_CARE);
    agency(s, "northshire-police", v1::AGENCY_KIND_POLICE);
    agency(s, "royal-hospital", v1::AGENCY_KIND_HEALTH);
    agency(s, "oakfield", v1::AGENCY_KIND_SCHOOL, "999/4001");
    agency(s, "st-marys", v1::AGENCY_KIND_SCHOOL, "999/4002");
    desk(
        s,
        "northshire-council/front_door",
        {"northshire-council/allocated", "southshire-council/allocated"}
    );
    desk(s, "northshire-council/allocated", {"southshire-council/allocated"});
    desk(s, "northshire-council/lado", {"southshire-council/lado"});
    desk(s, "southshire-council/allocated");
    desk(s, "southshire-council/lado").set_closed(true);
    desk(s, "northshire-police/mash", {"northshire-police/ppu"});
    desk(s, "northshire-police/ppu");
    desk(s, "royal-hospital/named");
    desk(s, "oakfield/dsl", {"st-marys/dsl"});
    desk(s, "st-marys/dsl", {"oakfield/dsl"});
    return s;
}

inline std::shared_ptr<const registry::snapshot> built(v1::RegistryState s) {
    auto made = registry::snapshot::build(std::move(s));
    if (!made) FAIL(made.error().where);
    return *made;
}

inline v1::Concern
notification(v1::Notification::Incident incident, v1::Purpose purpose = v1::PURPOSE_S47) {
    v1::Concern c;
    c.set_purpose(purpose);
    c.mutable_notification()->set_incident(incident);
    c.mutable_risk()->set_level(v1::RISK_LEVEL_SIGNIFICANT_HARM);
    return c;
}

inline v1::Person& child(v1::Concern& c, const char* ref, const char* school) {
    auto& p = *c.add_persons();
    p.set_ref(ref);
    p.set_role(v1::SUBJECT_CHILD);
    if (*school != 0) p.mutable_education()->set_school_code(school);
    return p;
}

inline result<route> routed(
    const v1::Concern& c,
    const char* sender = "northshire-police",
    const v1::RegistryState& state = partnership(),
    const thread_parties& thread = {}
) {
    return find_route(c, {sender}, *built(state), shipped(), thread);
}

// The ids, one space between.
inline std::string desks(const result<route>& r) {
    if (!r) return std::string(describe(r.error().code).symbol);
    std::string out;
    for (const auto& d : r->desks) out += (out.empty() ? "" : " ") + d.desk;
    return out;
}

inline const routed_desk& at(const result<route>& r, std::string_view id) {
    for (const auto& d : r->desks) {
        if (d.desk == id) return d;
    }
    FAIL("not routed to " << id);
    return r->desks.front();
}

inline bool warned(const result<route>& r, std::string_view code, std::string_view where = {}) {
    return std::any_of(r->warnings.begin(), r->warnings.end(), [&](const v1::Warning& w) {
        return w.code() == code && (where.empty() || w.where() == where);
    });
}

} // namespace cairn::routing::testing

// A small registry in which every right and every refusal can be shown.
#pragma once

#include "registry/authorise.hpp"
#include "support/result_text.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace cairn::registry::testing {

inline constexpr std::int64_t now = 1'800'000'000'000'000;
inline constexpr std::int64_t day = 86'400'000'000;
inline constexpr std::string_view partnership = "northshire";

inline std::string pin(char c) {
    return std::string(64, c);
}

inline v1::Agency& add_agency(v1::RegistryState& s, const char* id, v1::AgencyKind kind) {
    auto& a = *s.add_agencies();
    a.set_id(id);
    a.set_name(std::string("The ") + id);
    a.set_kind(kind);
    return a;
}

inline v1::Desk& add_desk(v1::RegistryState& s, const char* id) {
    auto& d = *s.add_desks();
    d.set_id(id);
    return d;
}

inline v1::Certificate& add_certificate(v1::RegistryState& s, char mark, const std::string& name) {
    auto& c = *s.add_certificates();
    c.set_sha256(pin(mark));
    c.set_uri("spiffe://northshire/" + name);
    if (name.rfind("agency/", 0) == 0) c.set_agency(name.substr(7));
    c.set_not_after_us(now + 90 * day);
    return c;
}

// a: the school's; b: the council's; c: the vendor's with a mandate for the school; d: revoked;
// e: expired; f: without any right; 1 admin, 2 auditor, 3 monitor.
inline v1::RegistryState world() {
    v1::RegistryState s;
    s.set_epoch(7);
    add_agency(s, "oakfield", v1::AGENCY_KIND_SCHOOL).add_organisation_codes("999/4001");
    add_agency(s, "northshire-council", v1::AGENCY_KIND_SOCIAL_CARE);
    add_agency(s, "school-systems", v1::AGENCY_KIND_VOLUNTARY);
    add_desk(s, "oakfield/dsl");
    add_desk(s, "northshire-council/front_door").add_deputies("northshire-council/allocated");
    add_desk(s, "northshire-council/allocated");
    auto& a = add_certificate(s, 'a', "agency/oakfield");
    a.add_desks("oakfield/dsl");
    a.add_kinds(v1::CONCERN_KIND_NOTIFICATION);
    a.add_purposes(v1::PURPOSE_CIN17);
    auto& b = add_certificate(s, 'b', "agency/northshire-council");
    b.add_desks("northshire-council/front_door");
    auto& m = *s.add_mandates();
    m.set_id("mandate-1");
    m.set_holder("school-systems");
    m.set_for_agency("oakfield");
    m.add_desks("oakfield/dsl");
    m.set_from_us(now - day);
    m.set_until_us(now + day);
    auto& c = add_certificate(s, 'c', "agency/school-systems");
    c.add_desks("oakfield/dsl");
    c.add_kinds(v1::CONCERN_KIND_NOTIFICATION);
    c.add_purposes(v1::PURPOSE_CIN17);
    add_certificate(s, 'd', "agency/oakfield").set_revoked(true);
    add_certificate(s, 'e', "agency/oakfield").set_not_after_us(now);
    add_certificate(s, 'f', "agency/oakfield");
    add_certificate(s, '1', "admin/ops");
    add_certificate(s, '2', "auditor/dpo");
    add_certificate(s, '3', "monitor/probe");
    return s;
}

inline std::shared_ptr<const snapshot> built(v1::RegistryState s) {
    auto made = snapshot::build(std::move(s));
    if (!made) FAIL(made.error().where);
    return *made;
}

} // namespace cairn::registry::testing

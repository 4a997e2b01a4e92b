#include "registry/authorise.hpp"

#include "registry/check.hpp"

#include <algorithm>

namespace cairn::registry {

namespace {

caller_kind kind_of(std::string_view text) {
    if (text == "admin") return caller_kind::admin;
    if (text == "auditor") return caller_kind::auditor;
    if (text == "monitor") return caller_kind::monitor;
    if (text == "invite") return caller_kind::invite;
    return caller_kind::agency;
}

template <class Values, class Value>
bool has(const Values& values, const Value& value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

result<const v1::Certificate*>
live_certificate(const snapshot& registry, std::string_view sha256, std::int64_t now_us) {
    const v1::Certificate* c = registry.certificate(sha256);
    if (!c) return fail(errc::certificate_unknown);
    if (c->revoked()) return fail(errc::certificate_revoked);
    if (now_us >= c->not_after_us()) return fail(errc::unauthenticated, "certificate expired");
    return c;
}

// Any of several mandates may be the one that names this desk.
bool mandated_desk(
    const snapshot& registry,
    std::string_view holder,
    std::string_view for_agency,
    std::string_view desk,
    std::int64_t now_us
) {
    for (const auto& m : registry.state().mandates()) {
        if (m.holder() == holder && m.for_agency() == for_agency && in_force(m, now_us) &&
            has(m.desks(), desk)) {
            return true;
        }
    }
    return false;
}

status check_agency(const snapshot& registry, std::string_view id) {
    const v1::Agency* a = registry.agency(id);
    if (!a) return fail(errc::operation_not_allowed);
    if (a->suspended()) return fail(errc::agency_suspended);
    if (a->stage() == v1::AGENCY_STAGE_INVITED) return fail(errc::agency_not_live);
    return {};
}

// Acting for another, or being acted for, is for live agencies alone.
status check_both_live(const snapshot& registry, std::string_view one, std::string_view other) {
    for (const auto id : {one, other}) {
        CAIRN_TRY(check_agency(registry, id));
        if (!is_live(*registry.agency(id))) return fail(errc::agency_not_live);
    }
    return {};
}

status check_stage(const snapshot& registry, std::string_view id, v1::AgencyStage stage) {
    CAIRN_TRY(check_agency(registry, id));
    const v1::Agency& a = *registry.agency(id);
    if (stage == v1::AGENCY_STAGE_LIVE && is_live(a)) return {};
    if (a.stage() == stage) return {};
    return stage == v1::AGENCY_STAGE_LIVE ? fail(errc::agency_not_live)
                                          : fail(errc::enrolment_step, "agency: it is live");
}

// The agency acted for.
result<std::string> acting_for(const snapshot& registry, const caller& who, const request& what) {
    CAIRN_TRY(check_agency(registry, who.id));
    if (what.on_behalf_of.empty() || what.on_behalf_of == who.id) return who.id;
    if (!registry.mandate(who.id, what.on_behalf_of, what.now_us)) return fail(errc::no_mandate);
    CAIRN_TRY(check_both_live(registry, who.id, what.on_behalf_of));
    return std::string(what.on_behalf_of);
}

// The desk's own agency: the desk says for whom, so that a stream needs no second name.
result<std::string> desk_holder(
    const snapshot& registry, const caller& who, const v1::Certificate& c, const request& what
) {
    CAIRN_TRY(check_agency(registry, who.id));
    const auto name = parse_desk(what.desk);
    // An unknown desk answers as a forbidden one: the registry is not to be searched by refusals.
    if (!name || !registry.desk(what.desk) || !has(c.desks(), what.desk)) {
        return fail(errc::desk_not_allowed);
    }
    if (!what.on_behalf_of.empty() && what.on_behalf_of != name->agency) {
        return fail(errc::desk_not_allowed);
    }
    if (name->agency != who.id) {
        if (!mandated_desk(registry, who.id, name->agency, what.desk, what.now_us)) {
            return fail(errc::no_mandate);
        }
        CAIRN_TRY(check_both_live(registry, who.id, name->agency));
    }
    return std::string(name->agency);
}

result<std::string> authorise_agency(
    const snapshot& registry, const caller& who, const v1::Certificate& c, const request& what
) {
    switch (what.what) {
    case operation::submit:
    case operation::preview: {
        auto agency = acting_for(registry, who, what);
        if (!agency) return agency;
        if (!has(c.kinds(), static_cast<int>(what.kind))) return fail(errc::kind_not_allowed);
        if (!has(c.purposes(), static_cast<int>(what.purpose))) {
            return fail(errc::purpose_not_allowed);
        }
        return agency;
    }
    case operation::receive:
        return desk_holder(registry, who, c, what);
    case operation::track:
    case operation::list_desks:
        return acting_for(registry, who, what);
    case operation::health:
    case operation::enrolment:
    case operation::retire:
        CAIRN_TRY(check_agency(registry, who.id));
        return who.id;
    case operation::conform:
        CAIRN_TRY(check_stage(registry, who.id, v1::AGENCY_STAGE_TESTING));
        return who.id;
    case operation::renew:
        CAIRN_TRY(check_stage(registry, who.id, v1::AGENCY_STAGE_LIVE));
        return who.id;
    case operation::enrol:
    case operation::administer:
    case operation::audit:
        break;
    }
    return fail(errc::operation_not_allowed);
}

} // namespace

result<caller> identify(
    const snapshot& registry,
    std::string_view partnership,
    std::string_view certificate_sha256,
    const std::vector<std::string>& uris,
    std::int64_t now_us
) {
    if (certificate_sha256.empty()) return fail(errc::unauthenticated);
    if (uris.size() != 1) return fail(errc::certificate_identity);
    const auto uri = parse_uri(uris.front());
    if (!uri || uri->partnership != partnership) return fail(errc::certificate_identity);
    const auto c = live_certificate(registry, certificate_sha256, now_us);
    if (!c) return c.error();
    // The pin was given to one name; the same key under another name is not that one.
    if ((*c)->uri() != uris.front()) return fail(errc::certificate_identity);
    return caller{kind_of(uri->kind), std::string(uri->id), (*c)->sha256()};
}

result<std::string> authorise(const snapshot& registry, const caller& who, const request& what) {
    const auto c = live_certificate(registry, who.certificate_sha256, what.now_us);
    if (!c) return c.error();
    const auto uri = parse_uri((*c)->uri());
    if (!uri || uri->id != who.id || kind_of(uri->kind) != who.kind) {
        return fail(errc::certificate_identity);
    }
    const bool health = what.what == operation::health;
    switch (who.kind) {
    case caller_kind::agency:
        return authorise_agency(registry, who, **c, what);
    case caller_kind::admin:
        if (health || what.what == operation::administer) return std::string();
        break;
    case caller_kind::auditor:
        if (health || what.what == operation::audit) return std::string();
        break;
    case caller_kind::monitor:
        if (health) return std::string();
        break;
    case caller_kind::invite:
        if (what.what == operation::enrol || what.what == operation::enrolment) {
            return std::string();
        }
        break;
    }
    return fail(errc::operation_not_allowed);
}

std::int64_t allowed_until(const snapshot& registry, const caller& who, const request& what) {
    const v1::Certificate* c = registry.certificate(who.certificate_sha256);
    if (c == nullptr) return what.now_us;
    std::int64_t out = c->not_after_us();
    std::string_view agency = what.on_behalf_of;
    if (const auto name = parse_desk(what.desk)) agency = name->agency;
    if (agency.empty() || agency == who.id) return out;
    // Another mandate may begin as this one ends: whoever asks then asks authorise() again.
    for (const auto& m : registry.state().mandates()) {
        const bool counts = m.holder() == who.id && m.for_agency() == agency &&
                            in_force(m, what.now_us) &&
                            (what.desk.empty() || has(m.desks(), what.desk));
        if (counts) out = std::min(out, m.until_us());
    }
    return out;
}

} // namespace cairn::registry

#include "registry/check.hpp"

#include "core/limits.hpp"

#include <algorithm>
#include <set>

namespace cairn::registry {

namespace {

// A domain name or one label of it, as `certs` makes them.
bool is_partnership(std::string_view text) {
    if (text.size() < 2 || text.size() > 40) return false;
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return plain(text.front()) && plain(text.back()) && text.find("..") == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [&](char c) {
               return plain(c) || c == '-' || c == '.';
           });
}

failure bad(std::string_view table, std::string_view id, std::string_view what) {
    std::string where(table);
    where.append(" ").append(id).append(": ").append(what);
    return fail(errc::bad_value, std::move(where));
}

// A role belongs to the kinds of agency that have such people: a school with a police desk would
// otherwise be shown what police see.
bool role_fits(v1::Role role, v1::AgencyKind kind) {
    switch (role) {
    case v1::ROLE_MASH:
    case v1::ROLE_PPU:
    case v1::ROLE_ENCOMPASS:
        return kind == v1::AGENCY_KIND_POLICE;
    case v1::ROLE_ED:
    case v1::ROLE_NAMED:
    case v1::ROLE_HV:
    case v1::ROLE_MIDWIFE:
    case v1::ROLE_GP:
    case v1::ROLE_CAMHS:
        return kind == v1::AGENCY_KIND_HEALTH;
    case v1::ROLE_DSL:
        return kind == v1::AGENCY_KIND_SCHOOL;
    case v1::ROLE_FRONT_DOOR:
    case v1::ROLE_ALLOCATED:
    case v1::ROLE_CP_CHAIR:
    case v1::ROLE_LADO:
        return kind == v1::AGENCY_KIND_SOCIAL_CARE;
    case v1::ROLE_PROBATION:
        return kind == v1::AGENCY_KIND_PROBATION;
    case v1::ROLE_MAPPA:
        return kind == v1::AGENCY_KIND_PROBATION || kind == v1::AGENCY_KIND_POLICE;
    // One council is one controller: it may run youth justice and housing itself.
    case v1::ROLE_YOUTH_JUSTICE:
        return kind == v1::AGENCY_KIND_YOUTH_JUSTICE || kind == v1::AGENCY_KIND_SOCIAL_CARE;
    case v1::ROLE_HOUSING:
        return kind == v1::AGENCY_KIND_HOUSING || kind == v1::AGENCY_KIND_SOCIAL_CARE;
    // Advocates sit in charities, hospitals and councils.
    case v1::ROLE_IDVA:
        return kind == v1::AGENCY_KIND_VOLUNTARY || kind == v1::AGENCY_KIND_HEALTH ||
               kind == v1::AGENCY_KIND_SOCIAL_CARE;
    case v1::ROLE_VOLUNTARY:
        return kind == v1::AGENCY_KIND_VOLUNTARY;
    case v1::ROLE_MANAGER:
    case v1::ROLE_AUDITOR:
    case v1::ROLE_REVIEWER:
        return kind == v1::AGENCY_KIND_PARTNERSHIP;
    default:
        return false;
    }
}

struct ids {
    std::map<std::string_view, v1::AgencyKind> agencies;
    std::set<std::string_view> desks;
    // holder, agency acted for, desk; revoked and past mandates too: a certificate outlives them.
    std::set<std::string> mandated;
    // Pin of each enrolment's invitation.
    std::map<std::string_view, std::string_view> invitations;
};

std::string mandated_key(std::string_view holder, std::string_view desk) {
    return std::string(holder).append(" ").append(desk);
}

status check_agencies(const v1::RegistryState& state, ids& known) {
    std::set<std::string> codes;
    for (const auto& a : state.agencies()) {
        if (!is_slug(a.id())) return bad("agency", a.id(), "id must be [a-z0-9-]{2,40}");
        if (a.name().empty()) return bad("agency", a.id(), "name is missing");
        if (a.kind() == v1::AGENCY_KIND_UNSPECIFIED || !v1::AgencyKind_IsValid(a.kind())) {
            return bad("agency", a.id(), "kind is missing or not known");
        }
        if (!v1::AgencyStage_IsValid(a.stage())) return bad("agency", a.id(), "stage is not known");
        if (!known.agencies.emplace(a.id(), a.kind()).second) {
            return bad("agency", a.id(), "is there twice");
        }
        for (const auto& code : a.organisation_codes()) {
            const auto plain = plain_code(code);
            if (plain.empty()) return bad("agency", a.id(), "an organisation code is empty");
            if (!codes.insert(plain).second) {
                return bad("agency", a.id(), "organisation code is already another's or repeated");
            }
        }
    }
    return {};
}

status check_desk_refs(const v1::Desk& d, const ids& known) {
    std::set<std::string_view> deputies;
    for (const auto& deputy : d.deputies()) {
        if (deputy == d.id()) return bad("desk", d.id(), "is its own deputy");
        if (!known.desks.count(deputy)) return bad("desk", d.id(), "a deputy is not a desk");
        if (!deputies.insert(deputy).second) return bad("desk", d.id(), "names a deputy twice");
    }
    if (d.out_of_hours().empty()) return {};
    if (d.out_of_hours() == d.id()) return bad("desk", d.id(), "is its own out-of-hours desk");
    if (!known.desks.count(d.out_of_hours())) {
        return bad("desk", d.id(), "the out-of-hours desk is not a desk");
    }
    return {};
}

status check_desks(const v1::RegistryState& state, ids& known) {
    for (const auto& d : state.desks()) {
        const auto name = parse_desk(d.id());
        if (!name) return bad("desk", d.id(), "id must be <agency>/<role>");
        const auto owner = known.agencies.find(name->agency);
        if (owner == known.agencies.end()) return bad("desk", d.id(), "no such agency");
        if (!role_fits(name->role, owner->second)) {
            return bad("desk", d.id(), "that kind of agency has no such role");
        }
        if (!known.desks.insert(d.id()).second) return bad("desk", d.id(), "is there twice");
    }
    for (const auto& d : state.desks()) CAIRN_TRY(check_desk_refs(d, known));
    return {};
}

status check_mandates(const v1::RegistryState& state, ids& known) {
    std::set<std::string_view> seen;
    for (const auto& m : state.mandates()) {
        if (m.id().empty() || !seen.insert(m.id()).second) {
            return bad("mandate", m.id(), "id is missing or there twice");
        }
        if (!known.agencies.count(m.holder())) return bad("mandate", m.id(), "no such holder");
        if (!known.agencies.count(m.for_agency())) return bad("mandate", m.id(), "no such agency");
        if (m.holder() == m.for_agency()) return bad("mandate", m.id(), "holder acts for itself");
        if (m.from_us() >= m.until_us()) return bad("mandate", m.id(), "ends before it begins");
        for (const auto& desk : m.desks()) {
            const auto name = parse_desk(desk);
            if (!known.desks.count(desk) || !name || name->agency != m.for_agency()) {
                return bad("mandate", m.id(), "a desk is not one of the agency's");
            }
            known.mandated.insert(mandated_key(m.holder(), desk));
        }
    }
    return {};
}

bool is_pin(std::string_view text) {
    const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() == 64 && std::all_of(text.begin(), text.end(), hex);
}

status check_rights(const v1::Certificate& c, const ids& known) {
    for (const auto& desk : c.desks()) {
        const auto name = parse_desk(desk);
        if (!known.desks.count(desk) || !name) {
            return bad("certificate", c.sha256(), "a desk is not in the registry");
        }
        if (name->agency != c.agency() && !known.mandated.count(mandated_key(c.agency(), desk))) {
            return bad("certificate", c.sha256(), "another agency's desk without a mandate");
        }
    }
    for (const int k : c.kinds()) {
        if (k == v1::CONCERN_KIND_UNSPECIFIED || !v1::ConcernKind_IsValid(k)) {
            return bad("certificate", c.sha256(), "a kind is not known");
        }
    }
    for (const int p : c.purposes()) {
        if (p == v1::PURPOSE_UNSPECIFIED || !v1::Purpose_IsValid(p)) {
            return bad("certificate", c.sha256(), "a purpose is not known");
        }
    }
    return {};
}

status check_certificates(const v1::RegistryState& state, ids& known) {
    std::set<std::string_view> pins;
    for (const auto& c : state.certificates()) {
        if (!is_pin(c.sha256())) {
            return bad("certificate", c.sha256(), "sha256 must be 64 lower-case hex digits");
        }
        if (!pins.insert(c.sha256()).second)
            return bad("certificate", c.sha256(), "is there twice");
        const auto uri = parse_uri(c.uri());
        if (!uri) return bad("certificate", c.sha256(), "uri is not one of ours");
        if (c.not_after_us() <= 0) return bad("certificate", c.sha256(), "not_after is missing");
        if (uri->kind == "agency") {
            if (!known.agencies.count(c.agency())) {
                return bad("certificate", c.sha256(), "no such agency");
            }
            if (uri->id != c.agency()) {
                return bad("certificate", c.sha256(), "uri names another agency");
            }
            CAIRN_TRY(check_rights(c, known));
        } else if (!c.agency().empty() || c.desks_size() + c.kinds_size() + c.purposes_size() > 0) {
            return bad("certificate", c.sha256(), "only an agency's certificate has rights");
        }
        if (uri->kind == "invite" && known.invitations[uri->id] != c.sha256()) {
            return bad("certificate", c.sha256(), "no enrolment has this invitation");
        }
    }
    return {};
}

// A run cannot be made without a desk, a notification and its acknowledgement.
status check_granted(const v1::Enrolment& e, const ids& known) {
    if (e.desks().empty()) return bad("enrolment", e.id(), "names no desk");
    for (const auto& desk : e.desks()) {
        const auto name = parse_desk(desk);
        if (!known.desks.count(desk) || !name || name->agency != e.agency()) {
            return bad("enrolment", e.id(), "a desk is not one of the agency's");
        }
    }
    for (const int wanted : {v1::CONCERN_KIND_NOTIFICATION, v1::CONCERN_KIND_ACKNOWLEDGEMENT}) {
        if (std::find(e.kinds().begin(), e.kinds().end(), wanted) == e.kinds().end()) {
            return bad("enrolment", e.id(), "kinds must hold notification and acknowledgement");
        }
    }
    for (const int k : e.kinds()) {
        if (k == v1::CONCERN_KIND_UNSPECIFIED || !v1::ConcernKind_IsValid(k)) {
            return bad("enrolment", e.id(), "a kind is not known");
        }
    }
    if (e.purposes().empty()) return bad("enrolment", e.id(), "names no purpose");
    for (const int p : e.purposes()) {
        if (p == v1::PURPOSE_UNSPECIFIED || !v1::Purpose_IsValid(p)) {
            return bad("enrolment", e.id(), "a purpose is not known");
        }
    }
    return {};
}

status check_enrolments(const v1::RegistryState& state, ids& known) {
    if (state.enrolments_size() > limits::enrolments) {
        return fail(errc::too_many, "enrolments, at most " + std::to_string(limits::enrolments));
    }
    std::set<std::string_view> open;
    for (const auto& e : state.enrolments()) {
        if (!is_slug(e.id())) return bad("enrolment", e.id(), "id must be [a-z0-9-]{2,40}");
        if (!known.agencies.count(e.agency())) return bad("enrolment", e.id(), "no such agency");
        if (e.step() == v1::ENROLMENT_STEP_UNSPECIFIED || !v1::EnrolmentStep_IsValid(e.step())) {
            return bad("enrolment", e.id(), "step is missing or not known");
        }
        if (e.until_us() <= 0) return bad("enrolment", e.id(), "until is missing");
        if (!known.invitations.emplace(e.id(), e.invitation_sha256()).second) {
            return bad("enrolment", e.id(), "is there twice");
        }
        CAIRN_TRY(check_granted(e, known));
        if (e.step() == v1::ENROLMENT_STEP_REFUSED) continue;
        if (!open.insert(e.agency()).second) {
            return bad("enrolment", e.id(), "the agency has another that was not refused");
        }
    }
    return {};
}

status check_renewals(const v1::RegistryState& state) {
    std::set<std::string_view> pins;
    std::set<std::string_view> seen;
    for (const auto& c : state.certificates()) pins.insert(c.sha256());
    for (const auto& r : state.renewals()) {
        if (!pins.contains(r.certificate_sha256())) {
            return bad("renewal", r.certificate_sha256(), "no such certificate");
        }
        if (!seen.insert(r.certificate_sha256()).second) {
            return bad("renewal", r.certificate_sha256(), "is there twice");
        }
    }
    return {};
}

} // namespace

std::optional<uri_name> parse_uri(std::string_view uri) {
    constexpr std::string_view scheme = "spiffe://";
    if (uri.substr(0, scheme.size()) != scheme) return std::nullopt;
    uri.remove_prefix(scheme.size());
    uri_name out;
    for (auto* part : {&out.partnership, &out.kind}) {
        const auto slash = uri.find('/');
        if (slash == std::string_view::npos) return std::nullopt;
        *part = uri.substr(0, slash);
        uri.remove_prefix(slash + 1);
    }
    out.id = uri;
    const bool known = out.kind == "agency" || out.kind == "admin" || out.kind == "auditor" ||
                       out.kind == "monitor" || out.kind == "invite";
    if (!known || !is_slug(out.id) || !is_partnership(out.partnership)) return std::nullopt;
    return out;
}

status check_state(const v1::RegistryState& state) {
    ids known;
    CAIRN_TRY(check_agencies(state, known));
    CAIRN_TRY(check_desks(state, known));
    CAIRN_TRY(check_mandates(state, known));
    CAIRN_TRY(check_enrolments(state, known));
    CAIRN_TRY(check_certificates(state, known));
    return check_renewals(state);
}

} // namespace cairn::registry

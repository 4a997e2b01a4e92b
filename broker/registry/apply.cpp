#include "registry/check.hpp"

#include <algorithm>
#include <set>

namespace cairn::registry {

namespace {

// Replaces the row of the same key, or adds it; gives back what was there before.
template <class Rows, class Row, class Key>
std::optional<Row> put(Rows& rows, const Row& row, Key key) {
    for (auto& have : rows) {
        if (key(have) != key(row)) continue;
        std::optional<Row> before(have);
        have = row;
        return before;
    }
    *rows.Add() = row;
    return std::nullopt;
}

failure refused(const v1::Certificate& c, std::string_view what) {
    return fail(errc::bad_value, "certificate " + c.sha256() + ": " + std::string(what));
}

status put_certificate(v1::RegistryState& state, const v1::Certificate& row) {
    const auto before = put(*state.mutable_certificates(), row, [](const v1::Certificate& c) {
        return c.sha256();
    });
    if (!before) return {};
    // The pin stands for one identity for ever, and a revocation is final: records of both exist.
    if (before->uri() != row.uri() || before->agency() != row.agency()) {
        return refused(row, "its identity cannot change");
    }
    if (before->revoked() && !row.revoked()) return refused(row, "a revocation is final");
    return {};
}

// A new right over another's desk needs a mandate that still stands; an old one may outlive it, for
// authorise looks at the mandate each time.
status check_new_rights(const v1::RegistryState& state, const v1::Certificate& row) {
    for (const auto& desk : row.desks()) {
        const auto name = parse_desk(desk);
        if (row.revoked() || !name || name->agency == row.agency()) continue;
        bool covered = false;
        for (const auto& m : state.mandates()) {
            if (m.revoked() || m.holder() != row.agency()) continue;
            for (const auto& d : m.desks()) covered = covered || d == desk;
        }
        if (!covered) return refused(row, "another agency's desk without a mandate");
    }
    return {};
}

template <class Rows>
auto row_of(const Rows& rows, std::string_view id) -> decltype(&*rows.begin()) {
    for (const auto& row : rows) {
        if (row.id() == id) return &row;
    }
    return nullptr;
}

status admin_may_change(const v1::RegistryState& before, const v1::Agency& row) {
    const auto* old = row_of(before.agencies(), row.id());
    const bool fits = old != nullptr ? old->stage() == row.stage()
                                     : row.stage() == v1::AGENCY_STAGE_UNSPECIFIED ||
                                           row.stage() == v1::AGENCY_STAGE_INVITED;
    if (!fits)
        return fail(errc::bad_value, "agency " + row.id() + ": its enrolment sets the stage");
    return {};
}

// For an agency that is not live a revocation is all there is to say by hand.
status admin_may_change(
    const v1::RegistryState& before, const v1::RegistryState& after, const v1::Certificate& row
) {
    const auto* agency = row_of(after.agencies(), row.agency());
    if (agency == nullptr || is_live(*agency)) return {};
    for (const auto& old : before.certificates()) {
        if (old.sha256() != row.sha256()) continue;
        v1::Certificate revoked = old;
        revoked.set_revoked(row.revoked());
        revoked.set_revoked_because(row.revoked_because());
        if (revoked.SerializeAsString() == row.SerializeAsString()) return {};
    }
    return fail(errc::agency_not_live, "certificate: it is given by the enrolment");
}

// An invitation as it is on its first day.
status admin_may_change(
    const v1::RegistryState& before, const v1::RegistryState& after, const v1::Enrolment& row
) {
    v1::Enrolment fresh;
    fresh.set_id(row.id());
    fresh.set_agency(row.agency());
    *fresh.mutable_desks() = row.desks();
    *fresh.mutable_kinds() = row.kinds();
    *fresh.mutable_purposes() = row.purposes();
    fresh.set_until_us(row.until_us());
    fresh.set_step(v1::ENROLMENT_STEP_INVITED);
    fresh.set_invitation_sha256(row.invitation_sha256());
    if (row_of(before.enrolments(), row.id()) != nullptr ||
        fresh.SerializeAsString() != row.SerializeAsString()) {
        return fail(errc::enrolment_step, "enrolment " + row.id() + ": a new one is invited");
    }
    const auto* agency = row_of(after.agencies(), row.agency());
    if (agency == nullptr || agency->stage() != v1::AGENCY_STAGE_INVITED) {
        return fail(errc::enrolment_step, "enrolment " + row.id() + ": its agency is not invited");
    }
    return {};
}

status admin_may(
    const v1::RegistryState& before, const v1::RegistryState& after, const v1::RegistryChange& c
) {
    if (c.has_agency()) return admin_may_change(before, c.agency());
    if (c.has_certificate()) return admin_may_change(before, after, c.certificate());
    if (c.has_enrolment()) return admin_may_change(before, after, c.enrolment());
    if (c.has_renewal()) return fail(errc::bad_value, "renewal: by Enrol.Renew alone");
    return {};
}

// A certificate that was revoked gets no successor.
void drop_renewals(v1::RegistryState& state) {
    std::set<std::string_view> revoked;
    for (const auto& c : state.certificates()) {
        if (c.revoked()) revoked.insert(c.sha256());
    }
    auto& rows = *state.mutable_renewals();
    const auto gone = [&](const auto& r) { return revoked.contains(r.certificate_sha256()); };
    rows.erase(std::remove_if(rows.begin(), rows.end(), gone), rows.end());
}

} // namespace

result<v1::RegistryState> apply(
    const v1::RegistryState& before,
    const std::vector<v1::RegistryChange>& changes,
    change_author by
) {
    v1::RegistryState after = before;
    for (const auto& change : changes) {
        switch (change.change_case()) {
        case v1::RegistryChange::kAgency:
            put(*after.mutable_agencies(), change.agency(), [](const v1::Agency& a) {
                return a.id();
            });
            break;
        case v1::RegistryChange::kDesk:
            put(*after.mutable_desks(), change.desk(), [](const v1::Desk& d) { return d.id(); });
            break;
        case v1::RegistryChange::kCertificate:
            CAIRN_TRY(put_certificate(after, change.certificate()));
            break;
        case v1::RegistryChange::kMandate:
            put(*after.mutable_mandates(), change.mandate(), [](const v1::Mandate& m) {
                return m.id();
            });
            break;
        case v1::RegistryChange::kEnrolment:
            put(*after.mutable_enrolments(), change.enrolment(), [](const v1::Enrolment& e) {
                return e.id();
            });
            break;
        case v1::RegistryChange::kRenewal:
            put(*after.mutable_renewals(), change.renewal(), [](const v1::Renewal& r) {
                return r.certificate_sha256();
            });
            break;
        case v1::RegistryChange::CHANGE_NOT_SET:
            return fail(errc::bad_value, "change: says nothing");
        }
    }
    drop_renewals(after);
    CAIRN_TRY(check_state(after));
    for (const auto& change : changes) {
        if (by == change_author::admin) CAIRN_TRY(admin_may(before, after, change));
    }
    for (const auto& change : changes) {
        if (change.has_certificate()) CAIRN_TRY(check_new_rights(after, change.certificate()));
    }
    after.set_epoch(before.epoch() + 1);
    return after;
}

} // namespace cairn::registry

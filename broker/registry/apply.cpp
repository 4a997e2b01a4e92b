#include "registry/check.hpp"

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

} // namespace

result<v1::RegistryState>
apply(const v1::RegistryState& before, const std::vector<v1::RegistryChange>& changes) {
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
        case v1::RegistryChange::CHANGE_NOT_SET:
            return fail(errc::bad_value, "change: says nothing");
        }
    }
    CAIRN_TRY(check_state(after));
    for (const auto& change : changes) {
        if (change.has_certificate()) CAIRN_TRY(check_new_rights(after, change.certificate()));
    }
    after.set_epoch(before.epoch() + 1);
    return after;
}

} // namespace cairn::registry

// The registry as one immutable picture: agencies, desks, certificates, mandates. Built from the
// ledger's state tables, swapped whole when a record changes them.
#pragma once

#include "core/result.hpp"

#include "cairn/v1/registry.pb.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::registry {

namespace v1 = ::cairn::v1;

// "northshire-police/mash" in its two halves; nullopt unless both are well formed and the role is
// one of the closed set.
struct desk_name {
    std::string_view agency;
    v1::Role role = v1::ROLE_UNSPECIFIED;
};
std::optional<desk_name> parse_desk(std::string_view id);
// "front_door"
std::string_view role_text(v1::Role role);
std::optional<v1::Role> role_from_text(std::string_view text);
bool is_slug(std::string_view text); // [a-z0-9-]{2,40}
// An organisation code as it is compared: upper case, letters and digits only, so that "999/4001"
// and "9994001" are one school.
std::string plain_code(std::string_view code);

// Immutable after build; any thread.
class snapshot {
public:
    // Checks every reference; errc::bad_value names the entry.
    static result<std::shared_ptr<const snapshot>> build(v1::RegistryState state);

    [[nodiscard]] std::uint64_t epoch() const { return state_.epoch(); }
    [[nodiscard]] const v1::RegistryState& state() const { return state_; }
    [[nodiscard]] const v1::Agency* agency(std::string_view id) const;
    [[nodiscard]] const v1::Desk* desk(std::string_view id) const;
    // By SHA-256 of the DER, hex.
    [[nodiscard]] const v1::Certificate* certificate(std::string_view sha256) const;
    // The agency that carries this organisation code (URN, LAEstab, ODS); case and punctuation do
    // not count.
    [[nodiscard]] const v1::Agency* by_organisation_code(std::string_view code) const;
    // Not closed, and its agency live and not suspended.
    [[nodiscard]] bool is_open(const v1::Desk& desk) const;
    // Open desks of a role, in id order.
    [[nodiscard]] std::vector<const v1::Desk*> desks_of_role(v1::Role role) const;
    [[nodiscard]] const v1::Mandate*
    mandate(std::string_view holder, std::string_view for_agency, std::int64_t now_us) const;

private:
    v1::RegistryState state_;
    std::map<std::string, const v1::Agency*, std::less<>> agencies_;
    std::map<std::string, const v1::Desk*, std::less<>> desks_;
    std::map<std::string, const v1::Certificate*, std::less<>> certificates_;
    std::map<std::string, const v1::Agency*, std::less<>> codes_;
};

// Added by hand, or its enrolment is through.
bool is_live(const v1::Agency& agency);

// Dated, not revoked: from_us <= now < until_us.
bool in_force(const v1::Mandate& mandate, std::int64_t now_us);

// Whose changes: an administrator's may not move an enrolment, a stage or a renewal, and register
// nothing for an agency that is not live; those are the steps of registry/enrol.hpp.
enum class change_author : std::uint8_t { admin, step };

// The state after these changes, epoch + 1. errc::bad_value names what does not fit (unknown agency
// of a desk, a deputy that is not a desk, a certificate's desk of another agency without a mandate,
// a role its kind of agency does not have, a revoked certificate brought back). Rows are replaced
// by id, never removed but renewals of revoked certificates; the changes are checked together, so
// their order does not matter.
result<v1::RegistryState> apply(
    const v1::RegistryState& before,
    const std::vector<v1::RegistryChange>& changes,
    change_author by = change_author::admin
);

} // namespace cairn::registry

// The steps of an enrolment and of a renewal (docs/adr/0019): from the registry as it stands and
// what is asked to the changes of one record. No changes: it is so already, and nothing is written.
//
// authorise() has been asked before; what is refused here is what does not fit the row.
#pragma once

#include "registry/authorise.hpp"

namespace cairn::registry {

using change_list = std::vector<v1::RegistryChange>;

// Two requests and the fingerprint over their keys, read and checked by the caller.
struct asked_keys {
    std::string request_pem;
    std::string probe_request_pem;
    std::string key_sha256;
};

// A certificate of the authority, as the caller read it.
struct signed_certificate {
    std::string sha256;
    std::string pem;
    // Its one URI name.
    std::string uri;
    std::int64_t not_before_us = 0;
    std::int64_t not_after_us = 0;
};

// What the log holds of the agency's desks: the run's own word is not enough.
struct seen_notices {
    std::uint64_t confirmed = 0;
    std::uint64_t returned = 0;
};

// "requested"
std::string_view step_text(v1::EnrolmentStep step);
const v1::Enrolment* find_enrolment(const v1::RegistryState& state, std::string_view id);
// The agency's youngest that was not refused; null where it has none.
const v1::Enrolment* enrolment_of(const v1::RegistryState& state, std::string_view agency);
const v1::Renewal* find_renewal(const v1::RegistryState& state, std::string_view sha256);

// `id` is the invitation's. errc::invitation_used, invitation_expired, enrolment_refused.
result<change_list> take_request(
    const v1::RegistryState& state, std::string_view id, const asked_keys& keys, std::int64_t now_us
);
// errc::not_found, enrolment_step, approved_before, key_differs.
result<change_list> approve(
    const v1::RegistryState& state,
    const caller& admin,
    std::string_view id,
    std::string_view key_sha256,
    std::int64_t now_us
);
// errc::not_found, required (a reason), enrolment_step where it is live.
result<change_list> refuse_enrolment(
    const v1::RegistryState& state,
    const caller& admin,
    std::string_view id,
    const std::string& because
);
// Two certificates under the agency's name, the second for the run to have revoked.
// errc::not_found, enrolment_step, rights_differ.
result<change_list> deliver(
    const v1::RegistryState& state,
    std::string_view id,
    const signed_certificate& certificate,
    const signed_certificate& probe
);
// Live where every step passed and the log agrees; a run that failed is kept and changes no stage.
// errc::required, too_many, bad_value, run_not_seen.
result<change_list> report(
    const v1::RegistryState& state,
    const caller& who,
    const std::vector<v1::ConformanceStep>& steps,
    const seen_notices& seen,
    std::int64_t now_us
);

// errc::renewal_pending.
result<change_list> ask_renewal(
    const v1::RegistryState& state,
    const caller& who,
    const std::string& request_pem,
    const std::string& signature,
    std::int64_t now_us
);
// errc::not_found, required (a reason), enrolment_step where it is signed.
result<change_list>
refuse_renewal(const v1::RegistryState& state, std::string_view sha256, const std::string& because);
// errc::not_found, enrolment_step, rights_differ.
result<change_list> deliver_renewal(
    const v1::RegistryState& state, std::string_view sha256, const signed_certificate& successor
);
// errc::not_found for every pin that is not the caller's to retire.
result<change_list>
retire(const v1::RegistryState& state, const caller& who, std::string_view sha256);

} // namespace cairn::registry

// What the log says of texts of policy: put in force, put back, refused, proved; ADR 23.
#pragma once

#include "daemon/policy_version.hpp"
#include "daemon/runtime.hpp"

#include "cairn/v1/policy_versions.pb.h"
#include "cairn/v1/record.pb.h"

namespace cairn::daemon {

namespace v1 = ::cairn::v1;

// Drafts, for the caller to append. The record of a version put in force holds its text and its
// signatures; "rolled back" where it was in force before.
result<ledger::draft> activation_draft(runtime& rt, const policy_version& version);
// Of a text that was in force already: that this prover has proved it, too.
result<ledger::draft> proof_draft(runtime& rt, const policy_version& version);
// Digest and cause, not the text, which may be anything.
result<ledger::draft> refusal_draft(runtime& rt, const refused_policy& refused);

// The following read the ledger and block on the disk: before the network runs, on the query pool,
// or by a reload.

// Whether a record says that this build's prover has proved the text of this digest.
known_proof proofs_on_record(ledger::ledger& store);

// The version last in force, as its record holds it. errc::policy_missing where there was none.
struct recorded_version {
    std::string text;
    std::string note;
    // Whose signatures counted then.
    std::vector<signing::signer> signers;
    std::int64_t since_us = 0;
};
result<recorded_version> last_in_force(ledger::ledger& store);

// Whether the newest record about a policy says just this: there is nothing new to say.
bool refusal_is_newest(ledger::ledger& store, const refused_policy& refused);

// Who signed this text when it was last in force, as policy::table::signed_by(); empty where no
// record says so.
std::string signers_on_record(ledger::ledger& store, const std::string& text);

// Newest first. `max` 0: 100, and never more than 1,000.
result<v1::PolicyHistoryResponse> policy_history(runtime& rt, std::uint32_t max);

} // namespace cairn::daemon

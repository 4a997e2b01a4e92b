// The whole log read again and checked against itself, its signed heads and the vault.
#pragma once

#include "ledger/keys.hpp"
#include "ledger/ledger.hpp"
#include "ledger/sqlite.hpp"

#include <string_view>

namespace cairn::ledger {

struct verified_counts {
    std::uint64_t records = 0;
    std::uint64_t heads = 0;
    std::uint64_t notices = 0;
    // Records whose content is gone for good; their agencies' chains can be followed around them.
    std::uint64_t erased = 0;
};

// Leaves, tree, heads, sealed bodies, notices, every column of `record`, and the registry.
// errc::log_damaged, where = "record 2026/17": the first that does not fit.
result<verified_counts> verify_records(
    sql::database& db, key_store& keys, std::string_view partnership, const ed25519_public& log_key
);
// The same, and what can be computed from it alone: heads of the agencies' chains, policies.
result<verified_counts> verify_ledger(
    sql::database& db, key_store& keys, std::string_view partnership, const ed25519_public& log_key
);

// Computes the state tables anew from records that verify, and compares them with those stored.
// errc::log_damaged, where = the table or record that differs. Memory: one entry per notice; for
// tools, not for a serving broker.
status compare_state(sql::database& db, key_store& keys);

// Of a folder nobody has open, which stays as it is: all of the above. As ledger::open() fails.
result<verified_counts> verify_folder(const options& o, random_source& random);
// Verifies the records, then writes the state tables anew (delivery, desk, concern, submission,
// lag, reply, agency, policy) in one transaction, and compares.
result<verified_counts> rebuild_state(const options& o, random_source& random);

// What of meta must fit the options; gives the ledger's id.
result<ledger_id> check_meta(sql::database& db, const options& o);

} // namespace cairn::ledger

// The whole log read again and checked against itself, its signed heads and the vault.
#pragma once

#include "ledger/keys.hpp"
#include "ledger/ledger.hpp"
#include "ledger/sqlite.hpp"

#include <string_view>

namespace cairn::ledger {

// errc::log_damaged, where = "record 2026/17": the first that does not fit.
status verify_ledger(
    sql::database& db, key_store& keys, std::string_view partnership, const ed25519_public& log_key
);

// Computes the state tables anew from leaves and vault and compares them with those stored.
// errc::log_damaged, where = the table or record that differs. Memory: one entry per notice; for
// tests and tools, not for a serving broker.
status compare_state(sql::database& db, key_store& keys);
// The same for a folder nobody has open.
status rebuild_state(const options& o, random_source& random);

} // namespace cairn::ledger

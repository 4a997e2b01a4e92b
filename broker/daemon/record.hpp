// Makes drafts: a record's body, seed, commitments and seals, ready for the ledger.
#pragma once

#include "daemon/runtime.hpp"
#include "merkle/seed.hpp"

#include "cairn/v1/record.pb.h"

namespace cairn::daemon {

namespace v1 = ::cairn::v1;

// A fresh per-record secret.
merkle::record_seed fresh_seed(random_source& random);

// Seals `body` under a new data key and commits each party to exactly these bytes. For every kind
// but concerns: the body root is over the one field that is the body.
// errc::overloaded when no key slot is free.
struct party_bytes {
    ledger::party::part_kind part = ledger::party::part_kind::actor;
    std::string name;
    bytes_view exact;
};
result<ledger::draft> make_draft(
    runtime& rt,
    ledger::record_kind kind,
    const v1::RecordBody& body,
    const std::vector<party_bytes>& parties
);
// The same before there is a runtime: the first record of a new ledger, by its first admin.
result<ledger::draft> make_first_draft(
    ledger::ledger& store,
    random_source& random,
    const v1::RecordBody& body,
    const std::string& admin
);

} // namespace cairn::daemon

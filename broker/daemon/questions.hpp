// Opened records and the policy they were decided under: shared by Explain and the audit service.
#pragma once

#include "daemon/runtime.hpp"

#include "cairn/v1/record.pb.h"

namespace cairn::daemon {

namespace v1 = ::cairn::v1;

// errc::sealed_data_damaged.
result<v1::RecordBody> open_record(bytes_view plain);

// The record's row. errc::not_found. Query pool only.
result<ledger::record_row> record_at(ledger::ledger& store, ledger::position at);

// The policy named by the record's leaf: sentences of an old decision come from the text that made
// it. Blocks on the disk: query pool only.
result<std::shared_ptr<const policy::table>>
policy_of_record(runtime& rt, ledger::position at, const v1::ConcernRecord& record);

} // namespace cairn::daemon

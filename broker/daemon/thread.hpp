// What the ledger says of the thread a submission names: whom it answers, who its parties are, who
// must not learn of it. One look-up for Submit, Publish and Preview; and the one answer to "is this
// caller a party", for questions too.
#pragma once

#include "daemon/runtime.hpp"
#include "daemon/safe_contacts.hpp"
#include "routing/route.hpp"

#include "cairn/v1/record.pb.h"

#include <string_view>

namespace cairn::daemon {

namespace v1 = ::cairn::v1;

struct submission;

// "northshire-police/mash" → "northshire-police".
std::string_view agency_of(std::string_view desk);

// Of the concern a submission answers and of its thread; empty where it names none.
struct earlier {
    routing::thread_parties parties;
    // Of its desks those this certificate acts for: whose obligation an acknowledgement meets.
    std::vector<std::string> acting;
    // What its sender told in the thread; of a correction alone.
    safe_contacts contacts;
};

// One concern of the past with its opened record.
struct past_concern {
    ledger::concern_state state;
    v1::RecordBody body;
};

// The desks of `agency` that this certificate may act for now, in the order of the registry.
std::vector<std::string> desks_of(
    const registry::snapshot& registry,
    const registry::caller& who,
    std::string_view agency,
    std::int64_t now_us
);
// True where the certificate may act for the desk now.
bool acts_for(
    const registry::snapshot& registry,
    const registry::caller& who,
    std::string_view desk,
    std::int64_t now_us
);
// True where the caller stands where the concern was sent from: its agency, or who sent it under a
// mandate still in force; and, where the desk is known, with a certificate of that desk. Another
// desk of the same agency may be the very one that must not learn of it.
bool sent_by(
    const registry::snapshot& registry,
    const registry::caller& who,
    const v1::RecordBody& body,
    std::int64_t now_us
);

// What was submitted. errc::sealed_data_damaged.
result<v1::Concern> submitted_concern(const v1::ConcernRecord& record);
// errc::not_found, erased.
result<past_concern> past(runtime& rt, const std::string& concern_id);

// True where the submission names a concern or a thread.
bool names_thread(const v1::Concern& c);
// Query pool. errc::reply_unknown where the submitter is no party to what it names (to somebody not
// told it does not exist), bad_value where the thread is another's, kind_not_allowed where somebody
// else's concern would be corrected or recalled, too_many where the thread is longer than
// limits::thread_concerns, else what the ledger said.
result<earlier> look_up(runtime& rt, const submission& s);

} // namespace cairn::daemon

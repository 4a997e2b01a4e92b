#include "simulation/spoiled_ledger.hpp"

#include "core/assert.hpp"
#include "merkle/entry.hpp"
#include "merkle/seed.hpp"
#include "support/people.hpp"

#include "cairn/v1/notice.pb.h"

namespace cairn::sim {

using cairn::ledger::committed;
using cairn::ledger::concern_effect;
using cairn::ledger::confirm_effect;
using cairn::ledger::draft;
using cairn::ledger::registry_effect;

result<cairn::ledger::data_key> spoiled_ledger::take_key() {
    auto key = inner_->take_key();
    if (key && bug_ == bug::address_leaked) keys_[key->slot] = key->key;
    return key;
}

status spoiled_ledger::append_quietly(draft& d) {
    if (auto* e = std::get_if<concern_effect>(&d.changes)) spoil_concern(d, *e);
    if (auto* e = std::get_if<confirm_effect>(&d.changes)) {
        if (bug_ == bug::confirm_unrecorded && e->positions.front() % 3 == 0)
            d.changes = {};
        else
            spoil_confirm(*e);
    }
    if (std::holds_alternative<registry_effect>(d.changes)) {
        d.done = [this, done = std::move(d.done)](const result<committed>& r) {
            done(r);
            if (r) hooks_.registry_changed();
        };
    }
    const status ok = inner_->append_quietly(d);
    if (ok && hooks_.queued) hooks_.queued();
    return ok;
}

void spoiled_ledger::spoil_concern(draft& d, concern_effect& e) {
    if (bug_ == bug::key_forgotten && restarted_) e.key += "-again";
    if (bug_ == bug::recall_ignored) e.withdraws.clear();
    if (e.only_repeat) return;
    ++concerns_;
    if (bug_ == bug::address_leaked && concerns_ % 2 == 0) leak_address(d, e);
    std::set<std::string> desks;
    for (const auto& n : e.notices) desks.insert(n.desk);
    const bool every_fourth = concerns_ % 4 == 0;
    d.done = [this, desks, every_fourth, done = std::move(d.done)](const result<committed>& r) {
        if (!r) return done(r);
        desks_[r->at.value] = desks;
        committed said = *r;
        if (bug_ == bug::foreign_receipt && every_fourth && !last_receipt_.empty())
            said.receipt = last_receipt_;
        last_receipt_ = r->receipt;
        if (bug_ == bug::refused_though_stored && every_fourth)
            return done(fail(errc::bad_value, "concern"));
        done(said);
    };
}

// All positions of the confirmation that another desk has, too, are settled there instead.
void spoiled_ledger::spoil_confirm(confirm_effect& e) {
    if (bug_ != bug::wrong_desk_confirmed) return;
    for (const std::uint64_t pos : e.positions) {
        for (const std::string& other : desks_[pos]) {
            if (other == e.desk) continue;
            e.desk = other;
            e.positions = {pos};
            return;
        }
    }
}

// Stored, sealed and committed to like an honest notice: only what it says is wrong.
void spoiled_ledger::leak_address(draft& d, concern_effect& e) {
    const cairn::ledger::data_key key{d.key_slot, keys_.at(d.key_slot)};
    for (std::uint32_t n = 0; n < e.notices.size(); ++n) {
        const auto plain = cairn::ledger::open_part(key, n + 1, e.notices[n].sealed);
        CAIRN_ASSERT(plain.has_value(), "not sealed under this key");
        ::cairn::v1::Notice notice;
        CAIRN_ASSERT(notice.ParseFromString(*plain), "not a notice");
        if (notice.content().persons().empty()) continue;
        test::add_protected_address(*notice.mutable_content()->mutable_persons(0));
        const bytes exact = notice.SerializeAsString();
        e.notices[n].sealed = cairn::ledger::seal_part(key, n + 1, exact);
        const std::uint32_t party = n + 1;
        d.parties[party].commitment =
            merkle::commit(merkle::commitment_randomness(d.seed, party), exact);
    }
}

} // namespace cairn::sim

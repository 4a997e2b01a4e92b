#include "simulation/journal.hpp"

#include "core/assert.hpp"
#include "policy/final_list.hpp"
#include "registry/snapshot.hpp"
#include "support/people.hpp"

#include <algorithm>

namespace cairn::sim {
namespace {

// A revoked certificate is sent nothing more within this time (ARCHITECTURE section 5, 12), a desk
// nothing more of what was recalled.
constexpr duration fencing = 2s;

std::string at(std::uint64_t position) {
    const ledger::position p{position};
    return std::to_string(p.year()) + "/" + std::to_string(p.index());
}

bool holds_address(bytes_view in) {
    return in.find(test::protected_line) != bytes_view::npos ||
           in.find(test::protected_postcode) != bytes_view::npos;
}

std::string short_digest(bytes_view b) {
    return to_hex(view(sha256(b))).substr(0, 12);
}

} // namespace

void journal::violated(std::string_view what, std::string detail) {
    time_.note("VIOLATED", std::string(what) + ": " + detail);
    if (!violation_) violation_ = violation{what, std::move(detail)};
}

void journal::sent(const std::string& agency, const std::string& key, bytes request) {
    time_.note("submits", agency + " " + key + " " + short_digest(request));
    sent_[key] = {agency, std::move(request), time_.mono_now(), {}, {}};
}

void journal::answered(
    const std::string& key, const v1::PublishResponse& answer, const stamp& known
) {
    const auto it = sent_.find(key);
    if (it == sent_.end()) return violated(property::answered, "an answer to what was never asked");
    if (answer.has_refused()) {
        it->second.refused = answer.refused().number();
        return time_.note(
            "refused",
            key + " " + std::to_string(answer.refused().number()) + " " + answer.refused().where()
        );
    }
    it->second.accepted = answer.accepted();
    v1::SubmitRequest asked;
    if (asked.ParseFromString(it->second.request) && asked.concern().has_recall())
        withdrawn_.try_emplace(asked.concern().in_reply_to(), time_.mono_now() + fencing);
    const auto note = answer.accepted().receipt();
    time_.note("accepted", key + " " + short_digest(note));
    // Whatever stands in the receipt's head was on the disk when the receipt left.
    const auto cut = note.rfind("\n\n", note.rfind("\n\n") - 1);
    const auto parsed = merkle::parse_note(std::string_view(note).substr(cut + 2));
    if (!parsed) return violated(property::receipt, key + ": not a receipt");
    const auto head = merkle::parse_checkpoint(parsed->text);
    if (!head || head->size == 0) return violated(property::receipt, key + ": no head");
    const auto year = head->origin.substr(head->origin.rfind('/') + 1);
    const auto last =
        ledger::position::at(static_cast<std::uint32_t>(std::stoul(year)), head->size - 1);
    if (last.value > known.durable) violated(property::durable, key + " at " + at(last.value));
    heads_.emplace_back(std::string_view(note).substr(cut + 2));
}

void journal::arrived(const arrival& a) {
    time_.note("arrives", a.desk + " " + at(a.position) + " " + short_digest(a.notice));
    if (a.position > a.known.durable) violated(property::durable, a.desk + " " + at(a.position));
    if (a.withdrawn) return;
    v1::Notice n;
    if (!n.ParseFromString(a.notice)) return violated(property::exact, "not a notice");
    if (n.desk() != a.desk) violated(property::addressee, a.desk + " got one of " + n.desk());
    const auto recalled = withdrawn_.find(n.concern_id());
    if (recalled != withdrawn_.end() && a.known.sent > recalled->second)
        violated(property::withdrawn, a.desk + " " + at(a.position));
    const auto name = registry::parse_desk(a.desk);
    if (holds_address(a.notice) && !(name && policy::may_see_protected_address(name->role)))
        violated(property::address, a.desk + " " + at(a.position));
}

void journal::sent_to(const std::string& pin, const std::string& desk, const stamp& known) {
    const auto it = revoked_.find(pin);
    if (it != revoked_.end() && known.sent > it->second) violated(property::revoked, desk);
}

void journal::stored(
    const std::string& desk, std::uint64_t position, bytes notice, bool withdrawn
) {
    desk_book& book = desks_[desk];
    if (withdrawn) {
        book.withdrawn.insert(position);
        return;
    }
    const auto [it, fresh] = book.stored.try_emplace(position, notice);
    if (!fresh && it->second != notice)
        violated(property::exact, desk + " " + at(position) + " twice");
}

void journal::settled(
    const std::string& desk, const std::vector<std::uint64_t>& positions, bool returned
) {
    desk_book& book = desks_[desk];
    for (const auto p : positions) (returned ? book.returned : book.confirmed).insert(p);
}

void journal::checkpoint_seen(std::string_view note) {
    time_.note("head", short_digest(note));
    heads_.emplace_back(note);
}

void journal::closed(const std::string& desk) {
    time_.note("closed", desk);
    closed_.try_emplace(desk, time_.mono_now());
}

void journal::revoked(const std::string& pin) {
    time_.note("revoked", pin.substr(0, 12));
    revoked_.try_emplace(pin, time_.mono_now() + fencing);
}

bool journal::all_answered() const {
    return std::all_of(sent_.begin(), sent_.end(), [](const auto& s) {
        return s.second.accepted || s.second.refused;
    });
}

void journal::retried(const std::string& key, const v1::SubmitResponse& answer) {
    const auto& first = *sent_.at(key).accepted;
    if (answer.receipt() != first.receipt()) violated(property::receipt, key + ": other bytes");
    if (answer.concern_id() != first.concern_id()) violated(property::once, key + ": other id");
}

void journal::check_ledger(
    ledger::reader& log, const std::vector<merkle::verifier_key>& keys, std::int64_t now_us
) {
    if (const status ok = log.verify_all(); !ok) violated(property::verifies, ok.error().where);
    tally sums;
    ledger::record_filter f;
    f.kinds = {ledger::record_kind::concern};
    f.max = 500;
    for (;;) {
        const auto rows = log.search(f);
        if (!rows) return violated(property::verifies, "the log cannot be searched");
        for (const auto& row : *rows) check_record(log, row, sums);
        if (rows->size() < f.max) break;
        f.after = rows->back().at.value;
    }
    check_submissions();
    check_counts(log, sums, now_us);
    check_acknowledgements(log);
    check_heads(log, keys);
    check_receipts(keys);
}

void journal::check_record(ledger::reader& log, const ledger::record_row& row, tally& sums) {
    const auto body = log.body(row.at);
    v1::RecordBody opened;
    if (!body || !opened.ParseFromString(*body)) {
        return violated(property::verifies, "record " + at(row.at.value) + " does not open");
    }
    const auto& r = opened.concern();
    const std::string key = r.key().substr(0, r.key().find("-again"));
    found_[key].push_back(row.at.value);
    const auto asked = sent_.find(key);
    if (asked == sent_.end() || asked->second.request != r.submitted())
        return violated(property::once, "record " + at(row.at.value) + " holds what nobody sent");
    const auto state = log.concern(r.concern_id());
    if (!state) return violated(property::verifies, "concern of " + at(row.at.value));
    for (const auto& d : state->desks) check_desk(log, row.at.value, *state, d, sums);
    if (state->kind == v1::CONCERN_KIND_RECALL) check_recall(log, row, state->in_reply_to);
    for (const auto& d : state->desks) {
        const auto shut = closed_.find(d.desk);
        if (shut != closed_.end() && asked->second.first_sent > shut->second)
            violated(property::routed, d.desk + " " + at(row.at.value));
    }
}

// Record times are the writer's, for the recall as for what a desk settled.
void journal::check_recall(
    ledger::reader& log, const ledger::record_row& row, const std::string& recalled
) {
    const auto c = log.concern(recalled);
    if (!c) return violated(property::withdrawn, "recalled by " + at(row.at.value));
    for (const auto& d : c->desks) {
        if (d.state == ledger::notice_state::withdrawn) continue;
        if (d.state == ledger::notice_state::pending || d.settled_at_us > row.recorded_at_us)
            violated(property::withdrawn, d.desk + " " + at(c->at.value));
    }
}

void journal::check_desk(
    ledger::reader& log,
    std::uint64_t position,
    const ledger::concern_state& c,
    const ledger::desk_state& d,
    tally& sums
) {
    using state = ledger::notice_state;
    const std::string where = d.desk + " " + at(position);
    ledger::desk_counts& sum = sums.desks[d.desk];
    ++sum.routed;
    const desk_book& book = desks_[d.desk];
    const auto mine = book.stored.find(position);
    const bool has = mine != book.stored.end();
    switch (d.state) {
    case state::pending:
        ++sum.pending;
        violated(property::owed, where + " is pending still");
        break;
    case state::confirmed:
        ++sum.confirmed;
        if (!has) violated(property::owed, where + " was confirmed and never stored");
        break;
    case state::returned:
        ++sum.returned;
        if (!book.returned.contains(position)) violated(property::settled, where + " returned");
        break;
    case state::withdrawn:
        ++sum.withdrawn;
        ++found_withdrawn_;
        if (!recalled_.contains(c.concern_id)) violated(property::settled, where + " withdrawn");
        break;
    case state::expired:
        ++sum.expired;
        break;
    }
    if (book.confirmed.contains(position) && d.state != state::confirmed &&
        d.state != state::returned)
        violated(property::settled, where + " was confirmed to the desk and is not");
    const auto kept = log.notice(d.desk, position);
    if (!kept) return violated(property::verifies, where + " cannot be read");
    if (has && mine->second != kept->notice) violated(property::exact, where);
}

void journal::check_submissions() {
    for (const auto& [key, s] : sent_) {
        const auto n = found_[key].size();
        if (s.accepted && n != 1)
            violated(property::once, key + ": " + std::to_string(n) + " records");
        if (s.refused && n != 0) violated(property::refused, key);
        if (!s.accepted && !s.refused) violated(property::answered, key);
    }
    for (const auto& [desk, book] : desks_) {
        for (const auto& [position, ignored] : book.stored) {
            const bool known =
                std::any_of(found_.begin(), found_.end(), [p = position](const auto& f) {
                    return std::find(f.second.begin(), f.second.end(), p) != f.second.end();
                });
            if (!known) violated(property::addressee, desk + " holds " + at(position));
        }
    }
}

void journal::check_counts(ledger::reader& log, const tally& sums, std::int64_t now_us) {
    const auto counts = log.counts(now_us);
    if (!counts) return violated(property::conserved, "no counts");
    for (const auto& c : *counts) {
        if (c.routed != c.confirmed + c.returned + c.withdrawn + c.expired + c.pending)
            violated(property::conserved, c.desk);
        const auto own = sums.desks.find(c.desk);
        const ledger::desk_counts none{};
        const auto& want = own == sums.desks.end() ? none : own->second;
        if (c.routed != want.routed || c.confirmed != want.confirmed ||
            c.returned != want.returned || c.withdrawn != want.withdrawn ||
            c.pending != want.pending)
            violated(property::conserved, c.desk + ": the sums are not those of the notices");
    }
}

void journal::check_acknowledgements(ledger::reader& log) {
    for (const auto& [key, id] : acknowledgements_) {
        const auto said = sent_.find(key);
        if (said == sent_.end() || !said->second.accepted) continue;
        const auto state = log.concern(id);
        const bool met =
            state && std::any_of(state->desks.begin(), state->desks.end(), [](const auto& d) {
                return d.acknowledged_at_us != 0;
            });
        if (!met) violated(property::acknowledged, key);
    }
}

void journal::check_heads(ledger::reader& log, const std::vector<merkle::verifier_key>& keys) {
    std::map<std::string, merkle::checkpoint> last;
    for (const auto& text : heads_) {
        const auto seen = merkle::verify_checkpoint(text, keys);
        if (!seen) {
            violated(property::append_only, "a head that does not verify");
            continue;
        }
        const auto& h = seen->head;
        const auto year =
            static_cast<std::uint32_t>(std::stoul(h.origin.substr(h.origin.rfind('/') + 1)));
        if (!last.contains(h.origin)) {
            const auto now = log.checkpoint(year);
            const auto parsed = now ? merkle::verify_checkpoint(*now, keys)
                                    : result<merkle::verified_checkpoint>(now.error());
            if (!parsed) {
                violated(property::append_only, h.origin + ": no head in the log");
                continue;
            }
            last[h.origin] = parsed->head;
        }
        const auto& end = last[h.origin];
        const std::string where = h.origin + " " + std::to_string(h.size);
        const auto path = h.size > end.size ? result<std::vector<digest>>(fail(errc::proof_invalid))
                                            : log.consistency(year, h.size, end.size);
        if (!path || !merkle::verify_consistency(h.head(), end.head(), *path))
            violated(property::append_only, where);
    }
}

void journal::check_receipts(const std::vector<merkle::verifier_key>& keys) {
    for (const auto& [key, s] : sent_) {
        if (!s.accepted) continue;
        if (!merkle::verify_receipt(s.accepted->receipt(), keys, s.request))
            violated(property::receipt, key + " does not verify");
    }
}

std::map<std::string, std::uint64_t> journal::totals() const {
    std::map<std::string, std::uint64_t> out;
    for (const auto& [key, s] : sent_) {
        ++out["submitted"];
        if (s.accepted) ++out["accepted"];
        if (s.refused) ++out["refused"];
    }
    for (const auto& [desk, book] : desks_) {
        out["stored"] += book.stored.size();
        out["returned"] += book.returned.size();
        out["told of a withdrawal"] += book.withdrawn.size();
    }
    out["withdrawn"] = found_withdrawn_;
    out["acknowledgements"] = acknowledgements_.size();
    out["heads"] = heads_.size();
    return out;
}

} // namespace cairn::sim

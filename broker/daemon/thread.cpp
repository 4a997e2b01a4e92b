#include "daemon/thread.hpp"

#include "core/limits.hpp"
#include "daemon/accept.hpp"
#include "daemon/questions.hpp"
#include "session/codec.hpp"

#include <algorithm>

namespace cairn::daemon {
namespace {

constexpr const char* answered_field = "concern.in_reply_to";
constexpr const char* thread_field = "concern.thread";
constexpr const char* other_thread_field = "concern.link.other_thread";

bool authorised(
    const registry::snapshot& registry, const registry::caller& who, const registry::request& what
) {
    return registry::authorise(registry, who, what).has_value();
}

// To somebody who was not told, the concern does not exist; a disk that failed is another matter.
failure unknown(const failure& why, const char* where) {
    return why.code == errc::not_found ? fail(errc::reply_unknown, where) : why;
}

bool is_own(const submission& s, const v1::RecordBody& body) {
    return body.concern().sender() == s.sender &&
           sent_by(*s.registry, s.caller, body, s.decided_at_us);
}

bool is_party(const submission& s, const v1::RecordBody& body) {
    if (is_own(s, body)) return true;
    const auto& desks = body.concern().desks();
    return std::any_of(desks.begin(), desks.end(), [&](const auto& d) {
        return agency_of(d.desk()) == s.sender &&
               acts_for(*s.registry, s.caller, d.desk(), s.decided_at_us);
    });
}

// Follow-ups do not go to a desk that does not know the child; that it is to forget what it was
// sent does.
bool wants_more(const ledger::desk_state& d, bool recall) {
    return recall || d.state != ledger::notice_state::returned ||
           d.returned_because != v1::ReturnRequest::REASON_NOT_OUR_PERSON;
}

// The desk it was sent from, else the agency's first open one.
std::optional<std::string>
desk_to_answer(const registry::snapshot& registry, const v1::ConcernRecord& record) {
    if (registry.desk(record.reply_desk()) != nullptr) return record.reply_desk();
    for (const auto& d : registry.state().desks()) {
        if (agency_of(d.id()) == record.sender() && registry.is_open(d)) return d.id();
    }
    return std::nullopt;
}

// What every concern of the thread says of who must not learn of it, and whether the submitter is a
// party to any.
struct thread_scan {
    bool party = false;
};
result<thread_scan> scan(runtime& rt, const submission& s, const std::string& id, earlier& out) {
    ledger::record_filter f;
    f.thread = id;
    f.kinds = {ledger::record_kind::concern};
    f.max = static_cast<std::uint32_t>(limits::thread_concerns) + 1;
    const auto rows = rt.store().read().search(f);
    if (!rows) return rows.error();
    if (rows->size() > limits::thread_concerns) {
        return fail(
            errc::too_many, "concern.thread, at most " + std::to_string(limits::thread_concerns)
        );
    }
    thread_scan found;
    for (const auto& row : *rows) {
        const auto stored = rt.store().read().body(row.at);
        if (!stored) return stored.error();
        const auto body = open_record(*stored);
        if (!body) return body.error();
        const auto c = submitted_concern(body->concern());
        if (!c) return c.error();
        out.parties.conflicts.join(routing::conflict_set::of(*c));
        out.parties.exclusive |= routing::exclusive_route(*c, *s.policy);
        found.party = found.party || is_party(s, *body);
        if (s.request.concern().has_correction() && is_own(s, *body))
            out.contacts.see(body->concern());
    }
    return found;
}

status answer_to(runtime& rt, const submission& s, earlier& out) {
    const v1::Concern& c = s.request.concern();
    const auto found = past(rt, c.in_reply_to());
    if (!found) return unknown(found.error(), answered_field);
    const ledger::concern_state& state = found->state;
    const bool own = is_own(s, found->body);
    if (!own && !is_party(s, found->body)) return fail(errc::reply_unknown, answered_field);
    if (c.thread() != state.thread) return fail(errc::bad_value, thread_field);
    if (!own && (c.has_recall() || c.has_correction())) {
        return fail(
            errc::kind_not_allowed,
            std::string(answered_field) + ": only its sender can correct or recall it"
        );
    }
    out.parties.sender_agency = state.sender;
    out.parties.reply_desk = found->body.concern().reply_desk();
    for (const auto& d : state.desks) {
        if (agency_of(d.desk) == s.sender &&
            acts_for(*s.registry, s.caller, d.desk, s.decided_at_us)) {
            out.acting.push_back(d.desk);
        }
        if (own && wants_more(d, c.has_recall())) out.parties.desks.push_back(d.desk);
    }
    if (own) {
        for (const auto& d : found->body.concern().desks()) {
            if (d.hidden_from_sender()) out.parties.hidden.insert(d.desk());
            if (d.named()) out.parties.named.insert(d.desk());
        }
        return {};
    }
    if (const auto desk = desk_to_answer(*s.registry, found->body.concern())) {
        out.parties.desks.push_back(*desk);
    }
    return {};
}

} // namespace

std::string_view agency_of(std::string_view desk) {
    return desk.substr(0, desk.find('/'));
}

bool acts_for(
    const registry::snapshot& registry,
    const registry::caller& who,
    std::string_view desk,
    std::int64_t now_us
) {
    registry::request asked;
    asked.what = registry::operation::receive;
    asked.desk = desk;
    asked.now_us = now_us;
    return authorised(registry, who, asked);
}

std::vector<std::string> desks_of(
    const registry::snapshot& registry,
    const registry::caller& who,
    std::string_view agency,
    std::int64_t now_us
) {
    std::vector<std::string> out;
    const v1::Certificate* c = registry.certificate(who.certificate_sha256);
    if (c == nullptr) return out;
    for (const auto& desk : c->desks()) {
        if (agency_of(desk) == agency && acts_for(registry, who, desk, now_us)) out.push_back(desk);
    }
    return out;
}

bool sent_by(
    const registry::snapshot& registry,
    const registry::caller& who,
    const v1::RecordBody& body,
    std::int64_t now_us
) {
    const v1::ConcernRecord& record = body.concern();
    registry::request asked;
    asked.what = registry::operation::track;
    asked.on_behalf_of = record.sender();
    asked.now_us = now_us;
    if (!authorised(registry, who, asked)) return false;
    if (who.id != record.sender() && who.id != body.intermediary()) return false;
    return record.reply_desk().empty() || acts_for(registry, who, record.reply_desk(), now_us);
}

result<v1::Concern> submitted_concern(const v1::ConcernRecord& record) {
    v1::SubmitRequest out;
    const auto how = record.codec() == v1::ConcernRecord::CODEC_JSON ? session::codec::json
                                                                     : session::codec::proto;
    if (!session::decode(record.submitted(), how, out)) {
        return fail(errc::sealed_data_damaged, {}, "submitted concern");
    }
    return std::move(*out.mutable_concern());
}

result<past_concern> past(runtime& rt, const std::string& concern_id) {
    auto state = rt.store().read().concern(concern_id);
    if (!state) return state.error();
    const auto stored = rt.store().read().body(state->at);
    if (!stored) return stored.error();
    auto body = open_record(*stored);
    if (!body) return body.error();
    return past_concern{std::move(*state), std::move(*body)};
}

bool names_thread(const v1::Concern& c) {
    return !c.in_reply_to().empty() || !c.thread().empty() || c.has_link();
}

result<earlier> look_up(runtime& rt, const submission& s) {
    const v1::Concern& c = s.request.concern();
    earlier out;
    if (!c.in_reply_to().empty()) CAIRN_TRY(answer_to(rt, s, out));
    if (!c.thread().empty()) {
        const auto found = scan(rt, s, c.thread(), out);
        if (!found) return unknown(found.error(), thread_field);
        if (!found->party) return fail(errc::reply_unknown, thread_field);
    }
    if (c.has_link()) {
        const auto found = scan(rt, s, c.link().other_thread(), out);
        if (!found) return unknown(found.error(), other_thread_field);
        if (!found->party) return fail(errc::reply_unknown, other_thread_field);
    }
    return out;
}

} // namespace cairn::daemon

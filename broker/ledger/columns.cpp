#include "ledger/columns.hpp"

#include "ledger/effects.hpp"

namespace cairn::ledger {
namespace {

constexpr const char* ask_party = "SELECT name FROM party WHERE no = ?";
constexpr const char* ask_policies = "SELECT pos, digest, text FROM policy";
constexpr const char* ask_registry = "SELECT pos, epoch, slot, state FROM registry";

failure differs(const stored_record& r, std::string column) {
    return fail(errc::log_damaged, name_of(r.at), "body and record differ: " + column);
}

bool is_recall(const v1::ConcernRecord& c) {
    return c.kind() == v1::CONCERN_KIND_RECALL;
}

// A recall withdraws what it answers. A correction may, where it brings a harm flag.
bool may_withdraw(const stored_record& r, const v1::ConcernRecord& c) {
    if (is_recall(c)) return r.withdraws == c.in_reply_to();
    if (r.withdraws.empty()) return true;
    return c.kind() == v1::CONCERN_KIND_CORRECTION && r.withdraws == c.in_reply_to();
}

} // namespace

column_checks::column_checks(sql::database& db, key_store& keys)
    : db_(db), keys_(keys), record_key_(keys.keyed_hash_key("record")),
      submission_key_(keys.keyed_hash_key("submission")) {}

column_checks::~column_checks() {
    wipe(record_key_);
    wipe(submission_key_);
}

result<std::string> column_checks::name_of_party(std::uint32_t no) const {
    sql::query q(db_, ask_party);
    if (q.bind(no).row()) return std::string(q.blob(0));
    CAIRN_TRY(q.end());
    return std::string();
}

status column_checks::check_guard(const stored_record& r) const {
    const bytes parties = encode_numbers(r.parties);
    const bytes places = encode(r.places);
    const record_columns c{
        r.at,
        r.recorded_us,
        r.kind,
        r.slot,
        r.flags,
        r.sender,
        r.concern_kind,
        parties,
        places,
        r.id,
        r.thread,
        r.reply,
        r.withdraws,
        r.submission,
        r.body_mac};
    if (guard_of(record_key_, c) == r.mac) return {};
    return fail(errc::log_damaged, name_of(r.at), "a column of its row was changed");
}

status column_checks::check_concern(const stored_record& r, const v1::ConcernRecord& c) const {
    const auto sender = name_of_party(r.sender);
    if (!sender) return sender.error();
    if (*sender != c.sender()) return differs(r, "sender");
    if (c.concern_id() != r.id || c.thread() != r.thread) return differs(r, "id or thread");
    if (c.in_reply_to() != r.reply) return differs(r, "reply");
    if (r.concern_kind != static_cast<std::uint32_t>(c.kind())) return differs(r, "kind");
    const bool acknowledges = c.kind() == v1::CONCERN_KIND_ACKNOWLEDGEMENT;
    if (r.flags != (acknowledges ? flag_acknowledges : 0)) return differs(r, "flags");
    if (!may_withdraw(r, c)) return differs(r, "withdraws");
    const bytes key =
        c.key().empty() ? bytes{} : submission_hash(submission_key_, c.sender(), c.key());
    if (r.submission != key) return differs(r, "submission");
    if (r.body_mac.size() != (key.empty() ? 0U : 32U)) return differs(r, "body_mac");
    return check_desks(r, c);
}

status column_checks::check_desks(const stored_record& r, const v1::ConcernRecord& c) const {
    const auto& desks = c.desks();
    if (static_cast<std::size_t>(desks.size()) != r.places.notices.size())
        return differs(r, "layout");
    for (int i = 0; i < desks.size(); ++i) {
        const notice_place& n = r.places.notices[static_cast<std::size_t>(i)];
        const auto name = name_of_party(n.desk);
        if (!name) return name.error();
        if (*name != desks[i].desk() || n.hidden != desks[i].hidden_from_sender())
            return differs(r, "layout");
    }
    return {};
}

status column_checks::check_other(const stored_record& r, const v1::RecordBody& body) {
    const bool bare = r.flags == 0 && r.sender == 0 && r.concern_kind == 0 && r.id.empty() &&
                      r.reply.empty() && r.withdraws.empty() && r.submission.empty() &&
                      r.body_mac.empty() && r.places.notices.empty();
    if (!bare) return differs(r, "columns of a concern");
    if (r.kind == record_kind::policy && body.has_policy())
        policies_[r.at.value] = {sha256(body.policy().text())};
    if (r.kind == record_kind::registry && body.has_registry())
        registry_[r.at.value] = {body.registry().epoch(), r.slot};
    return {};
}

status column_checks::check_policies() const {
    std::size_t n = 0;
    sql::query q(db_, ask_policies);
    for (; q.row(); ++n) {
        const auto it = policies_.find(q.u64(0));
        const digest text = sha256(q.blob(2));
        const bool same =
            it != policies_.end() && it->second.text == text && q.blob(1) == view(text);
        if (!same) return fail(errc::log_damaged, name_of({q.u64(0)}), "the table of policies");
    }
    CAIRN_TRY(q.end());
    return n == policies_.size() ? status{} : fail(errc::log_damaged, "policy", "one is missing");
}

status column_checks::check_registry() const {
    std::size_t n = 0;
    sql::query q(db_, ask_registry);
    for (; q.row(); ++n) {
        const auto it = registry_.find(q.u64(0));
        const bool same = it != registry_.end() && it->second == registry_row{q.u64(1), q.u64(2)};
        auto key = keys_.key_of(q.u64(2));
        const bool opens = same && key && open_part(*key, registry_part, q.blob(3));
        if (key) wipe(key->key);
        if (!opens) return fail(errc::log_damaged, name_of({q.u64(0)}), "the registry's table");
    }
    CAIRN_TRY(q.end());
    return n == registry_.size() ? status{} : fail(errc::log_damaged, "registry", "one is missing");
}

} // namespace cairn::ledger

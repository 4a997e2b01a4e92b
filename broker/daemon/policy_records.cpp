#include "daemon/policy_records.hpp"

#include "daemon/questions.hpp"
#include "daemon/record.hpp"
#include "policy/parse.hpp"

#include <algorithm>

namespace cairn::daemon {
namespace {

// All there are in practice: a partnership changes its policy a few times a year.
constexpr std::uint32_t records_max = 1000;

result<ledger::draft> draft_of(runtime& rt, const v1::PolicyRecord& said) {
    v1::RecordBody body;
    *body.mutable_policy() = said;
    using part = ledger::party::part_kind;
    const bytes exact = said.SerializeAsString();
    auto draft =
        make_draft(rt, ledger::record_kind::policy, body, {{part::actor, "broker", exact}});
    if (!draft) return draft.error();
    draft->changes = ledger::policy_effect{sha256(said.text()), said.text()};
    return draft;
}

v1::PolicyRecord refusal_of(const refused_policy& refused) {
    v1::PolicyRecord out;
    out.set_digest(refused.digest_hex);
    out.set_event(v1::PolicyRecord::EVENT_REFUSED);
    out.set_refusal(static_cast<std::uint32_t>(refused.why.code));
    out.set_refused_because(std::string(refused.why.public_text()));
    return out;
}

std::vector<signing::signer> signers_of(const v1::PolicyRecord& r) {
    std::vector<signing::signer> out;
    for (const auto& s : r.signers()) {
        const bool officer = s.part() == signing::name_of(signing::part::officer);
        out.push_back({officer ? signing::part::officer : signing::part::author, s.name()});
    }
    return out;
}

void say_proof(const policy_version& version, v1::PolicyRecord& out) {
    if (!version.proved) return;
    out.set_prover(prover_name());
    out.set_points(version.proved->points);
    out.set_semantic_digest(to_hex(view(version.proved->semantic)));
}

// Those and no others hold their text.
bool puts_in_force(const v1::PolicyRecord& r) {
    return !r.text().empty();
}

// One record about a policy, with its place.
struct entry {
    ledger::position at;
    v1::PolicyRecord said;
};

// Newest first, until `visit` says false. What was erased is left out.
status visit_records(
    ledger::ledger& store,
    ledger::policy_rows which,
    std::uint32_t max,
    const std::function<bool(const entry&)>& visit
) {
    const auto places = store.read().policy_records(which, max);
    if (!places) return places.error();
    for (const auto at : *places) {
        const auto stored = store.read().body(at);
        if (!stored && stored.error().code == errc::erased) continue;
        if (!stored) return stored.error();
        auto body = open_record(*stored);
        if (!body) return body.error();
        if (!visit({at, std::move(*body->mutable_policy())})) break;
    }
    return {};
}

// In force before another was. The one that decides now, signed anew, is no way back.
bool goes_back(ledger::ledger& store, const std::string& digest_hex) {
    std::vector<std::string> past;
    const status ok =
        visit_records(store, ledger::policy_rows::texts, records_max, [&](const entry& e) {
            past.push_back(e.said.digest());
            return true;
        });
    return ok && !past.empty() && past.front() != digest_hex &&
           std::find(past.begin(), past.end(), digest_hex) != past.end();
}

std::string_view name_of(v1::PolicyRecord::Event event) {
    switch (event) {
    case v1::PolicyRecord::EVENT_REFUSED:
        return "refused";
    case v1::PolicyRecord::EVENT_ROLLED_BACK:
        return "rolled back";
    case v1::PolicyRecord::EVENT_PROVED:
        return "proved";
    default:
        return "activated";
    }
}

void say_text(const std::string& text, v1::PolicyVersion& out) {
    const auto read = policy::parse(text);
    if (!read) return;
    const v1::Policy& p = read->policy;
    out.set_version(p.version());
    out.set_valid_from(p.valid_from());
    out.set_valid_until(p.valid_until());
    out.set_review_by(p.review_by());
    out.set_previous(p.previous());
    *out.mutable_findings() = p.findings();
}

v1::PolicyVersion version_of(const entry& e, std::int64_t recorded_at_us) {
    v1::PolicyVersion out;
    out.set_year(e.at.year());
    out.set_index(e.at.index());
    out.set_recorded_at_us(recorded_at_us);
    out.set_event(std::string(name_of(e.said.event())));
    out.set_digest(e.said.digest());
    if (!e.said.text().empty()) say_text(e.said.text(), out);
    *out.mutable_signers() = e.said.signers();
    out.set_refusal(e.said.refusal());
    out.set_refused_because(e.said.refused_because());
    out.set_prover(e.said.prover());
    out.set_points(e.said.points());
    out.set_semantic_digest(e.said.semantic_digest());
    return out;
}

} // namespace

result<ledger::draft> activation_draft(runtime& rt, const policy_version& version) {
    v1::PolicyRecord said;
    said.set_digest(version.rules->digest_hex());
    said.set_text(version.text);
    said.set_signatures(version.note);
    for (const auto& s : version.signers) {
        auto& row = *said.add_signers();
        row.set_part(std::string(signing::name_of(s.of)));
        row.set_name(s.name);
    }
    const bool before = goes_back(rt.store(), said.digest());
    said.set_event(
        before ? v1::PolicyRecord::EVENT_ROLLED_BACK : v1::PolicyRecord::EVENT_ACTIVATED
    );
    say_proof(version, said);
    auto draft = draft_of(rt, said);
    if (draft) draft->policy = version.rules->text_digest();
    return draft;
}

result<ledger::draft> proof_draft(runtime& rt, const policy_version& version) {
    v1::PolicyRecord said;
    said.set_digest(version.rules->digest_hex());
    said.set_event(v1::PolicyRecord::EVENT_PROVED);
    say_proof(version, said);
    return draft_of(rt, said);
}

result<ledger::draft> refusal_draft(runtime& rt, const refused_policy& refused) {
    return draft_of(rt, refusal_of(refused));
}

known_proof proofs_on_record(ledger::ledger& store) {
    return [&store](const digest& text) {
        const std::string wanted = to_hex(view(text));
        bool found = false;
        const status ok = visit_records(
            store,
            ledger::policy_rows::every_record,
            records_max,
            [&](const entry& e) {
                found = e.said.digest() == wanted && e.said.prover() == prover_name();
                return !found;
            }
        );
        return ok && found;
    };
}

result<recorded_version> last_in_force(ledger::ledger& store) {
    std::optional<entry> last;
    CAIRN_TRY(visit_records(store, ledger::policy_rows::texts, 1, [&](const entry& e) {
        last = e;
        return false;
    }));
    if (!last) return fail(errc::policy_missing);
    const auto row = record_at(store, last->at);
    if (!row) return row.error();
    return recorded_version{
        last->said.text(), last->said.signatures(), signers_of(last->said), row->recorded_at_us};
}

bool refusal_is_newest(ledger::ledger& store, const refused_policy& refused) {
    const std::string wanted = refusal_of(refused).SerializeAsString();
    bool same = false;
    const status ok =
        visit_records(store, ledger::policy_rows::every_record, 1, [&](const entry& e) {
            same = e.said.SerializeAsString() == wanted;
            return false;
        });
    return ok && same;
}

std::string signers_on_record(ledger::ledger& store, const std::string& text) {
    const std::string wanted = to_hex(view(sha256(text)));
    std::vector<signing::signer> found;
    const status ok =
        visit_records(store, ledger::policy_rows::texts, records_max, [&](const entry& e) {
            if (e.said.digest() != wanted) return true;
            found = signers_of(e.said);
            return false;
        });
    return ok ? names_of(found) : std::string();
}

result<v1::PolicyHistoryResponse> policy_history(runtime& rt, std::uint32_t max) {
    max = std::clamp(max == 0 ? 100U : max, 1U, records_max);
    v1::PolicyHistoryResponse out;
    status wrong;
    bool current = false;
    CAIRN_TRY(visit_records(
        rt.store(),
        ledger::policy_rows::every_record,
        max + 1,
        [&](const entry& e) {
            if (out.versions_size() == static_cast<int>(max)) {
                out.set_more(true);
                return false;
            }
            const auto row = record_at(rt.store(), e.at);
            if (!row) wrong = row.error();
            if (!row) return false;
            auto& made = *out.add_versions() = version_of(e, row->recorded_at_us);
            // The newest text put in force; whether it decides today is another question.
            made.set_in_force(!current && puts_in_force(e.said));
            current = current || puts_in_force(e.said);
            return true;
        }
    ));
    CAIRN_TRY(wrong);
    return out;
}

} // namespace cairn::daemon

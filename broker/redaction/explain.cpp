#include "redaction/explain.hpp"

#include "policy/check.hpp"
#include "policy/explain.hpp"
#include "policy/phrases.hpp"
#include "policy/render/outcomes.hpp"
#include "redaction/decide.hpp"

#include <algorithm>
#include <optional>

namespace cairn::redaction {
namespace {

std::string person_name(std::uint32_t person, const v1::Concern* own) {
    if (person == 0) return {};
    if (own != nullptr && person <= static_cast<std::uint32_t>(own->persons_size())) {
        return own->persons(static_cast<int>(person) - 1).ref();
    }
    return "person " + std::to_string(person);
}

v1::Subject subject_of(cell_id id, const v1::Concern* own) {
    if (about_of(id) != v1::SUBJECT_UNSPECIFIED) return about_of(id);
    const std::uint32_t person = person_of(id);
    if (person == 0) return v1::SUBJECT_CONCERN;
    if (own != nullptr && person <= static_cast<std::uint32_t>(own->persons_size())) {
        return own->persons(static_cast<int>(person) - 1).role();
    }
    return v1::SUBJECT_UNSPECIFIED;
}

std::string category_words(const policy::table& rules, cell_id id) {
    std::string out = rules.word(v1::Category_Name(category_of(id)));
    if (about_of(id) != v1::SUBJECT_UNSPECIFIED) {
        out += " (" + rules.word(v1::Subject_Name(about_of(id))) + ")";
    }
    return out;
}

v1::ExplainedCell explained(
    const policy::table& rules, cell_id id, const v1::DecisionGroup& decided, const v1::Concern* own
) {
    v1::ExplainedCell out;
    out.set_person_ref(person_name(person_of(id), own));
    out.set_category(category_words(rules, id));
    // Masked by rule 0, and yet no notice says that there is anything.
    const bool sealed = category_of(id) == v1::CATEGORY_SEALED;
    out.set_form(rules.word(v1::Form_Name(sealed ? v1::FORM_SILENT : decided.form())));
    out.set_rule(decided.rule());
    if (const v1::Rule* rule = rules.rule(decided.rule())) {
        out.set_rule_title(rule->title());
        out.set_authority(rule->authority());
        out.set_what_would_change_it(rule->what_would_change_it());
        // What the rule says, unless something else became of it.
        const bool as_ruled = rule->form() == decided.form() && rule->reason() == decided.reason();
        if (as_ruled) out.set_sentence(rule->sentence());
    }
    if (sealed) {
        out.set_sentence("Kept for the log: no desk is told of it.");
    } else if (out.sentence().empty() && decided.form() == v1::FORM_SILENT) {
        const auto why = policy::reason_words(decided.reason());
        out.set_sentence("Nothing is said of it, because " + std::string(why) + ".");
    }
    if (out.sentence().empty()) {
        const bool part =
            decided.form() == v1::FORM_GENERALISED || decided.form() == v1::FORM_PSEUDONYM;
        const v1::Subject whose = subject_of(id, own);
        const v1::Category category = category_of(id);
        out.set_sentence(
            part ? rules.sentence_of_part(decided.reason(), category, whose, "the sender")
                 : rules.sentence(decided.reason(), category, whose, "the sender")
        );
    }
    return out;
}

// What the sentence says, for programs (docs/adr/0024-explanations-in-parts.md).
void add_parts(
    const policy::table& rules,
    const v1::DecisionGroup& decided,
    v1::Purpose purpose,
    v1::ExplainedCell& out
) {
    out.set_tier(std::string(policy::tier_word(decided.tier())));
    // Of a notice without a purpose its desk was not told one.
    if (purpose != v1::PURPOSE_UNSPECIFIED) out.set_purpose(rules.word(v1::Purpose_Name(purpose)));
    const v1::Rule* rule = rules.rule(decided.rule());
    if (rule == nullptr || !policy::is_open(decided.form())) return;
    for (const int basis : rule->routes()) {
        out.add_lawful_routes(std::string(policy::basis_words(static_cast<v1::LawfulBasis>(basis)))
        );
    }
}

using groups = google::protobuf::RepeatedPtrField<v1::DecisionGroup>;

v1::DeskExplanation explain_each(
    const policy::table& rules,
    std::string_view desk,
    std::uint32_t route_rule,
    const groups& decisions,
    const v1::Concern* own,
    const std::function<void(v1::ExplainedCell&, cell_id, const v1::DecisionGroup&)>& more
) {
    v1::DeskExplanation out;
    out.set_desk(std::string{desk});
    const v1::RoutingRule* route = route_rule == 0 ? nullptr : rules.routing_rule(route_rule);
    out.set_route_sentence(
        route != nullptr ? route->sentence() : "The sender addressed this desk."
    );
    std::vector<std::pair<cell_id, const v1::DecisionGroup*>> cells;
    for (const v1::DecisionGroup& group : decisions) {
        for (const cell_id id : group.cells()) cells.emplace_back(id, &group);
    }
    std::sort(cells.begin(), cells.end(), [](const auto& a, const auto& b) {
        return a.first < b.first;
    });
    for (const auto& [id, group] : cells) {
        v1::ExplainedCell& cell = *out.add_cells();
        cell = explained(rules, id, *group, own);
        more(cell, id, *group);
    }
    return out;
}

struct kept_point {
    policy::point at;
    // False where the rule decided so, and something else became of it in the notice.
    bool as_kept = true;
};

// The point at which the policy decides as the record says. What a desk sees in full, and whose
// pupil somebody is, the record keeps for the desk and not for the cell: both are tried.
std::optional<kept_point> point_kept(
    const policy::table& rules,
    const analysis& inputs,
    const explained_desk& desk,
    cell_id id,
    const v1::DecisionGroup& kept
) {
    const auto at = std::lower_bound(
        inputs.cells.begin(),
        inputs.cells.end(),
        id,
        [](const cell_input& in, cell_id wanted) { return in.id < wanted; }
    );
    if (at == inputs.cells.end() || at->id != id) return std::nullopt;
    const std::uint32_t pupil = policy::bit(v1::FLAG_OWN_PUPIL);
    const std::uint32_t all = policy::bit(v1::FLAG_SEES_ALL);
    policy::desk_inputs asked;
    asked.role = desk.role;
    asked.purpose = inputs.purpose;
    asked.risk = inputs.risk;
    asked.flags = desk.flags & ~pupil;
    std::optional<kept_point> by_rule;
    for (const std::uint32_t tried : {0U, pupil, all, pupil | all}) {
        if ((tried & pupil) != 0 && ((desk.flags & pupil) == 0 || person_of(id) == 0)) continue;
        if ((tried & all) != 0 && category_of(id) != v1::CATEGORY_NARRATIVE) continue;
        auto p = policy::point_of(*at, asked);
        p.flags |= tried;
        const auto d = rules.decide(p);
        if (d.rule != kept.rule()) continue;
        if (d.form == kept.form() && d.reason == kept.reason()) return kept_point{p, true};
        if (!by_rule) by_rule = kept_point{p, false};
    }
    return by_rule;
}

} // namespace

v1::DeskExplanation explain(
    const policy::table& rules,
    std::string_view desk,
    std::uint32_t route_rule,
    const groups& decisions,
    const v1::Concern* own_concern
) {
    const v1::Purpose purpose =
        own_concern == nullptr ? v1::PURPOSE_UNSPECIFIED : own_concern->purpose();
    const auto more = [&](v1::ExplainedCell& out, cell_id id, const v1::DecisionGroup& decided) {
        // A tier tells a conviction from an address.
        if (!rules.veiled(category_of(id))) add_parts(rules, decided, purpose, out);
    };
    return explain_each(rules, desk, route_rule, decisions, own_concern, more);
}

v1::DeskExplanation explain(
    const policy::table& rules,
    audience to,
    const explained_desk& desk,
    const groups& decisions,
    const analysis& inputs,
    const v1::Concern* own_concern
) {
    const policy::vocabulary words(rules.source());
    const std::uint32_t changeable = policy::mentioned_flags(rules.source());
    const auto more = [&](v1::ExplainedCell& out, cell_id id, const v1::DecisionGroup& kept) {
        add_parts(rules, kept, inputs.purpose, out);
        const auto at = desk.each_in_words ? point_kept(rules, inputs, desk, id, kept)
                                           : std::optional<kept_point>();
        if (at) {
            const auto why = policy::explain(rules, at->at, changeable);
            const auto said = to == audience::sender ? policy::sender_sentence(rules, words, why)
                                                     : policy::auditor_sentence(rules, words, why);
            if (at->as_kept)
                out.set_sentence(said);
            else
                out.mutable_sentence()->append(" By the rule alone: " + said);
        }
        for (const challenged_cell& c : desk.challenged) {
            if (c.id == id) out.mutable_sentence()->append(challenge_sentence(rules, c));
        }
    };
    return explain_each(rules, desk.desk, desk.route_rule, decisions, own_concern, more);
}

} // namespace cairn::redaction

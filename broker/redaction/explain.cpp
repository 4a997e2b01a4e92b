#include "redaction/notice.hpp"

#include <algorithm>

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
    out.set_form(rules.word(v1::Form_Name(decided.form())));
    out.set_rule(decided.rule());
    if (const v1::Rule* rule = rules.rule(decided.rule())) {
        out.set_rule_title(rule->title());
        out.set_authority(rule->authority());
        out.set_what_would_change_it(rule->what_would_change_it());
        // What the rule says, unless something else became of it.
        const bool as_ruled = rule->form() == decided.form() && rule->reason() == decided.reason();
        if (as_ruled) out.set_sentence(rule->sentence());
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

} // namespace

v1::DeskExplanation explain(
    const policy::table& rules,
    std::string_view desk,
    std::uint32_t route_rule,
    const google::protobuf::RepeatedPtrField<v1::DecisionGroup>& decisions,
    const v1::Concern* own_concern
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
    for (const auto& [id, group] : cells)
        *out.add_cells() = explained(rules, id, *group, own_concern);
    return out;
}

} // namespace cairn::redaction

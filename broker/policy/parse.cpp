#include "policy/parse.hpp"

#include "policy/text_format.hpp"

namespace cairn::policy {

namespace {

std::vector<std::string> places_of(const text_places& tree, const char* field, int count) {
    const auto* descriptor = v1::Policy::descriptor()->FindFieldByName(field);
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i) out.push_back(place_text(tree.GetLocation(descriptor, i)));
    return out;
}

} // namespace

result<parsed> parse(std::string_view text) {
    if (says_nothing(text)) return fail(errc::policy_missing);
    parsed out;
    text_places tree;
    CAIRN_TRY(read_text(text, out.policy, tree));
    out.rule_places = places_of(tree, "rules", out.policy.rules_size());
    out.routing_places = places_of(tree, "routing", out.policy.routing_size());
    out.invariant_places = places_of(tree, "invariants", out.policy.invariants_size());
    out.question_places = places_of(tree, "questions", out.policy.questions_size());
    return out;
}

} // namespace cairn::policy

// Explanations of a record's decisions, for those who may know every one of them.
#pragma once

#include "redaction/challenge.hpp"

namespace cairn::redaction {

enum class audience : std::uint8_t { sender, auditor };

// A desk of an earlier concern, as its record keeps it.
struct explained_desk {
    std::string_view desk;
    v1::Role role = v1::ROLE_UNSPECIFIED;
    std::uint32_t route_rule = 0;
    // DecisionInputs.desks.
    std::uint32_t flags = 0;
    std::vector<challenged_cell> challenged;
    // False where the whole concern has more than limits::explained_cells.
    bool each_in_words = true;
};

// Each cell in a sentence: form, purpose, deciding rule and its tier, reason, provisions, the
// smallest sets of flags and the risk that would change it, whether it is challenged; to the
// auditor the inputs and who verified the rule as well. Tier, purpose and provisions also in fields
// of their own, whatever the sentence says. `inputs` are those of the record; where they do not
// lead to the decision kept (a text held, a person left out), the sentence says what became of it
// and then what the rule alone would say. Where not each is to be in words it is the one of the
// rule. `own_concern` names persons for the sender; null: "person 1" and so on.
v1::DeskExplanation explain(
    const policy::table& rules,
    audience to,
    const explained_desk& desk,
    const google::protobuf::RepeatedPtrField<v1::DecisionGroup>& decisions,
    const analysis& inputs,
    const v1::Concern* own_concern
);

} // namespace cairn::redaction

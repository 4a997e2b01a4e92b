// Why a point is decided as it is, and what would change it: asked of the table that decides, so
// that no explanation can drift from the decision.
#pragma once

#include "policy/render/vocabulary.hpp"
#include "policy/table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn::policy {

// How many flags are tried at once. Whatever needs more is no answer to a person.
inline constexpr int explained_flags = 4;

// Flags to flip, all of them, at the same risk; and what is decided then.
struct flag_change {
    std::uint32_t flip = 0;
    decision then;
};

struct risk_change {
    v1::RiskLevel from = v1::RISK_LEVEL_UNSPECIFIED;
    decision then;
};

struct explanation {
    point at;
    decision got;
    // Smallest sets of flags whose flip shows more, and those whose flip shows less: all of the
    // least size, in the order of the flags' numbers; none where no set of explained_flags or fewer
    // does it. None leads to flags that exclude each other (exclusions.hpp).
    std::vector<flag_change> opens;
    std::vector<flag_change> closes;
    // The next higher risk at which the form differs.
    std::optional<risk_change> at_risk;
};

// `changeable`: the flags worth trying, mentioned_flags() of the text, or fewer.
explanation explain(const table& policy, const point& at, std::uint32_t changeable);

// More open means a lower form: full, generalised, pseudonym, masked, silent.
bool shows_more(const decision& than, const decision& now);

// For the desk itself. Of a veiled category that is hidden it is the same text whatever the
// category, the reason or the rule; empty where nothing may be said, and of what is sealed.
std::string recipient_sentence(const table& policy, const explanation& why, std::string_view ask);
// For whoever sent it and knows what it is.
std::string sender_sentence(const table& policy, const vocabulary& words, const explanation& why);
// For who checks the decision: inputs, rule, provisions, who verified it, what would change it.
std::string auditor_sentence(const table& policy, const vocabulary& words, const explanation& why);

// " Lawful route: ..." of a rule that shows something; empty where it names none.
std::string route_sentence(const v1::Rule& rule);
// "rule 110 “Title” (authority) of policy “version”".
std::string cited(const table& policy, const v1::Rule& rule);
// Who answers for what a rule says: who signed the text, the rule's owner, and who verified it.
std::string answerable(const table& policy, const v1::Rule& rule);

// "where the desk is in conflict of interest" of each flag in the set, joined; what flipping them
// means at `at`: a flag that is set would have to be gone.
std::string flip_words(std::uint32_t flip, std::uint32_t set_now);

} // namespace cairn::policy

// A rule in English, made from its fields: what an officer signs. The author's own `sentence` is
// not among them, so that nobody signs words the broker does not act on.
#pragma once

#include "policy/render/vocabulary.hpp"

#include <string>

namespace cairn::policy {

struct rule_text {
    // Number, title, rank, and who sees what of whom for what, from when on and unless.
    std::string decides;
    // Reason, provisions, authority.
    std::string because;
    // What a desk reads where it does not see all; empty where it does.
    std::string label;
    // Dates, owner, approver, what would change it, who verified it: "NOT VERIFIED" where nobody
    // did.
    std::string kept;

    [[nodiscard]] std::string whole() const;
};

// Every field but `sentence` is in it; two rules that differ in another field differ in their text.
rule_text describe_rule(const v1::Policy& policy, const vocabulary& words, const v1::Rule& rule);

// "at any risk, where …, unless …": when the rule applies, in the middle of a sentence.
std::string conditions_of(const vocabulary& words, const v1::Rule& rule);

// Nobody's name stands under it, or only that it is proposed.
bool unverified(const v1::Rule& rule);

} // namespace cairn::policy

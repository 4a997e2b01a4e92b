#include "policy/render/sentence.hpp"

#include <algorithm>

namespace cairn::policy {

namespace {

bool one_desk(const v1::Rule& r) {
    return r.roles_size() <= 1;
}

// What the desks do or are told, up to the categories.
std::string verb(const vocabulary& words, const v1::Rule& r) {
    const bool one = one_desk(r);
    const std::string be = one ? "is" : "are";
    switch (r.form()) {
    case v1::FORM_FULL:
    case v1::FORM_GENERALISED:
    case v1::FORM_PSEUDONYM:
        return (one ? "sees " : "see ") + words.word(r.form()) + ":";
    case v1::FORM_MASKED:
        return be + " told that it is held, and not what it says:";
    case v1::FORM_SILENT:
        return be + " told nothing, not even that it is held:";
    default:
        return be + " told what nobody wrote down:";
    }
}

template <class Flags>
std::string flag_list(const Flags& flags, std::string_view before) {
    std::string out;
    for (const int f : flags) {
        out += ", " + std::string(before) + " ";
        out += flag_words(static_cast<v1::Flag>(f));
    }
    return out;
}

std::string risk_words(const vocabulary& words, v1::RiskLevel from) {
    if (from == v1::RISK_LEVEL_UNSPECIFIED) return "at any risk";
    return "at " + words.word(from) + (from == v1::RiskLevel_MAX ? "" : " and above");
}

std::string what_is_decided(const vocabulary& words, const v1::Rule& r) {
    std::string out = "Rule " + std::to_string(r.number()) + ", " + quoted(r.title()) + ". ";
    out += tier_meaning(r.tier());
    out += ": " + risk_words(words, r.min_risk()) + ", ";
    out += words.list<v1::Role>(r.roles(), "every desk", "and") + " " + verb(words, r) + " ";
    out += words.list<v1::Category>(r.categories(), "whatever it is", "and");
    out += " about " + words.list<v1::Subject>(r.subjects(), "anybody", "or");
    out += ", for " + words.list<v1::Purpose>(r.purposes(), "every purpose", "or");
    return out + flag_list(r.when(), "where") + flag_list(r.unless(), "unless") + ".";
}

std::string why(const v1::Rule& r) {
    std::string out = "Because " + std::string(reason_words(r.reason())) + "; ";
    std::vector<std::string> routes;
    for (const int b : r.routes())
        routes.emplace_back(basis_words(static_cast<v1::LawfulBasis>(b)));
    out += routes.empty() ? "it names no provision as its route"
                          : "it stands on " + joined(routes, "and");
    return out + "; authority: " + quoted(r.authority()) + ".";
}

// Veiled and other categories of one rule read differently: each of the two that there is.
std::string
what_a_desk_reads(const v1::Policy& policy, const vocabulary& words, const v1::Rule& r) {
    if (r.form() == v1::FORM_FULL || r.form() == v1::FORM_SILENT) return {};
    const bool partly = r.form() != v1::FORM_MASKED;
    std::vector<std::string> named;
    bool veils = false;
    const auto add = [&](int category) {
        const auto& veiled = policy.veiled();
        const bool hidden = std::find(veiled.begin(), veiled.end(), category) != veiled.end();
        if (!partly && hidden) {
            veils = true;
        } else {
            named.push_back(words.word(static_cast<v1::Category>(category)));
        }
    };
    for (const int c : r.categories()) add(c);
    if (r.categories().empty()) {
        veils = !partly && !policy.veiled().empty();
        named.emplace_back("what it is");
    }
    const auto whom = words.list<v1::Subject>(r.subjects(), "the person", "or");
    std::string out;
    if (!named.empty()) {
        const auto text = words.label(r.reason(), partly, joined(named, "or"), whom);
        out = "The desk reads: " + quoted(text) + ".";
    }
    if (veils) {
        const auto text = words.label(v1::REASON_UNSPECIFIED, false, {}, whom);
        out += std::string(out.empty() ? "" : " ") +
               "Where even the kind is not told, the desk reads: " + quoted(text) + ".";
    }
    return out;
}

std::string who_keeps_it(const v1::Rule& r) {
    std::string out = "In force from " + quoted(r.in_force()) + ", to be read again by " +
                      quoted(r.review_by()) + "; owner: " + quoted(r.owner()) + ".";
    if (!r.approver().empty()) out += " Approved by " + quoted(r.approver()) + ".";
    out += r.what_would_change_it().empty()
               ? " It does not say what would change it."
               : " What would change it: " + quoted(r.what_would_change_it()) + ".";
    out += unverified(r) ? " NOT VERIFIED" : " Verified by";
    if (!r.verified_by().empty())
        out += std::string(unverified(r) ? ": " : " ") + quoted(r.verified_by());
    return out + ".";
}

} // namespace

std::string rule_text::whole() const {
    return decides + " " + because + " " + label + (label.empty() ? "" : " ") + kept;
}

bool unverified(const v1::Rule& rule) {
    return rule.verified_by().empty() || rule.verified_by().rfind("PROPOSED", 0) == 0;
}

std::string conditions_of(const vocabulary& words, const v1::Rule& rule) {
    return risk_words(words, rule.min_risk()) + flag_list(rule.when(), "where") +
           flag_list(rule.unless(), "unless");
}

rule_text describe_rule(const v1::Policy& policy, const vocabulary& words, const v1::Rule& rule) {
    return {
        what_is_decided(words, rule),
        why(rule),
        what_a_desk_reads(policy, words, rule),
        who_keeps_it(rule),
    };
}

} // namespace cairn::policy

#include "policy/explain.hpp"

#include "policy/check.hpp"
#include "policy/exclusions.hpp"

#include <array>

namespace cairn::policy {

namespace {

constexpr std::size_t most_flags = v1::Flag_MAX + 1;

// Calls `see` with every set of `size` of the flags, smallest numbers first.
template <class See>
void each_set(const std::vector<std::uint32_t>& flags, std::size_t size, See&& see) {
    std::array<std::size_t, explained_flags> at{};
    for (std::size_t i = 0; i < size; ++i) at[i] = i;
    if (size > flags.size()) return;
    for (;;) {
        std::uint32_t set = 0;
        for (std::size_t i = 0; i < size; ++i) set |= flags[at[i]];
        see(set);
        std::size_t i = size;
        while (i > 0 && at[i - 1] == flags.size() - size + i - 1) --i;
        if (i == 0) return;
        ++at[i - 1];
        for (std::size_t j = i; j < size; ++j) at[j] = at[j - 1] + 1;
    }
}

// Kept for the log: masked for everybody by rule 0, and no notice says so.
bool sealed(const point& at) {
    return at.category == v1::CATEGORY_SEALED;
}

std::string form_words(const vocabulary& words, const point& at, const decision& d) {
    const auto cell = words.word(at.category) + " about " + words.word(at.subject);
    auto desk = words.word(at.role);
    if (desk.front() >= 'a' && desk.front() <= 'z') {
        desk.front() = static_cast<char>(desk.front() - 'a' + 'A');
    }
    if (sealed(at)) return desk + " is told nothing of: " + cell;
    switch (d.form) {
    case v1::FORM_FULL:
    case v1::FORM_GENERALISED:
    case v1::FORM_PSEUDONYM:
        return desk + " sees " + words.word(d.form) + ": " + cell;
    case v1::FORM_SILENT:
        return desk + " is told nothing of: " + cell;
    default:
        return desk + " is told that it is held, and does not see: " + cell;
    }
}

std::string deciding(const table& policy, const explanation& why) {
    const auto& d = why.got;
    if (sealed(why.at)) {
        return "No rule can open it, for it is kept for the log (" +
               std::string(tier_word(d.tier)) + ")";
    }
    const auto* rule = policy.rule(d.rule);
    if (rule == nullptr) {
        return "No rule speaks of it, and what no rule opens stays closed (" +
               std::string(tier_word(d.tier)) + ")";
    }
    return "Rule " + std::to_string(d.rule) + " " + quoted(rule->title()) + " (" +
           std::string(tier_word(d.tier)) + ") decides, because " +
           std::string(reason_words(d.reason));
}

std::string of_route(const v1::Rule* rule) {
    return rule == nullptr ? std::string() : route_sentence(*rule);
}

std::string verified_by(const v1::Rule& rule) {
    return rule.verified_by().empty() ? "nobody" : quoted(rule.verified_by());
}

std::string changes(
    const vocabulary& words,
    const explanation& why,
    const std::vector<flag_change>& sets,
    std::string_view lead
) {
    std::string out;
    for (const auto& c : sets) {
        out += " " + std::string(lead) + " (" + words.word(c.then.form) + ") if " +
               flip_words(c.flip, why.at.flags) + ".";
    }
    return out;
}

std::string risk(const vocabulary& words, const explanation& why) {
    if (!why.at_risk) return {};
    return " At " + words.word(why.at_risk->from) + " it would be " +
           words.word(why.at_risk->then.form) + ".";
}

std::string would_change(const explanation& why, const v1::Rule* rule) {
    if (sealed(why.at)) return {};
    if (rule == nullptr) return " What would change it: a rule of the partnership's policy.";
    if (rule->what_would_change_it().empty()) return {};
    return " What would change it: " + rule->what_would_change_it();
}

} // namespace

bool shows_more(const decision& than, const decision& now) {
    return now.form < than.form;
}

explanation explain(const table& policy, const point& at, std::uint32_t changeable) {
    explanation out{at, policy.decide(at), {}, {}, {}};
    std::vector<std::uint32_t> flags;
    flags.reserve(most_flags);
    for (std::size_t f = 1; f < most_flags; ++f) {
        if ((changeable >> f & 1) != 0) flags.push_back(1U << f);
    }
    for (std::size_t size = 1; size <= explained_flags; ++size) {
        const bool opened = !out.opens.empty();
        const bool closed = !out.closes.empty();
        if (opened && closed) break;
        each_set(flags, size, [&](std::uint32_t set) {
            point other = at;
            other.flags ^= set;
            // No advice that no concern could follow.
            if (!can_hold_together(other.flags)) return;
            const auto then = policy.decide(other);
            if (!opened && shows_more(out.got, then)) out.opens.push_back({set, then});
            if (!closed && shows_more(then, out.got)) out.closes.push_back({set, then});
        });
    }
    for (int k = at.risk + 1; k <= v1::RiskLevel_MAX && !out.at_risk; ++k) {
        point other = at;
        other.risk = static_cast<v1::RiskLevel>(k);
        const auto then = policy.decide(other);
        if (then.form != out.got.form) out.at_risk = risk_change{other.risk, then};
    }
    return out;
}

std::string route_sentence(const v1::Rule& rule) {
    if (rule.routes().empty()) return {};
    std::vector<std::string> out;
    for (const int b : rule.routes()) {
        out.emplace_back(basis_words(static_cast<v1::LawfulBasis>(b)));
    }
    return " Lawful route: " + joined(out, "and") + ".";
}

std::string cited(const table& policy, const v1::Rule& rule) {
    std::string out = "rule " + std::to_string(rule.number()) + " " + quoted(rule.title());
    if (!rule.authority().empty()) out += " (" + rule.authority() + ")";
    return out + " of policy " + quoted(policy.source().version());
}

std::string answerable(const table& policy, const v1::Rule& rule) {
    const std::string owner = rule.owner().empty() ? "nobody" : quoted(rule.owner());
    const std::string signers =
        policy.signed_by().empty() ? "" : "signed by " + policy.signed_by() + "; ";
    return signers + "owner: " + owner + "; verified by: " + verified_by(rule);
}

std::string flip_words(std::uint32_t flip, std::uint32_t set_now) {
    std::vector<std::string> out;
    for (std::size_t f = 1; f < most_flags; ++f) {
        if ((flip >> f & 1) == 0) continue;
        const auto words = flag_words(static_cast<v1::Flag>(f));
        const bool holds = (set_now >> f & 1) != 0;
        out.push_back((holds ? "it no longer held that " : "it held that ") + std::string(words));
    }
    return joined(out, "and");
}

std::string recipient_sentence(const table& policy, const explanation& why, std::string_view ask) {
    const auto& at = why.at;
    const auto& got = why.got;
    if (got.form == v1::FORM_SILENT || sealed(at)) return {};
    if (got.form == v1::FORM_GENERALISED || got.form == v1::FORM_PSEUDONYM) {
        return policy.sentence_of_part(got.reason, at.category, at.subject, ask);
    }
    if (got.form == v1::FORM_FULL && policy.veiled(at.category)) {
        // The policy's sentence of a veiled category is the one of what is hidden.
        return "Shown about " + policy.word(v1::Subject_Name(at.subject)) + ": " +
               policy.word(v1::Category_Name(at.category)) + ".";
    }
    if (got.form == v1::FORM_FULL) {
        return policy.sentence(got.reason, at.category, at.subject, ask);
    }
    if (policy.veiled(at.category)) {
        return policy.sentence(v1::REASON_UNSPECIFIED, v1::CATEGORY_UNSPECIFIED, at.subject, ask);
    }
    // What would change it may name what is held: said of a category only that is named anyway.
    return policy.sentence(got.reason, at.category, at.subject, ask) +
           would_change(why, policy.rule(got.rule));
}

std::string sender_sentence(const table& policy, const vocabulary& words, const explanation& why) {
    const auto* rule = policy.rule(why.got.rule);
    auto out = form_words(words, why.at, why.got) + ", for " + words.word(why.at.purpose) + ". " +
               deciding(policy, why) + ".";
    if (is_open(why.got.form)) out += of_route(rule);
    if (!is_open(why.got.form)) out += would_change(why, rule);
    out += changes(words, why, why.opens, "More would be told");
    return out + risk(words, why);
}

std::string auditor_sentence(const table& policy, const vocabulary& words, const explanation& why) {
    const auto* rule = policy.rule(why.got.rule);
    auto out = form_words(words, why.at, why.got) + ", for " + words.word(why.at.purpose);
    out += why.at.risk == v1::RISK_LEVEL_UNSPECIFIED ? ", at no stated risk"
                                                     : ", at " + words.word(why.at.risk);
    for (std::size_t f = 1; f < most_flags; ++f) {
        if ((why.at.flags >> f & 1) == 0) continue;
        out += ", where ";
        out += flag_words(static_cast<v1::Flag>(f));
    }
    out += ". " + deciding(policy, why) + "." + of_route(rule);
    if (rule != nullptr) {
        out += " Authority: " + quoted(rule->authority()) + "; verified by: " + verified_by(*rule) +
               ".";
    }
    out += changes(words, why, why.opens, "More would be told");
    out += changes(words, why, why.closes, "Less would be told");
    return out + risk(words, why) + would_change(why, rule);
}

} // namespace cairn::policy

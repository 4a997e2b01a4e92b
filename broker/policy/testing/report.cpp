#include "policy/testing/report.hpp"

#include "policy/check.hpp"
#include "policy/render/vocabulary.hpp"

namespace cairn::policy {

namespace {

// "must share" of REASON_MUST_SHARE: whoever writes a policy knows the reasons by these names.
std::string reason_name(v1::ReasonCode reason) {
    std::string out = v1::ReasonCode_Name(reason).substr(sizeof "REASON_" - 1);
    for (char& c : out) {
        if (c == '_')
            c = ' ';
        else if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string effect(const wording& words, v1::Form form, std::uint32_t rule, v1::ReasonCode reason) {
    return words.of(v1::Form_Name(form)) + ", by " + words.rule(rule) + ", as \"" +
           reason_name(reason) + "\"";
}

std::string effect(const wording& words, const decision& d) {
    return effect(words, d.form, d.rule, d.reason);
}

// `general practice, for early help, at ..., asks for physical health of the child`
std::string question(const wording& words, const point& p) {
    auto out = words.who(p) + " " + words.of(v1::Category_Name(p.category));
    return out + " of " + words.of(v1::Subject_Name(p.subject));
}

} // namespace

std::string say_missed(const wording& words, const v1::PolicyCase& c, const decision& got) {
    return c.name() + "\n    " + c.scenario() + "\n    asked:    " + question(words, point_of(c)) +
           "\n    expected: " + effect(words, c.form(), c.rule(), c.reason()) +
           "\n    decided:  " + effect(words, got);
}

std::string say_uncovered(const wording& words, const uncovered_rule& u) {
    return words.rule(u.rule) + " decides, for example: " + question(words, u.where);
}

std::string say_survivor(const wording& words, const survivor& s) {
    const auto said =
        words.rule(s.changed.rule) + " " + s.changed.what + ": " + question(words, s.where);
    // Of a route nothing is decided otherwise.
    if (s.before == s.after) return said + "\n    would stand on one provision less";
    return said + "\n    would be " + effect(words, s.after) + "\n    and is " +
           effect(words, s.before);
}

std::string
grounds_of(const wording& words, const v1::PolicyCases& cases, const rules_by_number& rules) {
    std::string out;
    for (const auto& c : cases.cases()) {
        const auto at = rules.find(c.rule());
        if (!is_open(c.form()) || at == rules.end()) continue;
        std::vector<std::string> on;
        for (const int b : at->second->routes()) {
            on.push_back(words.of(v1::LawfulBasis_Name(static_cast<v1::LawfulBasis>(b))));
        }
        out += c.name() + "\n    rule " + std::to_string(c.rule()) + ", on " +
               (on.empty() ? "no provision" : joined(on, "and")) + "\n";
    }
    return out;
}

} // namespace cairn::policy

#include "policy/testing/report.hpp"

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
    return words.rule(s.changed.rule) + " " + s.changed.what + ": " + question(words, s.where) +
           "\n    would be " + effect(words, s.after) + "\n    and is " + effect(words, s.before);
}

} // namespace cairn::policy

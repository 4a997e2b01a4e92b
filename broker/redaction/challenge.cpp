#include "redaction/challenge.hpp"

#include "policy/explain.hpp"
#include "redaction/decide.hpp"
#include "redaction/detriment_reason.hpp"

#include <map>
#include <optional>
#include <set>

namespace cairn::redaction {
namespace {

constexpr const char* code = "gdpr_is_no_reason";

// The cell without its declaration, where a must rule shows it then.
std::optional<challenged_cell>
without(const policy::table& rules, policy::point p, const cell_input& in) {
    const auto now = rules.decide(p);
    p.flags &= ~policy::bit(v1::FLAG_DETRIMENT);
    const auto then = rules.decide(p);
    if (then.tier != v1::TIER_MUST || !policy::shows_more(now, then)) return std::nullopt;
    return challenged_cell{in.id, then.rule, now.rule};
}

// " (Children Act 2004 s.16LA(3))": what the declaration itself stands on.
std::string in_brackets(const policy::table& rules, std::uint32_t number) {
    const v1::Rule* rule = rules.rule(number);
    if (rule == nullptr || rule->authority().empty()) return {};
    return " (" + rule->authority() + ")";
}

// What one must rule says against one detriment.
struct objection {
    std::uint32_t hidden_by = 0;
    std::set<v1::Role> roles;
};
// By rule.
using objections = std::map<std::uint32_t, objection>;

std::string desks_of(const policy::table& rules, const objection& o) {
    std::vector<std::string> out;
    for (const auto role : o.roles) out.push_back(rules.word(v1::Role_Name(role)));
    return policy::joined(out, "and");
}

std::string warning_text(const policy::table& rules, const objections& all) {
    std::string out = "A detriment is a harm to the child" +
                      in_brackets(rules, all.begin()->second.hidden_by) +
                      "; data protection, confidentiality or a refused consent is none. ";
    for (const auto& [number, o] : all) {
        const v1::Rule* rule = rules.rule(number);
        if (rule == nullptr) continue;
        if (number == all.begin()->first) {
            out += "Against it stands " + policy::cited(rules, *rule) + ", " +
                   policy::answerable(rules, *rule) + ": " + rule->sentence() +
                   policy::route_sentence(*rule) + " By it this is owed to: " + desks_of(rules, o) +
                   ".";
        } else {
            out += " By rule " + std::to_string(number) + " " + policy::quoted(rule->title()) +
                   ", to: " + desks_of(rules, o) + ".";
        }
    }
    return out + " It stays hidden as you declared. Say what harm to the child showing it would "
                 "do, or send it again without the detriment. So says the partnership's policy; it "
                 "is no legal advice";
}

std::string refusal_text() {
    return "A refused consent or data protection is no reason to keep this back: " +
           std::string(policy::basis_words(v1::LAWFUL_BASIS_6E)) + ", with " +
           std::string(policy::basis_words(v1::LAWFUL_BASIS_S1P18)) +
           ", holds without consent. Answer, and declare as a detriment what would harm the child, "
           "with that harm as its reason";
}

v1::Warning warning(std::string where, std::string text) {
    v1::Warning w;
    w.set_code(code);
    w.set_where(std::move(where));
    w.set_text(std::move(text));
    return w;
}

} // namespace

declared::declared(const v1::Concern& c) : concern_(c), who_(c) {
    for (const v1::Detriment& d : c.detriments()) {
        protection_.push_back(redaction::rests_on_data_protection(d.reason()));
        any_ = any_ || protection_.back();
    }
}

bool declared::covers(int detriment, cell_id id) const {
    return redaction::covers(concern_.detriments(detriment), who_, id);
}

bool declared::rests_on_data_protection(cell_id id) const {
    for (int i = 0; i < concern_.detriments_size(); ++i) {
        if (!protection_[static_cast<std::size_t>(i)] && covers(i, id)) return false;
    }
    return true;
}

std::vector<challenged_cell> declared::challenged(
    const analysis& a, const policy::table& rules, const desk_context& desk
) const {
    std::vector<challenged_cell> out;
    if (!any_) return out;
    const policy::desk_inputs inputs = inputs_of(concern_, a, desk);
    for (const cell_input& in : a.cells) {
        if ((in.flags & policy::bit(v1::FLAG_DETRIMENT)) == 0) continue;
        if (!rests_on_data_protection(in.id)) continue;
        if (const auto found = without(rules, policy::point_of(in, inputs), in)) {
            out.push_back(*found);
        }
    }
    return out;
}

std::vector<v1::Warning> challenges(
    const v1::Concern& c,
    const analysis& a,
    const policy::table& rules,
    const std::vector<desk_context>& desks
) {
    std::vector<v1::Warning> out;
    if (c.answer().result() == v1::Answer::RESULT_REFUSED &&
        rests_on_data_protection(c.answer().refusal_reason())) {
        out.push_back(warning("concern.answer.refusal_reason", refusal_text()));
    }
    // Most concerns declare nothing, and pay nothing.
    if (c.detriments().empty()) return out;
    std::vector<objections> found(static_cast<std::size_t>(c.detriments_size()));
    const declared all(c);
    for (const desk_context& desk : desks) {
        for (const challenged_cell& cell : all.challenged(a, rules, desk)) {
            for (int i = 0; i < c.detriments_size(); ++i) {
                if (!all.covers(i, cell.id)) continue;
                objection& o = found[static_cast<std::size_t>(i)][cell.rule];
                o.hidden_by = cell.hidden_by;
                o.roles.insert(desk.role);
            }
        }
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i].empty()) continue;
        out.push_back(warning(
            "concern.detriments[" + std::to_string(i) + "].reason", warning_text(rules, found[i])
        ));
    }
    return out;
}

std::string challenge_sentence(const policy::table& rules, const challenged_cell& cell) {
    const v1::Rule* rule = rules.rule(cell.rule);
    std::string out =
        " Challenged: the detriment was declared for data protection and names no harm "
        "to the child";
    if (rule == nullptr) return out + ".";
    return out + "; without it, " + policy::cited(rules, *rule) + " shows this (" +
           policy::answerable(rules, *rule) + ").";
}

analysis analysis_of(const v1::DecisionInputs& kept) {
    analysis out;
    out.purpose = kept.purpose();
    out.risk = kept.risk();
    for (const auto& cell : kept.cells()) {
        out.cells.push_back({cell.cell(), static_cast<v1::Subject>(cell.subject()), cell.flags()});
    }
    return out;
}

} // namespace cairn::redaction

#include "unit/policy/reference.hpp"

#include <algorithm>

namespace plain {

namespace {

namespace v1 = cairn::v1;

bool hides(int tier) {
    return tier == v1::TIER_BAR || tier == v1::TIER_DENY;
}

template <class Values>
bool fits(const Values& list, int value, mistake m) {
    if (list.empty()) return m != mistake::empty_list_fits_nothing;
    return std::find(list.begin(), list.end(), value) != list.end();
}

bool is_set(std::uint32_t flags, int flag) {
    return (flags & (std::uint32_t{1} << static_cast<unsigned>(flag))) != 0;
}

// All flags of `when` are set.
bool when_fits(const v1::Rule& r, std::uint32_t flags, mistake m) {
    if (m == mistake::when_ignored || r.when().empty()) return true;
    int set = 0;
    for (const int f : r.when()) set += is_set(flags, f) ? 1 : 0;
    return m == mistake::any_of_when_is_enough ? set > 0 : set == r.when_size();
}

// No flag of `unless` is set.
bool unless_fits(const v1::Rule& r, std::uint32_t flags, mistake m) {
    if (m == mistake::unless_ignored || r.unless().empty()) return true;
    int set = 0;
    for (const int f : r.unless()) set += is_set(flags, f) ? 1 : 0;
    return m == mistake::all_of_unless_needed ? set < r.unless_size() : set == 0;
}

bool risk_fits(const v1::Rule& r, int risk, mistake m) {
    if (m == mistake::risk_ignored || r.min_risk() == v1::RISK_LEVEL_UNSPECIFIED) return true;
    if (m == mistake::risk_above_instead_of_at_least) return risk > r.min_risk();
    return risk >= r.min_risk();
}

bool in_force(const v1::Rule& r, const std::string& today, mistake m) {
    if (m == mistake::rule_applied_before_its_day) return true;
    if (m == mistake::rule_not_applied_on_its_first_day) return r.in_force() < today;
    return r.in_force() <= today; // ISO days sort as text
}

bool names_statutory_bar(const v1::Rule& r) {
    return std::find(r.when().begin(), r.when().end(), v1::FLAG_STATUTORY_BAR) != r.when().end();
}

// "The lines of a row must all fit; a line left out means any."
bool speaks(const v1::Rule& r, const question& q, const std::string& today, mistake m) {
    if (m == mistake::statutory_bar_skipped && names_statutory_bar(r)) return false;
    const bool subject = m == mistake::subjects_ignored || fits(r.subjects(), q.subject, m);
    return fits(r.categories(), q.category, m) && subject && fits(r.roles(), q.role, m) &&
           fits(r.purposes(), q.purpose, m) && risk_fits(r, q.risk, m) &&
           when_fits(r, q.flags, m) && unless_fits(r, q.flags, m) && in_force(r, today, m);
}

// bar, must, deny, allow: "strongest first".
int strength(int tier, mistake m) {
    if (m == mistake::deny_before_must && tier == v1::TIER_DENY) return 15;
    if (m == mistake::must_before_bar && tier == v1::TIER_MUST) return 5;
    if (m == mistake::allow_before_deny && tier == v1::TIER_ALLOW) return 25;
    return tier * 10;
}

// "Inside bar and deny the strictest form wins, inside must and allow the most open one"; ties by
// the lowest number.
bool stronger(const v1::Rule& a, const v1::Rule& b, mistake m) {
    if (strength(a.tier(), m) != strength(b.tier(), m)) {
        return strength(a.tier(), m) < strength(b.tier(), m);
    }
    if (a.form() != b.form()) {
        bool strictest = hides(a.tier());
        if (m == mistake::most_open_wins_in_hiding_tiers && strictest)
            strictest = false;
        else if (m == mistake::strictest_wins_in_showing_tiers && !strictest)
            strictest = true;
        return strictest ? a.form() > b.form() : a.form() < b.form();
    }
    return m == mistake::tie_to_highest_number ? a.number() > b.number() : a.number() < b.number();
}

// Public protection, the allocated social worker and the visiting health professionals.
bool on_final_list(int role) {
    return role == v1::ROLE_PPU || role == v1::ROLE_ALLOCATED || role == v1::ROLE_HV ||
           role == v1::ROLE_MIDWIFE;
}

bool within(int value, int last) {
    return value >= 0 && value <= last;
}

// UNSPECIFIED of a dimension in which it is no value. Of risk it is one: a risk nobody assessed.
bool unsaid(const question& q) {
    return q.category == 0 || q.subject == 0 || q.role == 0 || q.purpose == 0;
}

// What no row opens stays closed.
answer closed(mistake m) {
    const int form = m == mistake::default_is_silent ? v1::FORM_SILENT : v1::FORM_MASKED;
    return {form, v1::TIER_DEFAULT, 0, v1::REASON_NO_RULE};
}

} // namespace

answer decide(const v1::Policy& policy, const question& q, const std::string& today, mistake m) {
    const bool known = within(q.category, v1::Category_MAX) &&
                       within(q.subject, v1::SUBJECT_CONCERN) && within(q.role, v1::Role_MAX) &&
                       within(q.purpose, v1::Purpose_MAX) && within(q.risk, v1::RiskLevel_MAX);
    if (!known && m != mistake::unknown_values_decided) return closed(m);
    if (q.category == v1::CATEGORY_SEALED && m != mistake::sealed_left_to_rules) return closed(m);
    if (q.category == v1::CATEGORY_PROTECTED_ADDRESS && !on_final_list(q.role) &&
        m != mistake::protected_address_left_to_rules) {
        return {v1::FORM_MASKED, v1::TIER_BAR, 1, v1::REASON_ADDRESS_CAN_HARM};
    }
    if (unsaid(q) && m != mistake::unsaid_values_decided) return closed(m);
    const v1::Rule* best = nullptr;
    for (const auto& r : policy.rules()) {
        if (!speaks(r, q, today, m)) continue;
        if (best == nullptr || stronger(r, *best, m)) best = &r;
    }
    if (best == nullptr) return closed(m);
    return {best->form(), best->tier(), best->number(), best->reason()};
}

} // namespace plain

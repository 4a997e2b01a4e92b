#include "policy/proof/wording.hpp"

#include "policy/final_list.hpp"

namespace cairn::policy {

namespace {

// Not required of a text: until it says them otherwise.
constexpr std::pair<std::string_view, std::string_view> ours[] = {
    {"FLAG_CONFLICT", "the desk is in conflict of interest"},
    {"FLAG_STATUTORY_BAR", "an Act or a court forbids it"},
    {"FLAG_RELEASED", "its originator released it"},
    {"FLAG_DETRIMENT", "the sender declared a detriment"},
    {"FLAG_OWN_PUPIL", "the child is the school's own pupil"},
    {"FLAG_RELEVANT_CONVICTION", "the conviction matters to the child"},
    {"FLAG_ANONYMOUS_REFERRER", "the referrer asked for anonymity"},
    {"FLAG_LEAD_PRACTITIONER", "the desk leads early help"},
    {"FLAG_SENDER_DESK", "the desk belongs to the sender's agency"},
    {"FLAG_SEES_ALL", "the desk sees everything else"},
    {"FLAG_PROFESSIONAL_REFERRER", "the referrer is a professional"},
    {"FLAG_IN_REPLY", "the concern answers one of the desk's agency"},
    {"LAWFUL_BASIS_6C", "UK GDPR Art 6(1)(c)"},
    {"LAWFUL_BASIS_6D", "UK GDPR Art 6(1)(d)"},
    {"LAWFUL_BASIS_6E", "UK GDPR Art 6(1)(e)"},
    {"LAWFUL_BASIS_6EA", "UK GDPR Art 6(1)(ea)"},
    {"LAWFUL_BASIS_6F", "UK GDPR Art 6(1)(f)"},
    {"LAWFUL_BASIS_9B", "UK GDPR Art 9(2)(b)"},
    {"LAWFUL_BASIS_9C", "UK GDPR Art 9(2)(c)"},
    {"LAWFUL_BASIS_9G", "UK GDPR Art 9(2)(g)"},
    {"LAWFUL_BASIS_9H", "UK GDPR Art 9(2)(h)"},
    {"LAWFUL_BASIS_10", "UK GDPR Art 10"},
    {"LAWFUL_BASIS_S1P18", "DPA 2018 Sch 1 para 18"},
    {"LAWFUL_BASIS_S1P2", "DPA 2018 Sch 1 para 2"},
    {"LAWFUL_BASIS_S1P6", "DPA 2018 Sch 1 para 6"},
    {"LAWFUL_BASIS_S1P10", "DPA 2018 Sch 1 para 10"},
    {"LAWFUL_BASIS_P3", "DPA 2018 Part 3"},
    {"LAWFUL_BASIS_CDA115", "Crime and Disorder Act 1998 s.115"},
    {"LAWFUL_BASIS_CONSENT", "consent"},
};

} // namespace

wording::wording(const v1::Policy& policy) {
    for (const auto& [name, text] : ours) words_.emplace(name, text);
    for (const auto& w : policy.words()) words_[w.name()] = w.text();
    titles_.emplace(protected_address_rule, "Protected address");
    for (const auto& r : policy.rules()) titles_[r.number()] = r.title();
}

std::string wording::of(std::string_view enum_name) const {
    const auto at = words_.find(enum_name);
    return at == words_.end() ? std::string(enum_name) : at->second;
}

std::string wording::where(std::uint32_t flags) const {
    std::string out;
    for (int f = 1; f <= v1::Flag_MAX; ++f) {
        if (!(flags >> f & 1)) continue;
        out += out.empty() ? "where " : " and ";
        out += of(v1::Flag_Name(static_cast<v1::Flag>(f)));
    }
    return out;
}

std::string wording::would(v1::Form form, v1::Category c, v1::Subject s) const {
    auto what = of(v1::Category_Name(c));
    if (s != v1::SUBJECT_CONCERN) what += " of " + of(v1::Subject_Name(s));
    if (form == v1::FORM_SILENT) return "would not even be told that there is " + what;
    if (form == v1::FORM_MASKED) return "would not see " + what;
    return "would see " + what + " " + of(v1::Form_Name(form));
}

std::string wording::who(const point& p) const {
    auto out = of(v1::Role_Name(p.role)) + ", for " + of(v1::Purpose_Name(p.purpose)) + ",";
    if (p.risk != v1::RISK_LEVEL_UNSPECIFIED) {
        out += " at " + of(v1::RiskLevel_Name(p.risk)) + ",";
    }
    if (p.flags != 0) out += " " + where(p.flags) + ",";
    return out;
}

std::string wording::rule(std::uint32_t number) const {
    const auto at = titles_.find(number);
    if (number == 0 || at == titles_.end()) return "no rule";
    return "rule " + std::to_string(number) + " \"" + at->second + "\"";
}

} // namespace cairn::policy

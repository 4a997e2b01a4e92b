#include "policy/proof/wording.hpp"

#include "policy/final_list.hpp"
#include "policy/phrases.hpp"

namespace cairn::policy {

wording::wording(const v1::Policy& policy) {
    // Not required of a text: until it says them otherwise.
    for (int f = 1; f <= v1::Flag_MAX; ++f) {
        const auto flag = static_cast<v1::Flag>(f);
        words_.emplace(v1::Flag_Name(flag), flag_words(flag));
    }
    for (int b = 1; b <= v1::LawfulBasis_MAX; ++b) {
        const auto basis = static_cast<v1::LawfulBasis>(b);
        words_.emplace(v1::LawfulBasis_Name(basis), basis_words(basis));
    }
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

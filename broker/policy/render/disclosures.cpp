#include "policy/render/disclosures.hpp"

#include "policy/check.hpp"

#include <algorithm>

namespace cairn::policy {

namespace {

void note(disclosures& out, const table& policy, const decision& d, const point& at) {
    if (!is_open(d.form)) return;
    out.subjects[at.category].insert(at.subject);
    const auto [form, fresh] = out.forms[at.role].emplace(at.category, d.form);
    if (!fresh) form->second = std::min(form->second, d.form);
    const auto* rule = policy.rule(d.rule);
    if (rule == nullptr) return;
    if (rule->routes().empty()) out.without_route.insert(d.rule);
    for (const int b : rule->routes()) {
        out.routes[static_cast<v1::LawfulBasis>(b)].insert(at.category);
    }
}

} // namespace

disclosures disclosed_for(const table& policy, const outcomes& all, v1::Purpose purpose) {
    disclosures out;
    point at;
    at.purpose = purpose;
    for (int c = 1; c <= v1::Category_MAX; ++c) {
        at.category = static_cast<v1::Category>(c);
        for (int s = 1; s <= v1::SUBJECT_CONCERN; ++s) {
            at.subject = static_cast<v1::Subject>(s);
            for (int r = 1; r <= v1::Role_MAX; ++r) {
                at.role = static_cast<v1::Role>(r);
                for (const auto& d : all.of(at.category, at.subject, at.role, purpose).possible) {
                    note(out, policy, d, at);
                }
            }
        }
    }
    return out;
}

} // namespace cairn::policy

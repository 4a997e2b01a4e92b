#include "routing/council.hpp"

#include <algorithm>

namespace cairn::routing {

std::set<std::string, std::less<>>
councils_of(const v1::Concern& c, const registry::snapshot& registry) {
    std::set<std::string, std::less<>> out;
    const auto council = [&](const std::string& named) {
        if (named.empty()) return;
        const auto* a = registry.by_organisation_code(named);
        if (a == nullptr) a = registry.agency(named);
        if (a != nullptr && a->kind() == v1::AGENCY_KIND_SOCIAL_CARE) out.insert(a->id());
    };
    const bool child_named = std::any_of(c.persons().begin(), c.persons().end(), [](const auto& p) {
        return p.role() == v1::SUBJECT_CHILD;
    });
    for (const auto& p : c.persons()) {
        if (child_named && p.role() != v1::SUBJECT_CHILD) continue;
        council(p.case_status().local_authority());
        for (const auto& a : p.addresses()) {
            if (a.harm() == v1::Address::HARM_SAFE) council(a.local_authority());
        }
    }
    return out;
}

} // namespace cairn::routing

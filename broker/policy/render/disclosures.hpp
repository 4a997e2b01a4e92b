// What may be shown at all for one purpose, whatever risk and flags are: what documents about a
// purpose list.
#pragma once

#include "policy/render/outcomes.hpp"

#include <map>
#include <set>
#include <utility>

namespace cairn::policy {

struct disclosures {
    // About whom, by category.
    std::map<v1::Category, std::set<v1::Subject>> subjects;
    // The most open form a desk of the role may get of a category, of anybody.
    std::map<v1::Role, std::map<v1::Category, v1::Form>> forms;
    // Categories opened by rules that name the provision.
    std::map<v1::LawfulBasis, std::set<v1::Category>> routes;
    // Rules that open something and name no provision.
    std::set<std::uint32_t> without_route;

    [[nodiscard]] bool empty() const { return subjects.empty(); }
};

disclosures disclosed_for(const table& policy, const outcomes& all, v1::Purpose purpose);

} // namespace cairn::policy

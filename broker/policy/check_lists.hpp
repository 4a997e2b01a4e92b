// Checks that rules and invariants share.
#pragma once

#include "policy/decision.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace cairn::policy {

// What is wrong with a row, in which of its fields, and how it is mended; empty where nothing is.
struct fault {
    std::string what;
    // Its name in the schema; nullptr: the row as a whole.
    const char* field = nullptr;
    // The value of the list.
    int value = -1;

    [[nodiscard]] bool empty() const { return what.empty(); }
};

template <class Values, class IsValid>
fault check_list(const Values& values, IsValid&& is_valid, const char* what) {
    std::set<int> seen;
    for (int i = 0; i < values.size(); ++i) {
        const std::string name = what;
        if (!is_valid(values.Get(i))) {
            return {name + " has a value that no row may name: take it out", what, i};
        }
        if (!seen.insert(values.Get(i)).second) {
            return {name + " names one value twice: take one out", what, i};
        }
    }
    return {};
}

// A value of the set, and not the one that stands for none.
template <class Valid>
auto named(Valid valid) {
    return [valid](int v) { return v != 0 && valid(v); };
}

// SUBJECT_OF_PERSON and SUBJECT_OF_ABOUT stand in annotations only.
inline bool is_subject(int v) {
    return v > 0 && v <= v1::SUBJECT_CONCERN;
}

// The lists that say of which points a row speaks.
template <class Row>
fault check_region(const Row& r) {
    const fault faults[] = {
        check_list(r.categories(), named(v1::Category_IsValid), "categories"),
        check_list(r.subjects(), is_subject, "subjects"),
        check_list(r.roles(), named(v1::Role_IsValid), "roles"),
        check_list(r.purposes(), named(v1::Purpose_IsValid), "purposes"),
        check_list(r.when(), named(v1::Flag_IsValid), "when"),
        check_list(r.unless(), named(v1::Flag_IsValid), "unless"),
        check_list(r.routes(), named(v1::LawfulBasis_IsValid), "routes"),
    };
    for (const auto& f : faults) {
        if (!f.empty()) return f;
    }
    if (!v1::RiskLevel_IsValid(r.min_risk())) return {"min_risk is not known", "min_risk"};
    for (const int f : r.when()) {
        if (std::count(r.unless().begin(), r.unless().end(), f) > 0) {
            return {
                "one flag stands in when and in unless: the row can never apply; take one out",
                "unless"};
        }
    }
    return {};
}

} // namespace cairn::policy

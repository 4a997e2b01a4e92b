// What an officer expects of a policy text, case by case: read, and held against what it decides.
#pragma once

#include "policy/proof/space.hpp"
#include "policy/table.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace cairn::policy {

struct case_file {
    v1::PolicyCases cases;
    // "line 12, column 1", by index of the case.
    std::vector<std::string> places;
};

// errc::policy_missing where it holds no case; policy_invalid naming line, column, the case and
// what is wrong with it.
result<case_file> parse_cases(std::string_view text);

// Several files are asked as one. errc::policy_invalid where a name stands in both, at its place in
// `more`, or where they are too many.
status add_cases(case_file& all, const case_file& more);

point point_of(const v1::PolicyCase& c);
// Form, rule and reason are as the case expects them. The tier is the rule's.
bool as_expected(const v1::PolicyCase& c, const decision& got);

// A rule that decides somewhere, and a point where it does: the simplest there is.
struct uncovered_rule {
    std::uint32_t rule = 0;
    point where;
};

// Rules that decide somewhere, by number, each with its first point, of those that can be before
// those that cannot.
std::map<std::uint32_t, point> deciding_rules(const space& decided);

struct missed_case {
    int at = 0; // index of the case
    decision got;
};

struct cases_outcome {
    std::vector<missed_case> missed;
    // Rules of the text that decide somewhere, and how many of them decide in a case.
    std::size_t deciding = 0;
    std::size_t covered = 0;
    // The others, by number.
    std::vector<uncovered_rule> uncovered;
};

// `policy` was compiled for `today`.
cases_outcome
run_cases(const table& policy, const v1::PolicyCases& cases, std::chrono::sys_days today);

} // namespace cairn::policy

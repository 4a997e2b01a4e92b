// The parts of the policy's page, each appended to `out`. Only page.cpp calls these.
#pragma once

#include "policy/render/outcomes.hpp"
#include "policy/render/vocabulary.hpp"

#include <string>

namespace cairn::policy {

extern const std::string_view matrix_css;

// A table for each category: about whom and for what, by desk. Each cell leads to its case.
void add_matrix(std::string& out, const vocabulary& words, const outcomes& all);
// What the cells lead to: everything a cell can be, in the order in which rules decide.
void add_cases(std::string& out, const table& policy, const vocabulary& words, const outcomes& all);
// Every rule as it is signed, beside its author's words; every route.
void add_rules(std::string& out, const table& policy, const vocabulary& words);

// First letter in upper case.
std::string capital(std::string text);

} // namespace cairn::policy

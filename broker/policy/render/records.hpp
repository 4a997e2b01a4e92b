// Documents that the law asks of whoever shares under the policy, as far as the text knows what
// goes into them. What it cannot know is printed as to be filled in, and by whom.
#pragma once

#include "policy/table.hpp"

#include <chrono>
#include <string>

namespace cairn::policy {

// UK GDPR Art 30: each purpose with its categories of data and of people, recipients, routes.
// Markdown.
std::string record_of_processing(const table& policy, std::chrono::sys_days today);

// DPA 2018 Sch 1 Part 4: each purpose that opens special categories or criminal offences, with the
// conditions its rules name. Markdown.
std::string appropriate_policy_document(const table& policy, std::chrono::sys_days today);

} // namespace cairn::policy

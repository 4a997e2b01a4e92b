// What the commands of `cairn policy` share.
#pragma once

#include "apps/cairn/program.hpp"

namespace cairn::cli {

// "2026-11-22", UTC.
std::string today_iso();
// The same failure, its place in the file.
failure in_file(failure f, const std::string& file);

// Under `cairn policy`: prove, lint, diff; render, import and the papers; explain; test;
// simulate.
void add_policy_page(CLI::App& policy, program& p);
void add_policy_explain(CLI::App& policy, program& p);
void add_policy_test(CLI::App& policy, program& p);
void add_policy_proof(CLI::App& policy, program& p);
// simulate, which asks an auditor's broker.
void add_policy_trial(CLI::App& policy, program& p);
// key, sign; activate, status, history, of which the last three ask a broker.
void add_policy_sign(CLI::App& policy, program& p);
void add_policy_version(CLI::App& policy, program& p);

// Who sees less and who more under the second text. Both were compiled before.
void print_policy_difference(const std::string& before, const std::string& after);

} // namespace cairn::cli

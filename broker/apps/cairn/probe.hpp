// How `cairn check` says what it found: Nagios exit codes, 0 good, 1 warning, 2 critical, 3
// unknown.
#pragma once

#include "apps/cairn/program.hpp"

#include <string>
#include <string_view>

namespace cairn::cli {

enum class level : int { good = 0, warning = 1, critical = 2, unknown = 3 };

// One line on standard output, and the exit code. `numbers`: performance data as monitors read it,
// "free=12%;20;10 …"; behind a bar in the text.
void say(
    program& p,
    level l,
    const std::string& what,
    std::string_view next = {},
    const std::string& numbers = {}
);
void say_failure(program& p, level l, const failure& f);

void check_connect(program& p);
// Every check an admin can run, one line each; changes no exit code.
std::string run_checks(program& p);

} // namespace cairn::cli

// Commands that work on a folder of this host, and not through a broker's calls.
#pragma once

#include "apps/cairn/program.hpp"

namespace cairn::cli {

void add_backup(CLI::App& app, program& p);
void add_restore(CLI::App& app, program& p);
void add_sandbox(CLI::App& app, program& p);

} // namespace cairn::cli

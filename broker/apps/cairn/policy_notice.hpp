// Golden notices: what a desk would get of a concern under a policy text, byte for byte.
#pragma once

#include "apps/cairn/policy_commands.hpp"
#include "policy/table.hpp"

namespace cairn::cli {

struct notice_asked {
    std::string concern;              // file
    std::vector<std::string> notices; // files of notices expected of it
    std::string desk;                 // or: print what this desk would get
    std::string school;
};

// Prints whether each notice is the one expected, else the first line that differs; sets the exit
// code. What a notice says of its making (id, thread, sender, time, whom to ask, who else was told)
// is taken from the notice expected; challenge ids and tokens are made with a key for tests. The
// digest of the policy text is left out of both.
status test_notice(program& p, const notice_asked& asked, const policy::table& made);

// "line 3", and that line of both: the first that differs between what is kept and what would be.
std::string first_difference(const std::string& kept, const std::string& now);

} // namespace cairn::cli

// How a text becomes the policy in force: compiled, then proved.
#pragma once

#include "policy/proof/prove.hpp"
#include "policy/table.hpp"

namespace cairn::policy {

// table::compile, then the proof of what the text promises, for today and for each later day on
// which one of its rules comes into force. Beside the errors of compile:
// errc::policy_contradiction where an invariant is broken (`where` is the place of the invariant
// and its first counterexample as a sentence), or where bars stand over all that a must rule shows;
// errc::policy_invalid where its rules are too intricate to be proved.
result<std::shared_ptr<const table>>
compile_proved(std::string_view text, std::string_view today_iso);

// The same, with what the proof of today's decisions found.
struct proved_text {
    std::shared_ptr<const table> rules;
    std::uint64_t points = 0;
    digest semantic{};
};
result<proved_text>
prove_text(std::string_view text, std::string_view today_iso, std::string signed_by = {});

// errc::policy_invalid where its rules take more than limits::policy_walks: whatever goes over the
// whole space asks this first.
status check_provable(const v1::Policy& policy, std::chrono::sys_days today);

// The proof of a text that table::compile takes, whatever it finds; errc::policy_invalid where
// there are more walks than limits::policy_walks.
result<proof> prove_within_limits(const v1::Policy& policy, std::chrono::sys_days today);

} // namespace cairn::policy

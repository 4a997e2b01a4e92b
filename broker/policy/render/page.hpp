// The policy as one page for who answers for it: what is open, what is proved, who sees what and
// why, every rule in English, a place to sign.
#pragma once

#include "policy/table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn::policy {

// What a prover found; apart from the prover, so that the page can be made without one.
struct proof_result {
    struct broken_promise {
        std::string invariant;
        // The counterexample, for people.
        std::string sentence;
    };
    std::uint32_t prover = 0;
    std::uint64_t points = 0;
    std::uint64_t walks = 0;
    std::string semantic_hex;
    std::vector<broken_promise> broken;
};

// Pure. No script, nothing fetched; all text escaped. Without a proof the page says that nothing
// was proved.
std::string policy_page(
    const table& policy, const std::optional<proof_result>& proof, std::string_view today_iso
);

} // namespace cairn::policy

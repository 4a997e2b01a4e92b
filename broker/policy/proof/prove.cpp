#include "policy/proof/prove.hpp"

#include "policy/proof/space.hpp"

namespace cairn::policy {

proof prove(const v1::Policy& policy, std::chrono::sys_days today) {
    const space decided(policy, today);
    proof out;
    out.points = whole_space().points();
    out.walks = decided.walks();
    out.semantic = decided.semantic();
    return out;
}

digest semantic_digest(const v1::Policy& policy, std::chrono::sys_days today) {
    return space(policy, today).semantic();
}

} // namespace cairn::policy

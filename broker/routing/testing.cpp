#include "routing/testing.hpp"

#include <set>

namespace cairn::routing {

bool is_test(const registry::snapshot& registry, std::string_view agency) {
    const auto* a = registry.agency(agency);
    return a != nullptr && !registry::is_live(*a);
}

// An agency that is testing writes to itself. Its desks are closed to everybody, itself excepted.
result<route> test_route(
    const v1::Concern& c,
    const origin& from,
    const registry::snapshot& registry,
    const thread_parties& thread
) {
    const auto own = [&from](std::string_view desk) {
        const auto name = registry::parse_desk(desk);
        return name && name->agency == from.agency;
    };
    std::set<std::string_view> desks;
    for (int i = 0; i < c.desks_size(); ++i) {
        const std::string where = "desks[" + std::to_string(i) + "]";
        if (!own(c.desks(i))) return fail(errc::test_only, where);
        if (registry.desk(c.desks(i)) == nullptr) return fail(errc::unknown_desk, where);
        desks.insert(c.desks(i));
    }
    if (desks.empty()) {
        for (const auto& desk : thread.desks) {
            if (own(desk) && registry.desk(desk) != nullptr) desks.insert(desk);
        }
    }
    if (desks.empty()) return fail(errc::test_only, "desks");
    route out;
    for (const auto desk : desks) {
        routed_desk d;
        d.desk = std::string(desk);
        d.role = registry::parse_desk(desk)->role;
        d.named = true;
        out.desks.push_back(std::move(d));
    }
    return out;
}

} // namespace cairn::routing

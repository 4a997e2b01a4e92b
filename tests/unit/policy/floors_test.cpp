// Floors: what a must rule shows is closed by nothing but a harm that somebody declared, a bar of
// the law and a conflict of interest. Held at every point, whatever the text's promises name.
#include "policy/dates.hpp"
#include "policy/proof/space.hpp"
#include "unit/policy/support.hpp"

#include <set>

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

const std::uint32_t may_close =
    flags({v1::FLAG_DETRIMENT, v1::FLAG_CONFLICT, v1::FLAG_STATUTORY_BAR});

std::string closed_by(const decision& d, std::uint32_t flag) {
    return "rule " + std::to_string(d.rule) + " closed by flag " + std::to_string(flag);
}

} // namespace

TEST_CASE("a floor is closed by no flag but a declared harm, a bar or a conflict") {
    const space decided(shipped().source(), *parse_day(today));
    std::set<std::uint32_t> seen;
    std::set<std::string> wrong;
    std::size_t floors = 0;
    std::size_t lowered = 0;
    each_cell([&](const point& cell) {
        const auto list = decided.list_of(cell);
        if (!seen.insert(list).second) return;
        const auto named = decided.flags_of(list);
        std::uint32_t set = 0;
        do {
            const auto& owed = decided.at(list, set);
            if (owed.tier != v1::TIER_MUST || !shown(owed.form)) continue;
            ++floors;
            for (auto left = named & ~set; left != 0; left &= left - 1) {
                const auto flag = left & (~left + 1);
                const auto& then = decided.at(list, set | flag);
                if (openness(then.form) >= openness(owed.form)) continue;
                lowered += flag == bit(v1::FLAG_DETRIMENT);
                if ((flag & may_close) == 0) wrong.insert(closed_by(owed, flag));
            }
        } while ((set = next_set(set, named)) != 0);
    });
    for (const auto& w : wrong) FAIL_CHECK(w);
    // There are floors, and a declared harm does lower some: the walk saw what it is about.
    CHECK(floors > 50);
    CHECK(lowered > 10);
}

TEST_CASE("a declared harm closes a floor with its own reason, never in silence") {
    const space decided(shipped().source(), *parse_day(today));
    std::set<std::uint32_t> closed;
    each_cell([&](point p) {
        for (const auto set : {0U, bit(v1::FLAG_RELEVANT_CONVICTION)}) {
            p.flags = set;
            const auto before = decided.at(p);
            if (before.tier != v1::TIER_MUST || !shown(before.form)) continue;
            p.flags = set | bit(v1::FLAG_DETRIMENT);
            const auto after = decided.at(p);
            if (after.tier == v1::TIER_MUST) {
                // Imminent danger alone stands over it.
                if (after.reason != v1::REASON_IMMINENT_DANGER) FAIL(words(p));
                continue;
            }
            // Never in silence; a stricter denial may stand before it with a reason of its own.
            if (after.form != v1::FORM_MASKED) FAIL(words(p));
            if (after.reason == v1::REASON_DETRIMENT_DECLARED) closed.insert(before.rule);
        }
    });
    for (const std::uint32_t floor : {110U, 111U, 112U, 120U, 121U, 140U})
        CHECK(closed.count(floor) == 1);
}

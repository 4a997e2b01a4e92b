#include "policy/proof/load.hpp"

#include "core/limits.hpp"
#include "policy/dates.hpp"
#include "policy/parse.hpp"
#include "policy/proof/deciders.hpp"

#include <algorithm>
#include <bit>
#include <set>

namespace cairn::policy {

namespace {

// Today, and each later day on which a rule comes into force: a text that breaks its promises on a
// day to come would leave the partnership without a policy on that morning.
result<std::set<std::chrono::sys_days>>
days_of(const v1::Policy& policy, std::chrono::sys_days today) {
    std::set<std::chrono::sys_days> out = {today};
    const auto last = *parse_day(policy.valid_until());
    for (const auto& r : policy.rules()) {
        const auto from = *parse_day(r.in_force());
        if (from > today && from <= last) out.insert(from);
    }
    if (out.size() <= limits::policy_days) return out;
    return fail(
        errc::policy_invalid,
        "rules come into force on more than " + std::to_string(limits::policy_days) + " days"
    );
}

failure broken_promise(const parsed& text, const counterexample& first, std::string where) {
    for (int n = 0; n < text.policy.invariants_size(); ++n) {
        if (text.policy.invariants(n).name() != first.invariant) continue;
        where = text.place_of({"invariants", n}) + ": " + where;
    }
    return fail(errc::policy_contradiction, where + first.sentence);
}

// A must rule under bars alone is a promise that no desk ever sees kept.
status check_musts(const parsed& text, std::chrono::sys_days today) {
    const space decided(text.policy, today);
    for (int n = 0; n < text.policy.rules_size(); ++n) {
        const auto& r = text.policy.rules(n);
        if (r.tier() != v1::TIER_MUST || *parse_day(r.in_force()) > today) continue;
        const auto all = deciders(r, decided);
        const bool barred = std::all_of(all.begin(), all.end(), [](const auto& d) {
            return d.second.tier == v1::TIER_BAR;
        });
        if (!barred) continue;
        std::string bars;
        for (const auto& [number, unused] : all) {
            bars += (bars.empty() ? "rule " : " or rule ") + std::to_string(number);
        }
        return fail(
            errc::policy_contradiction,
            text.place_of({"rules", n}) + ": rule " + std::to_string(r.number()) +
                ": must show what " + bars +
                " bars everywhere: narrow the bar, or take the must out"
        );
    }
    return {};
}

} // namespace

status check_provable(const v1::Policy& policy, std::chrono::sys_days today) {
    const class index rows(policy, today);
    std::uint64_t walks = 0;
    for (std::size_t l = 0; l < rows.lists(); ++l) walks += 1ULL << std::popcount(rows.flags_of(l));
    if (walks <= limits::policy_walks) return {};
    return fail(
        errc::policy_invalid,
        "more than " + std::to_string(limits::policy_walks) +
            " walks to prove it: rules that speak of the same cells name too many flags"
    );
}

result<proof> prove_within_limits(const v1::Policy& policy, std::chrono::sys_days today) {
    CAIRN_TRY(check_provable(policy, today));
    return prove(policy, today);
}

result<std::shared_ptr<const table>>
compile_proved(std::string_view text, std::string_view today_iso) {
    auto made = prove_text(text, today_iso);
    if (!made) return made.error();
    return std::move(made->rules);
}

result<proved_text>
prove_text(std::string_view text, std::string_view today_iso, std::string signed_by) {
    auto made = table::compile(text, today_iso, std::move(signed_by));
    if (!made) return made.error();
    const auto today = *parse_day(today_iso);
    const auto days = days_of((*made)->source(), today);
    if (!days) return days.error();
    // Read again for its places: it was read once.
    const auto read = parse(text);
    if (!read) return read.error();
    proved_text out{*made};
    for (const auto day : *days) {
        const auto proved = prove_within_limits((*made)->source(), day);
        if (!proved) return proved.error();
        if (!proved->broken.empty()) {
            const auto from = day == today ? std::string() : "from " + day_text(day) + " on, ";
            return broken_promise(*read, proved->broken.front(), from);
        }
        CAIRN_TRY(check_musts(*read, day));
        if (day != today) continue;
        out.points = proved->points;
        out.semantic = proved->semantic;
    }
    return out;
}

} // namespace cairn::policy

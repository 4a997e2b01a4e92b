#include "policy/proof/diff.hpp"

#include "policy/check.hpp"
#include "policy/exclusions.hpp"
#include "policy/proof/wording.hpp"

#include <array>
#include <bit>
#include <optional>
#include <unordered_map>

namespace cairn::policy {

namespace {

constexpr std::size_t directions = 5;

std::optional<direction> change_of(const decision& a, const decision& b) {
    if (a.form == b.form) {
        if (a.tier == b.tier && a.reason == b.reason) return std::nullopt;
        return direction::restated;
    }
    if (is_open(a.form) != is_open(b.form)) {
        return is_open(a.form) ? direction::hidden : direction::opened;
    }
    return a.form < b.form ? direction::narrowed : direction::widened;
}

// How two lists differ, over all sets of flags.
struct flips {
    std::array<std::uint64_t, directions> points{};
    std::array<std::uint32_t, directions> first{};
};

// Shown is the first that can be; the first there is where none can.
bool better(std::uint64_t points, std::uint32_t first, std::uint32_t now) {
    return points == 0 || (!can_hold_together(first) && can_hold_together(now));
}

flips flips_of(const space& a, std::uint32_t la, const space& b, std::uint32_t lb) {
    flips out;
    const auto named = a.flags_of(la) | b.flags_of(lb);
    const auto each = 1ULL << std::popcount(whole_space().flags & ~named);
    std::uint32_t set = 0;
    do {
        if (const auto d = change_of(a.at(la, set), b.at(lb, set))) {
            const auto n = static_cast<std::size_t>(*d);
            if (better(out.points[n], out.first[n], set)) out.first[n] = set;
            out.points[n] += each;
        }
        set = next_set(set, named);
    } while (set != 0);
    return out;
}

} // namespace

const char* to_string(direction d) {
    constexpr const char* names[] = {"hidden", "narrowed", "opened", "widened", "restated"};
    return names[static_cast<std::size_t>(d)];
}

difference compare(const v1::Policy& before, const v1::Policy& after, std::chrono::sys_days today) {
    const space a(before, today);
    const space b(after, today);
    std::unordered_map<std::uint64_t, flips> known;
    difference out;
    out.points = whole_space().points();
    each_cell([&](const point& cell) {
        const auto la = a.list_of(cell);
        const auto lb = b.list_of(cell);
        const auto [at, fresh] = known.try_emplace(std::uint64_t(la) << 32 | lb);
        if (fresh) at->second = flips_of(a, la, b, lb);
        for (std::size_t n = 0; n < directions; ++n) {
            if (at->second.points[n] == 0) continue;
            auto& c = out.changes[{static_cast<direction>(n), cell.category, cell.role}];
            if (better(c.points, c.first.flags, at->second.first[n])) {
                c.first = cell;
                c.first.flags = at->second.first[n];
                c.before = a.at(c.first);
                c.after = b.at(c.first);
            }
            c.points += at->second.points[n];
            out.changed += at->second.points[n];
        }
    });
    return out;
}

std::string say_change(const v1::Policy& before, const v1::Policy& after, const change& c) {
    const wording was(before);
    const wording is(after);
    return is.who(c.first) + " " + is.would(c.after.form, c.first.category, c.first.subject) +
           ", by " + is.rule(c.after.rule) + ". So far: " + was.of(v1::Form_Name(c.before.form)) +
           ", by " + was.rule(c.before.rule) + ".";
}

} // namespace cairn::policy

#include "policy/trial/replay.hpp"

#include "policy/check.hpp"
#include "policy/explain.hpp"

#include <algorithm>

namespace cairn::policy {
namespace {

// A school code, by which a pupil is known, is of this category.
bool has_school(const cell_input& in) {
    return category_of(in.id) == v1::CATEGORY_EDUCATION && person_of(in.id) != 0 &&
           about_of(in.id) == v1::SUBJECT_UNSPECIFIED;
}

// The point of a cell with OWN_PUPIL for its person, and without.
struct both_ways {
    both_ways(const cell_input& cell, const desk_inputs& in)
        : without(point_of(cell, in)), with(without) {
        with.flags |= bit(v1::FLAG_OWN_PUPIL);
    }
    [[nodiscard]] bool differ(const table& rules) const {
        return !(rules.decide(with) == rules.decide(without));
    }
    point without;
    point with;
};

bool may_be_own(const cell_input& cell, std::uint32_t person) {
    return person_of(cell.id) == person && about_of(cell.id) == v1::SUBJECT_UNSPECIFIED;
}

// Whether the rules that decided a person's cells are those for an own pupil; nullopt where they
// are the same for any child. Free text depends on all other cells, too, and is not asked.
std::optional<bool> was_own_pupil(
    const past_concern& c,
    const past_desk& desk,
    const desk_inputs& in,
    std::uint32_t person,
    const table& then
) {
    for (const cell_input& cell : c.cells) {
        const bool asked =
            may_be_own(cell, person) && category_of(cell.id) != v1::CATEGORY_NARRATIVE;
        if (!asked) continue;
        const both_ways at(cell, in);
        const std::uint32_t with = then.decide(at.with).rule;
        const std::uint32_t without = then.decide(at.without).rule;
        for (const auto& [id, rule] : desk.rules) {
            if (with != without && id == cell.id && (rule == with || rule == without))
                return rule == with;
        }
    }
    return std::nullopt;
}

// Nothing this table decides of the person depends on it.
bool all_one(
    const past_concern& c, const desk_inputs& in, std::uint32_t person, const table& rules
) {
    return std::none_of(c.cells.begin(), c.cells.end(), [&](const cell_input& cell) {
        if (!may_be_own(cell, person)) return false;
        cell_input seeing_all = cell;
        seeing_all.flags |= bit(v1::FLAG_SEES_ALL);
        return both_ways(cell, in).differ(rules) || both_ways(seeing_all, in).differ(rules);
    });
}

} // namespace

bool flip::closes() const {
    return shows_more(after, before);
}

bool flip::owed() const {
    return closes() && before.tier == v1::TIER_MUST && is_open(before.form);
}

std::optional<desk_inputs>
inputs_of(const past_concern& c, const past_desk& desk, const table& then, const table& candidate) {
    desk_inputs out{desk.role, c.purpose, c.risk, desk.flags, {}};
    if ((desk.flags & bit(v1::FLAG_OWN_PUPIL)) == 0) return out;
    std::vector<std::uint32_t> pupils;
    for (const cell_input& cell : c.cells) {
        if (has_school(cell)) pupils.push_back(person_of(cell.id));
    }
    if (pupils.empty()) return std::nullopt;
    std::vector<bool> own(*std::max_element(pupils.begin(), pupils.end()) + 1);
    for (const std::uint32_t person : pupils) {
        const auto told =
            pupils.size() == 1 ? std::optional(true) : was_own_pupil(c, desk, out, person, then);
        if (!told && !(all_one(c, out, person, then) && all_one(c, out, person, candidate))) {
            return std::nullopt;
        }
        own[person] = told.value_or(false);
    }
    out.own_pupils = std::move(own);
    return out;
}

std::optional<std::uint64_t> replay(
    const past_concern& c,
    const table& then,
    const table& candidate,
    const std::function<void(const flip&)>& told
) {
    std::vector<desk_inputs> inputs;
    inputs.reserve(c.desks.size());
    for (const past_desk& desk : c.desks) {
        auto in = inputs_of(c, desk, then, candidate);
        if (!in) return std::nullopt;
        inputs.push_back(std::move(*in));
    }
    for (std::size_t d = 0; d < inputs.size(); ++d) {
        const cell_decisions before = decide_cells(then, c.cells, inputs[d]);
        const cell_decisions after = decide_cells(candidate, c.cells, inputs[d]);
        for (std::size_t i = 0; i < c.cells.size(); ++i) {
            if (before.of[i].form == after.of[i].form) continue;
            told({c, c.desks[d], c.cells[i], before.of[i], after.of[i]});
        }
    }
    return c.desks.size() * c.cells.size();
}

} // namespace cairn::policy

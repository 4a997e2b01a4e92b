// The cells of one concern, and what a policy decides of all of them for one desk. One place for
// the way of a concern and for a replay of what was stored of it: they must never part.
#pragma once

#include "policy/table.hpp"

#include <span>
#include <vector>

namespace cairn::policy {

// Person index * 64 + category; index 0 is the concern itself, n the n-th person (1-based). Plus
// subject * 65536 where the cell stands with that person and is about somebody else: what the
// child's assessment says of a carer.
using cell_id = std::uint32_t;
constexpr cell_id
cell(std::uint32_t person, v1::Category c, v1::Subject about = v1::SUBJECT_UNSPECIFIED) {
    return static_cast<std::uint32_t>(about) * 65536 + person * 64 + static_cast<std::uint32_t>(c);
}
constexpr std::uint32_t person_of(cell_id c) {
    return c / 64 % 1024;
}
// UNSPECIFIED: about that person.
constexpr v1::Subject about_of(cell_id c) {
    return static_cast<v1::Subject>(c / 65536);
}
constexpr v1::Category category_of(cell_id c) {
    return static_cast<v1::Category>(c % 64);
}

// A populated cell and the inputs of its decision that do not depend on the desk.
struct cell_input {
    cell_id id = 0;
    v1::Subject subject = v1::SUBJECT_UNSPECIFIED;
    std::uint32_t flags = 0;
    bool operator==(const cell_input&) const = default;
};

// What of a decision is the same for all cells of one desk.
struct desk_inputs {
    v1::Role role = v1::ROLE_UNSPECIFIED;
    v1::Purpose purpose = v1::PURPOSE_UNSPECIFIED;
    v1::RiskLevel risk = v1::RISK_LEVEL_UNSPECIFIED;
    // Whatever the cell; OWN_PUPIL and SEES_ALL are not read here.
    std::uint32_t flags = 0;
    // By person: whether OWN_PUPIL holds for its own cells. Beyond its end it does not.
    std::vector<bool> own_pupils;
};

// Of `in`, beside SEES_ALL.
point point_of(const cell_input& in, const desk_inputs& desk);

struct cell_decisions {
    // One a cell, in their order.
    std::vector<decision> of;
    // Every cell but HEADER, SEALED and NARRATIVE ones is FULL.
    bool sees_all = true;
};

// docs/formats/decision-inputs.md. Sealed cells stay sealed whatever the table says.
cell_decisions
decide_cells(const table& rules, std::span<const cell_input> cells, const desk_inputs& desk);

} // namespace cairn::policy

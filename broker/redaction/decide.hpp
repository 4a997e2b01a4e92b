// The decisions for one desk: one a populated cell, and what became of its fields.
#pragma once

#include "redaction/notice.hpp"

namespace cairn::redaction {

struct cell_state {
    cell_input in;
    policy::decision decided;
    // Fields of the cell by what became of them. Reduced ones count as shown too.
    std::uint32_t shown = 0;
    std::uint32_t reduced = 0;
    std::uint32_t hidden = 0;
    // A field was held back although the cell is shown: free text, or a protected address in it.
    bool narrative_held = false;
    bool address_held = false;

    [[nodiscard]] bool open() const {
        return decided.form == v1::FORM_FULL || decided.form == v1::FORM_GENERALISED;
    }
};

struct desk_decisions {
    // In id order, as analysis::cells.
    std::vector<cell_state> cells;
    // Flags of the desk that do not depend on a person; OWN_PUPIL where it holds for anybody.
    std::uint32_t desk_flags = 0;
    // Every populated cell but HEADER, SEALED and NARRATIVE ones is FULL.
    bool sees_all = true;

    // Null where the cell is not populated.
    cell_state* find(cell_id id);
};

// What a desk's decisions on a concern rest on beside the cells.
policy::desk_inputs inputs_of(const v1::Concern& c, const analysis& a, const desk_context& desk);

desk_decisions decide_cells(
    const v1::Concern& c, const analysis& a, const policy::table& rules, const desk_context& desk
);

// Equal decisions together, in the order of their first cell; cells sorted.
std::vector<v1::DecisionGroup> grouped(const std::vector<std::pair<cell_id, policy::decision>>& all
);

} // namespace cairn::redaction

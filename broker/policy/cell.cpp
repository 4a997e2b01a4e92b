#include "policy/cell.hpp"

namespace cairn::policy {
namespace {

decision decide(const table& rules, const point& p) {
    const decision d = rules.decide(p);
    const bool hidden = d.form == v1::FORM_MASKED || d.form == v1::FORM_SILENT;
    return p.category == v1::CATEGORY_SEALED && !hidden ? decision{} : d;
}

} // namespace

point point_of(const cell_input& in, const desk_inputs& desk) {
    point p;
    p.category = category_of(in.id);
    p.subject = in.subject;
    p.role = desk.role;
    p.purpose = desk.purpose;
    p.risk = desk.risk;
    p.flags = in.flags | (desk.flags & ~(bit(v1::FLAG_OWN_PUPIL) | bit(v1::FLAG_SEES_ALL)));
    const std::uint32_t person = person_of(in.id);
    const bool pupil = person < desk.own_pupils.size() && desk.own_pupils[person];
    const bool of_others = about_of(in.id) != v1::SUBJECT_UNSPECIFIED;
    if (pupil && !of_others) p.flags |= bit(v1::FLAG_OWN_PUPIL);
    return p;
}

cell_decisions
decide_cells(const table& rules, std::span<const cell_input> cells, const desk_inputs& desk) {
    cell_decisions out;
    out.of.resize(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const v1::Category category = category_of(cells[i].id);
        if (category == v1::CATEGORY_NARRATIVE) continue;
        out.of[i] = decide(rules, point_of(cells[i], desk));
        if (category != v1::CATEGORY_HEADER && category != v1::CATEGORY_SEALED) {
            out.sees_all = out.sees_all && out.of[i].form == v1::FORM_FULL;
        }
    }
    // Free text can hold anything, so it is decided after everything it might hold.
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (category_of(cells[i].id) != v1::CATEGORY_NARRATIVE) continue;
        point p = point_of(cells[i], desk);
        if (out.sees_all) p.flags |= bit(v1::FLAG_SEES_ALL);
        out.of[i] = decide(rules, p);
    }
    return out;
}

} // namespace cairn::policy

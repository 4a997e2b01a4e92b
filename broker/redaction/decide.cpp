#include "redaction/decide.hpp"

#include <algorithm>

namespace cairn::redaction {
namespace {

using policy::bit;

// Letter or digit, in upper case; 0 for what people put between ("999/4001").
char plain(char c) {
    if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '\0';
}

// As the registry compares organisation codes: case and punctuation do not count.
bool same_code(std::string_view a, std::string_view b) {
    std::size_t i = 0;
    std::size_t j = 0;
    for (;;) {
        while (i < a.size() && plain(a[i]) == '\0') ++i;
        while (j < b.size() && plain(b[j]) == '\0') ++j;
        if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
        if (plain(a[i++]) != plain(b[j++])) return false;
    }
}

bool own_pupil(const v1::Concern& c, std::uint32_t person, const desk_context& desk) {
    if (person == 0) return false;
    const std::string& school = c.persons(static_cast<int>(person) - 1).education().school_code();
    if (school.empty()) return false;
    return std::any_of(
        desk.organisation_codes.begin(),
        desk.organisation_codes.end(),
        [&](const std::string& code) { return same_code(code, school); }
    );
}

std::uint32_t flags_of(const desk_context& desk) {
    std::uint32_t out = 0;
    if (desk.sender_desk) out |= bit(v1::FLAG_SENDER_DESK);
    if (desk.lead_practitioner) out |= bit(v1::FLAG_LEAD_PRACTITIONER);
    if (desk.conflict) out |= bit(v1::FLAG_CONFLICT);
    if (desk.in_reply) out |= bit(v1::FLAG_IN_REPLY);
    return out;
}

} // namespace

cell_state* desk_decisions::find(cell_id id) {
    const auto found =
        std::lower_bound(cells.begin(), cells.end(), id, [](const cell_state& s, cell_id wanted) {
            return s.in.id < wanted;
        });
    return found != cells.end() && found->in.id == id ? &*found : nullptr;
}

policy::desk_inputs inputs_of(const v1::Concern& c, const analysis& a, const desk_context& desk) {
    policy::desk_inputs in;
    in.role = desk.role;
    in.purpose = a.purpose;
    in.risk = a.risk;
    in.flags = flags_of(desk);
    in.own_pupils.resize(static_cast<std::size_t>(c.persons_size()) + 1);
    for (std::uint32_t i = 1; i < in.own_pupils.size(); ++i)
        in.own_pupils[i] = own_pupil(c, i, desk);
    return in;
}

desk_decisions decide_cells(
    const v1::Concern& c, const analysis& a, const policy::table& rules, const desk_context& desk
) {
    desk_decisions out;
    const policy::desk_inputs in = inputs_of(c, a, desk);
    out.desk_flags = in.flags;
    const bool any_pupil =
        std::find(in.own_pupils.begin(), in.own_pupils.end(), true) != in.own_pupils.end();
    if (any_pupil) out.desk_flags |= bit(v1::FLAG_OWN_PUPIL);
    const policy::cell_decisions decided = policy::decide_cells(rules, a.cells, in);
    out.sees_all = decided.sees_all;
    out.cells.resize(a.cells.size());
    for (std::size_t i = 0; i < a.cells.size(); ++i) {
        out.cells[i].in = a.cells[i];
        out.cells[i].decided = decided.of[i];
    }
    return out;
}

std::vector<v1::DecisionGroup> grouped(const std::vector<std::pair<cell_id, policy::decision>>& all
) {
    // Told apart before any message is made: growing a list of messages moves each.
    struct kind {
        policy::decision of;
        int cells = 0;
    };
    std::vector<kind> kinds;
    std::vector<std::size_t> kind_of;
    kind_of.reserve(all.size());
    for (const auto& [id, d] : all) {
        const auto same = [&d = d](const kind& k) { return k.of == d; };
        const auto known = std::find_if(kinds.begin(), kinds.end(), same);
        kind_of.push_back(static_cast<std::size_t>(known - kinds.begin()));
        if (known == kinds.end()) kinds.push_back({d, 0});
        ++kinds[kind_of.back()].cells;
    }
    std::vector<v1::DecisionGroup> out(kinds.size());
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        out[i].set_form(kinds[i].of.form);
        out[i].set_rule(kinds[i].of.rule);
        out[i].set_reason(kinds[i].of.reason);
        out[i].set_tier(kinds[i].of.tier);
        out[i].mutable_cells()->Reserve(kinds[i].cells);
    }
    for (std::size_t i = 0; i < all.size(); ++i) out[kind_of[i]].add_cells(all[i].first);
    return out;
}

} // namespace cairn::redaction

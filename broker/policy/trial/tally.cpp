#include "policy/trial/tally.hpp"

#include <algorithm>

namespace cairn::policy {
namespace {

flip_key key_of(const flip& f) {
    flip_key k;
    k.kind = f.owed() ? flip_kind::owed : f.closes() ? flip_kind::closes : flip_kind::opens;
    k.category = category_of(f.cell.id);
    k.desk = f.desk.desk;
    k.subject = f.cell.subject;
    k.before = f.before.form;
    k.after = f.after.form;
    k.rule_before = f.before.rule;
    k.rule_after = f.after.rule;
    return k;
}

flip_key key_of(const v1::PolicyFlip& row) {
    const bool opens = row.direction() == v1::PolicyFlip::DIRECTION_OPENS;
    flip_key k;
    k.kind = opens ? flip_kind::opens : row.owed() ? flip_kind::owed : flip_kind::closes;
    k.category = row.category();
    k.desk = row.desk();
    k.subject = row.subject();
    k.before = row.before();
    k.after = row.after();
    k.rule_before = row.rule_before();
    k.rule_after = row.rule_after();
    return k;
}

// One concern may flip in several cells of one kind.
void note(flip_count& to, std::string_view concern) {
    auto& ids = to.concern_ids;
    if (ids.size() < flip_concerns && std::find(ids.begin(), ids.end(), concern) == ids.end())
        ids.emplace_back(concern);
}

void write(const flip_key& k, const flip_count& n, v1::PolicyFlip& row) {
    row.set_direction(
        k.kind == flip_kind::opens ? v1::PolicyFlip::DIRECTION_OPENS
                                   : v1::PolicyFlip::DIRECTION_CLOSES
    );
    row.set_category(k.category);
    row.set_subject(k.subject);
    row.set_desk(k.desk);
    row.set_before(k.before);
    row.set_after(k.after);
    row.set_rule_before(k.rule_before);
    row.set_rule_after(k.rule_after);
    row.set_owed(k.kind == flip_kind::owed);
    row.set_decisions(n.decisions);
    for (const auto& id : n.concern_ids) row.add_concern_ids(id);
}

} // namespace

void tally::count(const flip& f) {
    flip_count& to = flips[key_of(f)];
    ++to.decisions;
    note(to, f.concern.id);
}

void tally::add(const v1::SimulatePolicyResponse& part) {
    concerns += part.concerns();
    decisions += part.decisions();
    left_out += part.left_out();
    for (const auto& row : part.flips()) {
        flip_count& to = flips[key_of(row)];
        to.decisions += row.decisions();
        for (const auto& id : row.concern_ids()) note(to, id);
    }
}

std::vector<v1::SimulatePolicyResponse> parts_of(const tally& t, std::size_t rows) {
    std::vector<v1::SimulatePolicyResponse> out(1);
    out.front().set_concerns(t.concerns);
    out.front().set_decisions(t.decisions);
    out.front().set_left_out(t.left_out);
    for (const auto& [key, count] : t.flips) {
        if (static_cast<std::size_t>(out.back().flips_size()) == rows) out.emplace_back();
        write(key, count, *out.back().add_flips());
    }
    return out;
}

} // namespace cairn::policy

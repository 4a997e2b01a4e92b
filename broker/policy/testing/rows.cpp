#include "policy/testing/rows.hpp"

#include "policy/check.hpp"
#include "policy/dates.hpp"
#include "policy/final_list.hpp"
#include "policy/order.hpp"

#include <algorithm>

namespace cairn::policy {

namespace {

template <class Values>
std::uint32_t bits(const Values& values) {
    if (values.empty()) return ~0U;
    std::uint32_t out = 0;
    for (const int v : values) out |= 1U << static_cast<unsigned>(v);
    return out;
}

bool has(std::uint32_t set, int value) {
    return (set >> static_cast<unsigned>(value) & 1) != 0;
}

} // namespace

bool row::speaks_of(const point& p) const {
    return has(categories, p.category) && has(subjects, p.subject) && has(roles, p.role) &&
           has(purposes, p.purpose) && has(risks, p.risk);
}

std::optional<row> row_of(const v1::Rule& r, std::chrono::sys_days today) {
    const auto from = parse_day(r.in_force());
    if (!from || *from > today) return {};
    row out;
    out.categories = bits(r.categories());
    out.subjects = bits(r.subjects());
    out.roles = bits(r.roles());
    out.purposes = bits(r.purposes());
    out.risks = ~0U << static_cast<unsigned>(r.min_risk());
    out.when = mask_of(r.when());
    out.unless = mask_of(r.unless());
    out.then = decision_of(r);
    return out;
}

rows::rows(const v1::Policy& policy, std::chrono::sys_days today) {
    for (const auto& r : policy.rules()) {
        if (const auto made = row_of(r, today)) rows_.push_back(*made);
    }
    std::sort(rows_.begin(), rows_.end(), [](const row& a, const row& b) {
        return decides_before(a.then, b.then);
    });
}

decision rows::decide(const point& p) const {
    if (const auto above = built_in(p)) return *above;
    for (const auto& r : rows_) {
        if (r.flags_fit(p.flags) && r.speaks_of(p)) return r.then;
    }
    return {};
}

rows rows::with(std::uint32_t number, const std::optional<row>& instead) const {
    rows out = *this;
    std::erase_if(out.rows_, [number](const row& r) { return r.then.rule == number; });
    if (instead) {
        const auto at = std::find_if(out.rows_.begin(), out.rows_.end(), [&](const row& r) {
            return decides_before(instead->then, r.then);
        });
        out.rows_.insert(at, *instead);
    }
    return out;
}

rows rows::speaking_of(const point& p) const {
    rows out;
    for (const auto& r : rows_) {
        if (r.speaks_of(p)) out.rows_.push_back(r);
    }
    return out;
}

std::uint32_t rows::flags() const {
    std::uint32_t out = 0;
    for (const auto& r : rows_) out |= r.when | r.unless;
    return out;
}

} // namespace cairn::policy

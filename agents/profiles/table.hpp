// A mapping as a table: which path of a format goes where in a concern. Every format has one, and
// the documentation is written from them.
#pragma once

#include "agents/formats/records.hpp"
#include "agents/profiles/report.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::agents::profiles {

// What a setter made of a leaf.
struct leaf_outcome {
    bool taken = true;
    // Why it was not taken; or, taken, what to look at. Never a value.
    std::string_view note{};
};

// Target: what the leaves of one record are written into, a struct of the format's own.
template <class Target>
using setter = leaf_outcome (*)(Target& to, const formats::leaf& leaf);

template <class Target>
struct row {
    // Under the record, without numbers. "extension/*": whatever stands below, unless another row
    // says more exactly.
    std::string_view path;
    // Null: ignored.
    setter<Target> set = nullptr;
    // Ignored: why. Set: the field of the concern it becomes, "persons.birth.born".
    std::string_view about{};
};

// Null: no row, the leaf is unmapped. Of several that fit, the longest.
template <class Target>
const row<Target>* find_row(std::span<const row<Target>> rows, std::string_view path) {
    const row<Target>* best = nullptr;
    for (const auto& r : rows) {
        const bool below = r.path.size() > 2 && r.path.substr(r.path.size() - 2) == "/*";
        const auto stem = below ? r.path.substr(0, r.path.size() - 1) : r.path;
        const bool fits = below ? path.substr(0, stem.size()) == stem : path == stem;
        if (fits && (!below || best == nullptr || best->path.size() < r.path.size())) best = &r;
        if (fits && !below) return best;
    }
    return best;
}

// What becomes of every leaf whatever the format: nullopt where the table is to be asked.
std::optional<leaf_report> settled_without_row(const formats::leaf& leaf);
leaf_report report_of(const formats::leaf& leaf, leaf_status status, std::string_view note);

// Puts one leaf where its row says. `from`: how many steps lead to the record.
template <class Target>
leaf_report apply_leaf(
    std::span<const row<Target>> rows, Target& to, const formats::leaf& leaf, std::size_t from
) {
    if (auto settled = settled_without_row(leaf)) return std::move(*settled);
    const auto* r = find_row(rows, formats::plain_path(leaf, from));
    if (r == nullptr) return report_of(leaf, leaf_status::unmapped, "no place for it");
    if (r->set == nullptr) return report_of(leaf, leaf_status::ignored, r->about);
    const auto done = r->set(to, leaf);
    if (!done.taken) return report_of(leaf, leaf_status::unmapped, done.note);
    return report_of(leaf, leaf_status::mapped, done.note.empty() ? leaf.remark : done.note);
}

// A record: each of its leaves is in the report afterwards, once.
template <class Target>
void apply_record(
    std::span<const row<Target>> rows,
    Target& to,
    const formats::record& record,
    std::size_t from,
    file_report& report
) {
    for (const auto& leaf : record) report.add(apply_leaf(rows, to, leaf, from));
}

} // namespace cairn::agents::profiles

#include "agents/profiles/cin.hpp"

#include "agents/profiles/cin_table.hpp"

#include <algorithm>

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;
using formats::xml_leaf;

leaf_report report_of(const xml_leaf& leaf, leaf_status status, std::string_view note) {
    return {leaf.line, formats::path_text(leaf), status, std::string(note)};
}

leaf_report apply(const std::optional<cin_row>& row, cin_target& to, const xml_leaf& leaf) {
    if (!row) return report_of(leaf, leaf_status::unmapped, "no place for it");
    if (row->set == nullptr) return report_of(leaf, leaf_status::ignored, row->why_ignored);
    const auto done = row->set(to, leaf);
    return report_of(leaf, done.taken ? leaf_status::mapped : leaf_status::unmapped, done.note);
}

leaf_report map_leaf(cin_target& to, const xml_leaf& leaf) {
    if (leaf.value.empty()) return report_of(leaf, leaf_status::ignored, "empty");
    if (leaf.path.back().name == "text()")
        return report_of(leaf, leaf_status::unmapped, "stray text between elements");
    constexpr std::size_t under_child = 3;
    return apply(find_child_row(formats::plain_path(leaf, under_child)), to, leaf);
}

// What needs the whole child: "0" is the census's code for unborn and for not known.
void settle_sex(cin_target& to) {
    if (!to.sex_is_zero) return;
    const bool unborn = to.child.birth().has_expected() && !to.child.birth().has_born();
    to.child.set_sex(unborn ? v1::SEX_UNBORN : v1::SEX_UNKNOWN);
}

v1::Concern map_child(
    const std::vector<xml_leaf>& leaves,
    const std::vector<xml_leaf>& header,
    std::vector<leaf_report>& reports
) {
    v1::Concern concern;
    concern.mutable_status()->set_source_system("Children in Need census");
    auto& child = *concern.add_persons();
    child.set_ref("child-1");
    child.set_role(v1::SUBJECT_CHILD);
    cin_target to{concern, child};
    for (const auto& leaf : header) {
        const auto row = find_header_row(formats::plain_path(leaf, 1));
        if (row && row->set != nullptr && !leaf.value.empty()) row->set(to, leaf);
    }
    for (const auto& leaf : leaves) reports.push_back(map_leaf(to, leaf));
    settle_sex(to);
    return concern;
}

// Each header leaf once, though it goes into every concern.
leaf_report report_outside(const xml_leaf& leaf) {
    if (leaf.value.empty()) return report_of(leaf, leaf_status::ignored, "empty");
    if (leaf.path.back().name == "text()")
        return report_of(leaf, leaf_status::unmapped, "stray text between elements");
    v1::Concern scratch;
    cin_target to{scratch, *scratch.add_persons()};
    return apply(find_header_row(formats::plain_path(leaf, 1)), to, leaf);
}

} // namespace

mapped_file map_cin(const formats::cin_return& in) {
    mapped_file out;
    out.report.format = "Children in Need census";
    std::vector<leaf_report> reports;
    for (const auto& leaf : in.outside) reports.push_back(report_outside(leaf));
    for (const auto& leaves : in.children)
        out.concerns.push_back(map_child(leaves, in.outside, reports));
    std::stable_sort(reports.begin(), reports.end(), [](const auto& a, const auto& b) {
        return a.line < b.line;
    });
    for (auto& r : reports) out.report.add(std::move(r));
    out.report.concerns = out.concerns.size();
    return out;
}

} // namespace cairn::agents::profiles

#include "agents/profiles/cin.hpp"

#include "agents/profiles/cin_table.hpp"

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;

// What needs the whole child: "0" is the census's code for unborn and for not known.
void settle_sex(cin_target& to) {
    if (!to.sex_is_zero) return;
    const bool unborn = to.child.birth().has_expected() && !to.child.birth().has_born();
    to.child.set_sex(unborn ? v1::SEX_UNBORN : v1::SEX_UNKNOWN);
}

v1::Concern
map_child(const formats::record& child_leaves, const formats::record& header, file_report& report) {
    v1::Concern concern;
    concern.mutable_status()->set_source_system("Children in Need census");
    auto& child = *concern.add_persons();
    child.set_ref("child-1");
    child.set_role(v1::SUBJECT_CHILD);
    cin_target to{concern, child};
    for (const auto& leaf : header) (void) apply_leaf(cin_header_rows(), to, leaf, 1);
    apply_record(cin_child_rows(), to, child_leaves, formats::cin_depth, report);
    settle_sex(to);
    return concern;
}

// Each header leaf once, though it goes into every concern.
leaf_report report_outside(const formats::leaf& leaf) {
    v1::Concern scratch;
    cin_target to{scratch, *scratch.add_persons()};
    return apply_leaf(cin_header_rows(), to, leaf, 1);
}

} // namespace

result<file_report> map_cin(const formats::next_piece& file, const concern_sink& to) {
    file_report report;
    report.format = "Children in Need census";
    formats::record header;
    formats::record_handlers handlers;
    handlers.outside = [&](formats::leaf&& leaf) -> status {
        constexpr std::size_t header_leaves = 1000;
        auto said = report_outside(leaf);
        const bool late = report.concerns != 0 || header.size() == header_leaves;
        if (late && said.status == leaf_status::mapped)
            said = report_of(leaf, leaf_status::unmapped, "behind the first child: not carried");
        report.add(std::move(said));
        if (!late) header.push_back(std::move(leaf));
        return {};
    };
    handlers.each = [&](formats::record&& child) {
        ++report.concerns;
        return to(map_child(child, header, report));
    };
    CAIRN_TRY(formats::read_cin(file, handlers));
    if (report.concerns == 0)
        return fail(errc::format_malformed, "Message/Children: no child in the file");
    return report;
}

} // namespace cairn::agents::profiles

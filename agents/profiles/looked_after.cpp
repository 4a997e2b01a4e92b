#include "agents/profiles/looked_after.hpp"

#include <map>

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;
using target = looked_after_target;
using rows = std::span<const row<target>>;

constexpr std::size_t children_most = 20'000;

// Rows of one child may stand anywhere in the file.
class children {
public:
    result<v1::Person*> find(const std::string& id, std::string_view format) {
        const auto it = at_.find(id);
        if (it != at_.end()) return concerns_[it->second].mutable_persons(0);
        if (concerns_.size() == children_most)
            return fail(errc::too_many, "children, limit " + std::to_string(children_most));
        at_.emplace(id, concerns_.size());
        auto& made = concerns_.emplace_back();
        made.mutable_status()->set_source_system(std::string(format));
        auto& child = *made.add_persons();
        child.set_ref("child-1");
        child.set_role(v1::SUBJECT_CHILD);
        return &child;
    }

    std::vector<v1::Concern>& all() { return concerns_; }

private:
    std::map<std::string, std::size_t, std::less<>> at_;
    std::vector<v1::Concern> concerns_;
};

void keep_parts(target& to) {
    if (to.missing.ByteSizeLong() != 0) *to.child.add_missing_episodes() = to.missing;
    if (to.placement.ByteSizeLong() != 0) {
        to.placement.set_kind(v1::CaseStatus::Plan::KIND_LOOKED_AFTER);
        *to.child.mutable_case_status()->add_plans() = to.placement;
    }
    if (to.order.ByteSizeLong() != 0) {
        *to.order.mutable_from() = to.placement.from();
        *to.child.add_orders() = to.order;
    }
    for (const auto* address : {&to.home, &to.placed_at})
        if (address->ByteSizeLong() != 0) *to.child.add_addresses() = *address;
}

const formats::leaf* cell(const formats::record& row, std::string_view name) {
    for (const auto& l : row)
        if (l.path.back().name == name) return &l;
    return nullptr;
}

status map_row(children& all, rows table, const formats::record& row, file_report& report) {
    const auto* id = cell(row, "CHILD");
    if (id == nullptr || id->value.empty()) {
        for (const auto& leaf : row) {
            auto settled = settled_without_row(leaf);
            report.add(
                settled ? std::move(*settled)
                        : report_of(leaf, leaf_status::unmapped, "the row names no child")
            );
        }
        return {};
    }
    const auto child = all.find(id->value, report.format);
    if (!child) return child.error();
    target to{**child};
    apply_record(table, to, row, formats::csv_depth, report);
    keep_parts(to);
    return {};
}

result<file_report> map_table(
    std::string_view format, rows table, const formats::next_piece& file, const concern_sink& to
) {
    file_report report;
    report.format = std::string(format);
    children all;
    formats::record_handlers handlers;
    handlers.outside = [](formats::leaf&&) -> status { return {}; };
    handlers.each = [&](formats::record&& row) { return map_row(all, table, row, report); };
    formats::record_splitter split(formats::csv_record, handlers);
    CAIRN_TRY(formats::read_csv(
        file,
        [](const auto&) -> status { return {}; },
        [&](formats::leaf&& l) { return split.take(std::move(l)); }
    ));
    CAIRN_TRY(split.finish());
    for (auto& concern : all.all()) CAIRN_TRY(to(std::move(concern)));
    report.concerns = all.all().size();
    return report;
}

} // namespace

result<file_report> map_missing(const formats::next_piece& file, const concern_sink& to) {
    return map_table("SSDA903 missing episodes", missing_rows(), file, to);
}

result<file_report> map_episodes(const formats::next_piece& file, const concern_sink& to) {
    return map_table("SSDA903 episodes", episode_rows(), file, to);
}

result<file_report> map_reviews(const formats::next_piece& file, const concern_sink& to) {
    return map_table("SSDA903 reviews", review_rows(), file, to);
}

} // namespace cairn::agents::profiles

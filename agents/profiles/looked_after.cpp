#include "agents/profiles/looked_after.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;
using target = looked_after_target;
using rows = std::span<const row<target>>;

constexpr std::size_t children_most = 20'000;

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

status read_rows(
    const formats::file_source& file, const std::function<status(const formats::record&)>& each
) {
    const auto pieces = file();
    if (!pieces) return pieces.error();
    formats::record_handlers handlers;
    handlers.outside = [](formats::leaf&&) -> status { return {}; };
    handlers.each = [&](formats::record&& row) { return each(row); };
    formats::record_splitter split(formats::csv_record, handlers);
    CAIRN_TRY(formats::read_csv(
        *pieces,
        [](const auto&) -> status { return {}; },
        [&](formats::leaf&& l) { return split.take(std::move(l)); }
    ));
    return split.finish();
}

// Rows of one child may stand anywhere in the file, so they are counted first: with the last of
// them the child's concern is whole and leaves memory.
class table_mapper {
public:
    table_mapper(
        std::string_view format, rows table, const concern_sink& to, std::size_t open_at_once
    )
        : table_(table), to_(to), most_(open_at_once) {
        report_.format = std::string(format);
    }

    status count(const formats::record& row) {
        const auto* id = cell(row, "CHILD");
        if (id == nullptr || id->value.empty()) return {};
        if (children_.size() == children_most && children_.count(id->value) == 0)
            return fail(errc::too_many, "children, limit " + std::to_string(children_most));
        ++children_[id->value].rows_left;
        return {};
    }

    // True where children are left for another reading.
    result<bool> read(const formats::file_source& file) {
        ++reading_;
        left_ = false;
        CAIRN_TRY(read_rows(file, [this](const auto& row) { return take(row); }));
        // No longer the file that was counted: nothing half told leaves.
        if (open_ != 0) return changed();
        return left_;
    }

    file_report finish() {
        // Read in the file's order, but for children who had to wait.
        std::stable_sort(
            report_.leaves.begin(),
            report_.leaves.end(),
            [](const auto& a, const auto& b) { return a.line < b.line; }
        );
        return std::move(report_);
    }

private:
    struct child {
        std::size_t rows_left = 0;
        // In which reading it was last left for the next.
        std::size_t left_in = 0;
        std::unique_ptr<v1::Concern> concern;
    };

    static failure changed() {
        return fail(errc::format_malformed, "the file changed while it was read");
    }

    status take(const formats::record& row) {
        const auto* id = cell(row, "CHILD");
        if (id == nullptr || id->value.empty()) {
            if (reading_ == 1) of_nobody(row);
            return {};
        }
        const auto it = children_.find(id->value);
        if (it == children_.end()) return changed();
        auto& one = it->second;
        if (one.rows_left == 0 || waits(one)) return {};
        target to{*one.concern->mutable_persons(0)};
        apply_record(table_, to, row, formats::csv_depth, report_);
        keep_parts(to);
        if (--one.rows_left != 0) return {};
        --open_;
        ++report_.concerns;
        return to_(std::move(*std::exchange(one.concern, nullptr)));
    }

    void of_nobody(const formats::record& row) {
        for (const auto& leaf : row) {
            auto settled = settled_without_row(leaf);
            report_.add(
                settled ? std::move(*settled)
                        : report_of(leaf, leaf_status::unmapped, "the row names no child")
            );
        }
    }

    // One whose first row found no room has to wait, or it would be told by half.
    bool waits(child& one) {
        if (one.concern) return false;
        if (one.left_in == reading_ || open_ == most_) {
            one.left_in = reading_;
            left_ = true;
            return true;
        }
        ++open_;
        one.concern = std::make_unique<v1::Concern>();
        one.concern->mutable_status()->set_source_system(report_.format);
        auto& person = *one.concern->add_persons();
        person.set_ref("child-1");
        person.set_role(v1::SUBJECT_CHILD);
        return false;
    }

    rows table_;
    const concern_sink& to_;
    std::size_t most_;
    file_report report_;
    std::map<std::string, child, std::less<>> children_;
    std::size_t open_ = 0;
    std::size_t reading_ = 0;
    bool left_ = false;
};

result<file_report> map_table(
    std::string_view format,
    rows table,
    const formats::file_source& file,
    const concern_sink& to,
    const looked_after_options& how
) {
    table_mapper mapper(format, table, to, how.open_at_once);
    CAIRN_TRY(read_rows(file, [&](const auto& row) { return mapper.count(row); }));
    for (bool more = true; more;) {
        const auto left = mapper.read(file);
        if (!left) return left.error();
        more = *left;
    }
    return mapper.finish();
}

} // namespace

result<file_report> map_missing(
    const formats::file_source& file, const concern_sink& to, const looked_after_options& how
) {
    return map_table("SSDA903 missing episodes", missing_rows(), file, to, how);
}

result<file_report> map_episodes(
    const formats::file_source& file, const concern_sink& to, const looked_after_options& how
) {
    return map_table("SSDA903 episodes", episode_rows(), file, to, how);
}

result<file_report> map_reviews(
    const formats::file_source& file, const concern_sink& to, const looked_after_options& how
) {
    return map_table("SSDA903 reviews", review_rows(), file, to, how);
}

} // namespace cairn::agents::profiles

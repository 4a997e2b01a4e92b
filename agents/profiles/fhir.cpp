#include "agents/profiles/fhir.hpp"

#include "agents/profiles/fhir_contained.hpp"
#include "agents/profiles/fhir_graph.hpp"
#include "agents/profiles/fhir_table.hpp"
#include "agents/profiles/fhir_task.hpp"

#include <algorithm>
#include <memory>

namespace cairn::agents::profiles {
namespace {

using formats::fhir_resource;
using formats::leaf;

fhir_concern begin_concern(bool told) {
    fhir_concern out;
    auto& subject = *out.concern.add_persons();
    subject.set_ref("person-1");
    subject.set_role(::cairn::v1::SUBJECT_CHILD);
    // Something happened and is told, or something holds.
    if (told)
        out.concern.mutable_notification();
    else
        out.concern.mutable_status();
    return out;
}

leaf_report map_leaf(fhir_target& to, const leaf& l) {
    const auto& r = to.resource;
    if (auto settled = settled_without_row(l)) return std::move(*settled);
    if (!r.holds(l))
        return report_of(l, leaf_status::ignored, "of the entry, not of what is in it");
    if (r.type == "Task")
        return report_of(l, leaf_status::unmapped, "a Task answers in a file that tells of nobody");
    const auto rows = fhir_rows(r.type);
    if (rows.empty()) return report_of(l, leaf_status::unmapped, "no table for this resource");
    const auto here = find_row(rows, r.element(l)) != nullptr ? rows : fhir_common_rows();
    return apply_leaf(here, to, l, r.depth);
}

leaf_report map_outside(const leaf& l) {
    if (auto settled = settled_without_row(l)) return std::move(*settled);
    return report_of(l, leaf_status::ignored, "of the Bundle, not of what is in it");
}

// What the first reading found.
struct overview {
    fhir_graph graph;
    bool task = false;

    // Of a notice's own document, dropped again, the Tasks are what was asked.
    [[nodiscard]] bool answers() const { return task && graph.group_count() == 0; }
};

bool is_own_task(const fhir_resource& r) {
    return r.type == "Task" && !r.inside;
}

// The readings after the first.
class mapper {
public:
    mapper(
        const overview& found,
        const fhir_options& options,
        const concern_sink& to,
        file_report& report
    )
        : graph_(found.graph), answers_(found.answers()), options_(options), to_(to),
          report_(report), done_(graph_.group_count()) {}

    // True where patients are left for another reading.
    result<bool> read(const file_source& file) {
        auto pieces = file();
        if (!pieces) return pieces.error();
        left_ = false;
        formats::fhir_handlers handlers;
        handlers.outside = [this](leaf&& l) -> status {
            if (first_) report_.add(map_outside(l));
            return {};
        };
        handlers.each = [this](fhir_resource&& r) { return take(r); };
        CAIRN_TRY(read_fhir_unfolded(*pieces, handlers));
        first_ = false;
        // The file is no longer the one that was read first: nothing half told leaves.
        if (!open_.empty())
            return fail(errc::format_malformed, "the file changed while it was read");
        return left_;
    }

private:
    struct gathered {
        fhir_concern concern;
        std::size_t missing = 0;
    };

    status take(const fhir_resource& r) {
        if (answers_ && is_own_task(r)) return answer(r);
        const auto& groups = graph_.groups_of(r.ordinal);
        const auto why = left_out_because(r);
        if (groups.empty() || !why.empty()) {
            if (first_) report_alone(r, why);
            return {};
        }
        for (const auto g : groups) {
            auto* to = place_for(g);
            if (to == nullptr) continue;
            // A resource that several patients share is in the report once.
            map(r, to->concern, g == groups.front());
            if (--to->missing == 0) CAIRN_TRY(finish(g));
        }
        return {};
    }

    status answer(const fhir_resource& task) {
        auto concern = answer_of_task(task, report_);
        if (!concern) return concern.error();
        ++report_.concerns;
        return to_(std::move(*concern));
    }

    // Null: done before, or left for another reading.
    gathered* place_for(fhir_graph::group g) {
        if (done_[g]) return nullptr;
        if (const auto known = open_.find(g); known != open_.end()) return known->second.get();
        if (skipped(g)) return nullptr;
        auto made = std::make_unique<gathered>();
        made->concern = begin_concern(graph_.is_told(g));
        made->missing = graph_.member_count(g);
        return (open_[g] = std::move(made)).get();
    }

    // One whose first resource found no room has to wait, or it would be told by half.
    bool skipped(fhir_graph::group g) {
        const bool wait = waiting_.size() > g && waiting_[g] == reading_;
        if (!wait && open_.size() < options_.open_at_once) return false;
        if (waiting_.empty()) waiting_.resize(graph_.group_count());
        waiting_[g] = reading_;
        left_ = true;
        return true;
    }

    void map(const fhir_resource& r, fhir_concern& into, bool reported) {
        fhir_target to{into, r, graph_};
        for (const auto& l : r.leaves) {
            auto said = map_leaf(to, l);
            if (reported) report_.add(std::move(said));
        }
    }

    // Of nobody's concern. What it would become is shown all the same: a file of identities proves
    // that they are understood.
    void report_alone(const fhir_resource& r, std::string_view why) {
        auto scratch = begin_concern(false);
        fhir_target to{scratch, r, graph_};
        for (const auto& l : r.leaves) {
            if (why.empty())
                report_.add(map_leaf(to, l));
            else
                report_.add(report_of(l, leaf_status::ignored, why));
        }
    }

    status finish(fhir_graph::group g) {
        auto done = std::move(open_[g]);
        open_.erase(g);
        done_[g] = true;
        settle_fhir(done->concern, options_.today);
        ++report_.concerns;
        return to_(std::move(done->concern.concern));
    }

public:
    void next_reading() { ++reading_; }

private:
    const fhir_graph& graph_;
    const bool answers_;
    const fhir_options& options_;
    const concern_sink& to_;
    file_report& report_;
    std::vector<bool> done_;
    std::map<fhir_graph::group, std::unique_ptr<gathered>> open_;
    // In which reading a patient was last left for the next.
    std::vector<std::uint32_t> waiting_;
    std::uint32_t reading_ = 1;
    bool left_ = false;
    bool first_ = true;
};

result<overview> look_through(const file_source& file) {
    auto pieces = file();
    if (!pieces) return pieces.error();
    overview out;
    formats::fhir_handlers handlers;
    handlers.outside = [](leaf&&) -> status { return {}; };
    handlers.each = [&](fhir_resource&& r) {
        out.task = out.task || is_own_task(r);
        return out.graph.add(r);
    };
    CAIRN_TRY(read_fhir_unfolded(*pieces, handlers));
    out.graph.settle();
    return out;
}

} // namespace

result<file_report>
map_fhir(const file_source& file, const fhir_options& options, const concern_sink& to) {
    const auto found = look_through(file);
    if (!found) return found.error();
    file_report report;
    report.format = "FHIR R4";
    mapper readings(*found, options, to, report);
    for (bool more = true; more; readings.next_reading()) {
        const auto left = readings.read(file);
        if (!left) return left.error();
        more = *left;
    }
    // Read in the file's order, but for patients who had to wait.
    std::stable_sort(report.leaves.begin(), report.leaves.end(), [](const auto& a, const auto& b) {
        return a.line < b.line;
    });
    return report;
}

} // namespace cairn::agents::profiles

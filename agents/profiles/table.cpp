#include "agents/profiles/table.hpp"

namespace cairn::agents::profiles {

leaf_report report_of(const formats::leaf& leaf, leaf_status status, std::string_view note) {
    return {leaf.at.line, formats::path_text(leaf), status, std::string(note)};
}

std::optional<leaf_report> settled_without_row(const formats::leaf& leaf) {
    if (leaf.value.empty()) return report_of(leaf, leaf_status::ignored, "empty");
    if (leaf.path.back().name == "text()")
        return report_of(leaf, leaf_status::unmapped, "stray text between elements");
    return {};
}

} // namespace cairn::agents::profiles

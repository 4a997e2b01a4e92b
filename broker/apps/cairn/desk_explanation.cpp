#include "apps/cairn/desk_explanation.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

struct group {
    std::string form;
    std::string heading;
    std::vector<const v1::ExplainedCell*> cells;
};

// In the words of the template, most open first. A policy that has its own words for the forms is
// printed in those, after these.
std::vector<group> known_forms() {
    return {
        {"in full", "sees in full", {}},
        {"in a shorter form", "sees in a shorter form", {}},
        {"as a token", "sees as a token", {}},
        {"not shown", "is told that it is held, and does not see", {}},
        {"not mentioned", "is told nothing of", {}},
    };
}

std::vector<group> by_form(const v1::DeskExplanation& desk) {
    std::vector<group> out = known_forms();
    for (const v1::ExplainedCell& cell : desk.cells()) {
        auto at = std::find_if(out.begin(), out.end(), [&cell](const group& g) {
            return g.form == cell.form();
        });
        if (at == out.end()) at = out.insert(out.end(), {cell.form(), cell.form(), {}});
        at->cells.push_back(&cell);
    }
    return out;
}

void add(std::string& out, const v1::ExplainedCell& cell) {
    const std::string& whose = cell.person_ref().empty() ? "the concern" : cell.person_ref();
    out += fmt::format("    {}: {}\n", whose, cell.category());
    if (!cell.sentence().empty()) out += fmt::format("      {}\n", cell.sentence());
    // A sender's sentence says it itself.
    const auto& change = cell.what_would_change_it();
    if (change.empty() || cell.sentence().find(change) != std::string::npos) return;
    out += fmt::format("      What would change it: {}\n", change);
}

} // namespace

std::string explanation_text(const v1::DeskExplanation& desk) {
    std::string out = desk.desk();
    if (!desk.route_sentence().empty()) out += ": " + desk.route_sentence();
    out += "\n";
    for (const group& g : by_form(desk)) {
        if (g.cells.empty()) continue;
        out += "  " + g.heading + "\n";
        for (const auto* cell : g.cells) add(out, *cell);
    }
    return out;
}

} // namespace cairn::cli

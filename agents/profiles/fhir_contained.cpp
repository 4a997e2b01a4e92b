#include "agents/profiles/fhir_contained.hpp"

#include "agents/profiles/fhir_graph.hpp"
#include "agents/profiles/fhir_table.hpp"

#include <map>

namespace cairn::agents::profiles {
namespace {

using formats::fhir_resource;
using formats::leaf;

// Between a resource and the elements of one it contains: "contained" and the type.
constexpr std::size_t steps_inside = 2;

bool stands_inside(const fhir_resource& r, const leaf& l) {
    return r.holds(l) && l.path.size() > r.depth + steps_inside &&
           l.path[r.depth].name == "contained" && !fhir_rows(l.path[r.depth + 1].name).empty();
}

// Which of the contained resources a leaf is of. XML may put two into one element.
std::string place_of(const fhir_resource& r, const leaf& l) {
    const auto& around = l.path[r.depth];
    const auto& type = l.path[r.depth + 1];
    return std::to_string(around.nth) + " " + type.name + " " + std::to_string(type.nth);
}

fhir_resource begin_contained(const fhir_resource& r, const leaf& first) {
    fhir_resource out;
    out.type = first.path[r.depth + 1].name;
    out.at = first.at;
    out.depth = r.depth + steps_inside;
    return out;
}

std::vector<fhir_resource> take_out(fhir_resource& r) {
    std::vector<fhir_resource> out;
    std::map<std::string, std::size_t> begun;
    formats::record own;
    for (auto& l : r.leaves) {
        if (!stands_inside(r, l)) {
            own.push_back(std::move(l));
            continue;
        }
        const auto [it, fresh] = begun.emplace(place_of(r, l), out.size());
        if (fresh) out.push_back(begin_contained(r, l));
        auto& to = out[it->second];
        if (to.element(l) == "id") to.id = l.value;
        to.leaves.push_back(std::move(l));
    }
    r.leaves = std::move(own);
    return out;
}

} // namespace

status read_fhir_unfolded(const formats::next_piece& file, const formats::fhir_handlers& to) {
    std::size_t next = 0;
    formats::fhir_handlers unfolding;
    unfolding.outside = to.outside;
    unfolding.each = [&](fhir_resource&& r) -> status {
        std::vector<fhir_resource> contained;
        if (left_out_because(r).empty()) contained = take_out(r);
        const auto home = next++;
        r.ordinal = home;
        CAIRN_TRY(to.each(std::move(r)));
        for (auto& c : contained) {
            c.ordinal = next++;
            c.inside = home;
            CAIRN_TRY(to.each(std::move(c)));
        }
        return {};
    };
    return formats::read_fhir(file, unfolding);
}

} // namespace cairn::agents::profiles

#include "daemon/names.hpp"

#include "core/edit_distance.hpp"

#include <algorithm>
#include <vector>

namespace cairn::daemon {
namespace {

// More letters wrong than this is another name.
constexpr std::size_t near_at_most = 2;
constexpr std::size_t near_shown = 3;

// Of the names everybody here may list: open desks and their agencies.
std::vector<std::string> names_of(const registry::snapshot& registry, bool desks, bool agencies) {
    std::vector<std::string> out;
    for (const auto& d : registry.state().desks()) {
        if (!registry.is_open(d)) continue;
        if (desks) out.push_back(d.id());
        if (agencies) out.emplace_back(registry::parse_desk(d.id())->agency);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

failure unknown(
    errc code, std::string where, std::string_view name, const std::vector<std::string>& known
) {
    std::vector<std::pair<std::size_t, std::string_view>> near;
    for (const auto& k : known) {
        const auto d = edit_distance(name, k);
        if (d <= near_at_most) near.emplace_back(d, k);
    }
    std::sort(near.begin(), near.end());
    if (near.size() > near_shown) near.resize(near_shown);
    for (std::size_t i = 0; i < near.size(); ++i) {
        where.append(i == 0 ? "; did you mean " : ", ").append(near[i].second);
    }
    return fail(code, std::move(where));
}

std::string item(const char* list, int i, const char* field = "") {
    return "concern." + std::string(list) + "[" + std::to_string(i) + "]" + field;
}

} // namespace

status check_names(const v1::Concern& c, const registry::snapshot& registry) {
    const auto agency = [&](const std::string& name, std::string where) -> status {
        if (name.empty() || registry.agency(name) != nullptr) return {};
        return unknown(errc::bad_value, std::move(where), name, names_of(registry, false, true));
    };
    for (int i = 0; i < c.conflicts_of_interest_size(); ++i) {
        const std::string& name = c.conflicts_of_interest(i);
        if (registry.agency(name) != nullptr || registry.desk(name) != nullptr) continue;
        return unknown(
            errc::bad_value, item("conflicts_of_interest", i), name, names_of(registry, true, true)
        );
    }
    for (int i = 0; i < c.assertions_size(); ++i) {
        CAIRN_TRY(agency(
            c.assertions(i).allegation().employer_agency(),
            item("assertions", i, ".allegation.employer_agency")
        ));
    }
    for (int i = 0; i < c.persons_size(); ++i) {
        CAIRN_TRY(agency(
            c.persons(i).professional().employer_agency(),
            item("persons", i, ".professional.employer_agency")
        ));
    }
    const std::string& lead = c.lead_practitioner_desk();
    if (lead.empty() || registry.desk(lead) != nullptr) return {};
    return unknown(
        errc::unknown_desk, "concern.lead_practitioner_desk", lead, names_of(registry, true, false)
    );
}

} // namespace cairn::daemon

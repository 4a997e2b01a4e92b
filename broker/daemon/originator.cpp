#include "daemon/originator.hpp"

#include <string>

namespace cairn::daemon {

bool speaks_for_originator(const registry::snapshot& registry, std::string_view sender) {
    const v1::Agency* agency = registry.agency(sender);
    return agency != nullptr && agency->kind() == v1::AGENCY_KIND_POLICE;
}

std::vector<v1::Warning> ignored_releases(const v1::Concern& c) {
    std::vector<v1::Warning> out;
    for (int i = 0; i < c.assertions_size(); ++i) {
        if (!c.assertions(i).intelligence().released_by_originator()) continue;
        v1::Warning& w = out.emplace_back();
        w.set_code("release_not_yours");
        w.set_where(
            "concern.assertions[" + std::to_string(i) + "].intelligence.released_by_originator"
        );
        w.set_text("Only the originator of police intelligence may release it, and your agency is "
                   "not the police: the release is ignored, no desk reads it, and the intelligence "
                   "is decided as not released. Ask the police who hold it to release it, in a "
                   "concern of their own");
    }
    return out;
}

} // namespace cairn::daemon

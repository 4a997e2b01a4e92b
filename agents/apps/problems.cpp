#include "agents/apps/problems.hpp"

namespace cairn::agents::apps {

void problems::begin(std::string_view id, failure what, wall_time now) {
    const auto it = all_.find(id);
    if (it != all_.end()) {
        it->second.what = std::move(what);
        return;
    }
    const auto& known = describe(what.code);
    log_(
        known.retryable ? log_level::warning : log_level::error,
        "problem",
        std::string(id) + " " + std::string(known.symbol)
    );
    all_.emplace(id, problem{now, std::move(what)});
}

void problems::end(std::string_view id) {
    const auto it = all_.find(id);
    if (it == all_.end()) return;
    log_(log_level::info, "problem_over", id);
    all_.erase(it);
}

void problems::note(std::string_view id, const status& outcome, wall_time now) {
    if (outcome)
        end(id);
    else
        begin(id, outcome.error(), now);
}

} // namespace cairn::agents::apps

// What is wrong at present. Each is told once when it begins and once when it is over: a log that
// repeats itself twice a second is read by nobody.
#pragma once

#include "core/log_line.hpp"
#include "core/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace cairn::agents::apps {

struct problem {
    wall_time since;
    // Shown to the agency's own people: text, `where` and next step; never `detail`.
    failure what;
};

// Thread: the agent's.
class problems {
public:
    explicit problems(log_function log) : log_(std::move(log)) {}

    // `id` names the place where it is noticed: what begins there ends there.
    void begin(std::string_view id, failure what, wall_time now);
    void end(std::string_view id);
    // Either, by the outcome.
    void note(std::string_view id, const status& outcome, wall_time now);
    [[nodiscard]] const std::map<std::string, problem, std::less<>>& all() const { return all_; }

private:
    log_function log_;
    std::map<std::string, problem, std::less<>> all_;
};

} // namespace cairn::agents::apps

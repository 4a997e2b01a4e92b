// How the agent is, for the people of its agency: status.json for programs, status.html to look at.
// Counts, times and words of the catalogue; never a file's name or anything out of one.
#pragma once

#include "agents/apps/problems.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::agents::apps {

struct agent_status {
    wall_time at{};
    wall_time started{};
    bool connected = false;
    // Since when it is connected, or is not.
    wall_time since{};
    std::optional<wall_time> last_connected;
    // Every desk is listened for.
    bool receiving = false;
    std::size_t desks = 0;
    // Files in outbox/ that are not yet taken; concerns taken and not yet answered.
    std::size_t files = 0;
    std::size_t unanswered = 0;
    std::optional<wall_time> oldest;
    std::uint64_t accepted = 0; // since the start
    std::uint64_t refused = 0;
    std::uint64_t rejected = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t received = 0;
    std::optional<wall_time> last_received;
    std::uint64_t recalled = 0;
    // Events for the agency's own system that its command or address has not taken.
    std::size_t events_waiting = 0;
    std::vector<std::pair<std::string, problem>> problems;
};

enum class state : std::uint8_t { good, warning, critical };

// critical: something waits and nothing moves it: away for longer than `patience`, or a problem
// that a person has to end.
state judge(const agent_status& s);
constexpr duration patience = std::chrono::minutes(15);

std::string_view name_of(state s);
// One sentence: where it stands and, if it is not good, what that means for who uses it.
std::string says(const agent_status& s);

std::string status_json(const agent_status& s);
std::string status_html(const agent_status& s);

// What `cairn-agent status` prints of a status.json, and how it exits: 0 good, 1 warning, 2
// critical, 3 unknown; a status older than a few of its writings is critical: the agent is not
// running. `now` is this machine's.
struct status_report {
    int code = 3;
    std::string text;
};
status_report report_status(std::string_view json, wall_time now);

// status.json is written at least this often.
constexpr duration status_every = std::chrono::seconds(30);

} // namespace cairn::agents::apps

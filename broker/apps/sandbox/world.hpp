// A partnership to try things out on: the real broker on this process's own clock, and partners.
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace cairn::sandbox {

struct world_order {
    // New, or of an earlier sandbox, which goes on from its own time.
    std::filesystem::path folder;
    // 0: chosen by the system.
    std::uint16_t port = 0;
    std::uint16_t health_port = 0;
    // Of the agency that is the integrator's: school, police, health or social_care.
    std::string kind = "school";
    // Runs one `cairn` command of these words, as an admin would; its exit code.
    std::function<int(const std::vector<std::string>&)> cairn;
};

// What an integrator needs to know.
struct world_facts {
    std::string endpoint;
    std::string health;
    std::string desk;
    std::filesystem::path context;
    std::filesystem::path admin_context;
    std::filesystem::path example;
};

// Makes or opens the sandbox, tells `ready` when it serves, and runs until SIGINT or SIGTERM, which
// the caller has blocked. The operational log goes to FOLDER/cairnd.log.
// errc::file_exists (the folder is no sandbox), config_bad_value, what a broker's start fails with.
status run_world(
    const world_order& order,
    const clock& machine,
    random_source& random,
    const std::function<void(const world_facts&, wall_time)>& ready
);

// Asks the running sandbox of this folder to move its time: the time it then has.
// errc::unavailable where none runs, usage where the step is not one.
result<std::string> advance_world(const std::filesystem::path& folder, const std::string& step);

} // namespace cairn::sandbox

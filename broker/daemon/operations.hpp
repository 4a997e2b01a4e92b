// What an administrator asks of the daemon as a whole, and what it says of itself.
#pragma once

#include "daemon/reload.hpp"
#include "transport/server.hpp"

#include "cairn/v1/operate.pb.h"

namespace cairn::daemon {

// What stands around the services, as of now.
struct daemon_facts {
    std::int64_t started_us = 0;
    // As ends_of().
    std::vector<std::pair<std::string, std::int64_t>> ends;
    std::shared_ptr<const reload_outcome> last_reload; // null: none since the start
    std::string config_digest;
    log_level level = log_level::info;
    std::int64_t level_until_us = 0; // 0: it is at the level of the start
    transport::server_counters network;
};

// Any thread but where said otherwise.
class operations {
public:
    virtual ~operations() = default;
    // Blocks; see reloader::reload().
    virtual result<v1::ReloadResponse> reload(bool dry_run, const registry::caller* by) = 0;
    virtual result<v1::SetLogLevelResponse>
    set_log_level(const v1::SetLogLevelRequest& asked, const registry::caller& by) = 0;
    // Reads files: query pool.
    virtual v1::DiagnoseResponse diagnose() = 0;
    [[nodiscard]] virtual daemon_facts facts() const = 0;
};

// Settings with their files judged, the last lines of the log, facts of the machine: nothing
// personal, no secret, no folder's name.
void diagnose_settings(const loaded_config& config, v1::DiagnoseResponse& out);
void diagnose_log(const std::vector<std::string>& lines, v1::DiagnoseResponse& out);
void diagnose_machine(v1::DiagnoseResponse& out);

// The text without addresses of peers and without the folders of absolute paths, whose names may be
// a person's: "[address]", and "…/server.pem". Doing it again changes nothing.
std::string scrubbed(std::string text);

} // namespace cairn::daemon

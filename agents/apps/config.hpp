// agent.toml, read strictly: an unknown key is an error that names the place.
#pragma once

#include "agents/apps/hook.hpp"
#include "agents/apps/replies.hpp"
#include "agents/apps/retention.hpp"
#include "agents/profiles/inputs.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "transport/client.hpp"

#include "cairn/v1/concern.pb.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::agents::apps {

struct agent_config {
    std::string host;
    std::uint16_t port = 0;
    // Name the broker's certificate must carry; empty: `host`.
    std::string expect_name;
    // Host empty: none. Its credentials are read by dial_options_of().
    transport::proxy_options proxy;
    std::string proxy_auth_file;
    std::string certificate_file;
    std::string key_file;
    std::string authority_file;
    // Holds outbox, inbox, sent, rejected and the journal.
    std::string folder;
    // Whose notices are received here.
    std::vector<std::string> desks;
    duration poll = std::chrono::milliseconds(500);
    // A file that was not renamed into outbox/ is complete when it stood still so long.
    duration quiet = std::chrono::seconds(2);
    retention_days keep;
    hook_options hook;
    reply_options replies;
    // Which formats are taken here.
    profiles::agency_profile profile = profiles::agency_profile::any;
    // What a dropped file need not say: purpose, bases, desks, risk, urgency, acting person.
    ::cairn::v1::Concern defaults;
    // For intermediaries: the agency acted for.
    std::string on_behalf_of;
};

// Relative paths are taken from `base`. errc::config_unknown_key, config_bad_value with "line N:
// key" in `where`.
result<agent_config> parse_config(std::string_view toml, const std::string& base);
// The same from a file. errc::file_unreadable.
result<agent_config> load_config(const std::string& path);

// Reads the TLS files and the proxy's. errc::file_unreadable; file_permissions for a secret that
// others can read.
result<transport::dial_options> dial_options_of(const agent_config& c);

} // namespace cairn::agents::apps

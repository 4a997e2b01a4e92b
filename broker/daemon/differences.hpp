// What a reload would change, told to an administrator: names, numbers, days and digests, never a
// text of a policy or a key.
#pragma once

#include "daemon/files.hpp"
#include "daemon/policy_version.hpp"
#include "daemon/shadow.hpp"

#include "cairn/v1/operate.pb.h"

#include <memory>

namespace cairn::daemon {

namespace v1 = ::cairn::v1;

// What the files of a configuration say: read, compiled, proved. In force or not.
struct loaded_files {
    loaded_config config;
    transport::tls_files tls;
    policy_version policy;
    // Never a reason to refuse the others.
    shadow_file shadow;
    std::string calendar_text;
    std::shared_ptr<const obligations::calendar> days;
};

// Settings first, then what their files say, in the order of the configuration.
std::vector<v1::ReloadResponse::Change>
differences(const loaded_files& before, const loaded_files& after);

// One by one what the broker itself stands on, with the moment it ends: "server certificate",
// "authority", "revocation list", "policy". What cannot be read is left out.
std::vector<std::pair<std::string, std::int64_t>> ends_of(const loaded_files& files);

} // namespace cairn::daemon

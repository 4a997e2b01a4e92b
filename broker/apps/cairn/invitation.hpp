// The file an administrator gives to an agency: docs/formats/invitation.md.
#pragma once

#include "core/result.hpp"

#include "cairn/v1/enrolment.pb.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::cli {

struct invitation {
    std::string id;
    std::string partnership;
    std::string agency;
    std::vector<std::string> desks;
    // host:port, and the name its certificate carries.
    std::string broker;
    std::string name;
    // For people; the broker decides.
    std::string until;
    std::string certificate_pem;
    std::string key_pem;
    std::string authority_pem;
    std::string vkeys;
};

std::string to_text(const invitation& i);
// errc::file_unreadable, file_permissions (it holds a key), config_bad_value.
result<invitation> read_invitation(const std::string& path);

// Where others reach a broker that its administrator dials by loopback, being on the same machine:
// by the name in its certificate, unless that is of this machine as well.
std::string host_for_others(const std::string& host, const std::string& name);

// "3f2a 91c0 …": 128 bits of the SHA-256 over both public keys, as read out by telephone.
std::string fingerprint_text(std::string_view key_sha256);
// Whether what somebody typed, in whatever grouping, is that fingerprint.
bool is_fingerprint(std::string_view typed, std::string_view key_sha256);
// Over the requests themselves: nobody's word is taken for it. errc::request_invalid.
result<std::string>
key_fingerprint(std::string_view request_pem, std::string_view probe_pem, std::string_view uri);

} // namespace cairn::cli

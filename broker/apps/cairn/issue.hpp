// Issuing a certificate: made by the authority, kept, registered, and only then given its name.
#pragma once

#include "apps/cairn/program.hpp"
#include "certs/authority.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace cairn::cli {

struct issue_options {
    std::string who;     // agency/oakfield, auditor/jo, server/broker, …
    std::string request; // CSR file
    std::string make;    // folder for a key, certificate and context made here
    std::string out;     // certificate file
    std::vector<std::string> desks;
    std::vector<std::string> kinds;
    std::vector<std::string> purposes;
    std::vector<std::string> dns_names;
    std::vector<std::string> ip_addresses;
    int days = 365;
};

void issue(program& p, const issue_options& o);

// context.toml, authority.pem and vkeys beside a client.pem and client.key, so that the next
// command just works: for the broker that `mine` names, whose own vkeys are copied.
status write_context(const context& mine, const std::filesystem::path& folder);

// Keeps the authority's own copy of what it issued.
status keep_issued(
    const std::filesystem::path& authority, const std::string& pem, const std::string& sha256
);
// Signs somebody's request, keeps the authority's copy and gives the certificate: good for `life`
// from ten minutes ago, for clocks differ.
result<std::string> sign_request(
    const certs::authority& authority,
    const std::filesystem::path& folder,
    const std::string& request,
    const certs::identity& who,
    std::chrono::seconds life
);
// The authority's own copy of a certificate it issued, by its pin.
std::filesystem::path
issued_copy(const std::filesystem::path& authority, const std::string& sha256);

} // namespace cairn::cli

// manifest.json, the first member of an archive: what it is and what is in it.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::backup {

inline constexpr const char* manifest_name = "manifest.json";
inline constexpr std::size_t manifest_bytes_max = 64 * 1024;

// Names the layout of `cairn init`: both archives unpacked into one folder are a broker's folder.
namespace members {
inline constexpr const char* config = "cairnd.toml";
inline constexpr const char* policy = "policy.textproto";
inline constexpr const char* policy_note = "policy.textproto.sig";
inline constexpr const char* policy_signers = "policy-signers";
inline constexpr const char* calendar = "calendar.csv";
inline constexpr const char* certificate = "tls/server.pem";
inline constexpr const char* authority = "tls/authority.pem";
inline constexpr const char* crl = "tls/crl.pem";
inline constexpr const char* ledger = "data/ledger.db";
inline constexpr const char* tls_key = "tls/server.key";
inline constexpr const char* partnership_key = "keys/partnership.key";
inline constexpr const char* log_key = "keys/log.key";
inline constexpr const char* keys = "data/keys.db";
} // namespace members

enum class archive_kind : std::uint8_t { ledger, keys };
std::string_view name_of(archive_kind k);

struct member_facts {
    std::string name;
    std::uint64_t size = 0;
    std::string sha256; // hex
};

struct manifest {
    archive_kind kind = archive_kind::ledger;
    std::string partnership;
    std::string ledger_id; // hex
    // Random, the same in both archives of a run.
    std::string run;
    std::int64_t taken_us = 0;
    std::uint64_t records = 0;
    // Signed head of the ledger's last commit.
    std::string checkpoint;
    std::vector<member_facts> members;
};

std::string print_manifest(const manifest& m);
// errc::sealed_data_damaged where "manifest.json".
result<manifest> parse_manifest(std::string_view text);

} // namespace cairn::backup

// cairnd.toml: one strict file. An unknown key is an error that names the nearest one.
#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::daemon {

struct config {
    std::string partnership;
    std::string data_folder;
    std::string policy_file;
    // Whose signatures it needs.
    std::string policy_signers_file;
    // A candidate that is counted beside it; empty: none.
    std::string policy_shadow_file;
    // Bank holidays; empty: deadlines know weekends only.
    std::string calendar_file;
    std::string listen_address = "127.0.0.1";
    std::uint16_t listen_port = 7443;
    std::uint32_t network_threads = 1;
    std::string health_address = "127.0.0.1";
    std::uint16_t health_port = 7480;
    std::string certificate_file;
    std::string key_file;
    std::string authority_file;
    std::string crl_file;
    bool allow_tls12 = false;
    std::string partnership_key_file;
    std::string log_key_file;
    // "debug", "info", "warning" or "error".
    std::string log_level = "info";
};

// One setting as it is in force, for --check and support.
struct effective {
    std::string key;
    std::string value;
    // "cairnd.toml:7" or "default"
    std::string source;
    // Names a file.
    bool is_path = false;
    // Taken by a reload; every other setting by a start only.
    bool live = false;
};

struct loaded_config {
    config values;
    std::vector<effective> settings;
    // Where it was read from; empty of a text.
    std::string path;
};

// Reads the file; relative paths are against its folder, and one that begins with
// "$CREDENTIALS_DIRECTORY/" is a credential of systemd.exec(5). errc::file_unreadable,
// config_unknown_key, config_bad_value; `where` has line and key.
result<loaded_config> load_config(const std::string& path);
// The same from text. `credentials`: the folder of credentials; empty: there is none.
result<loaded_config> parse_config(
    std::string_view text,
    const std::string& name,
    const std::string& folder,
    const std::string& credentials = {}
);

// SHA-256 of every setting as it is in force, hex: which configuration a record was made under.
std::string config_digest(const config& c);

// Whole file; errc::file_unreadable names it. `secret`: refuses a file that others can read
// (errc::file_permissions). A credential that systemd keeps root's own and opens to one user shows
// that in its group's bits, which then say nothing of a group.
result<std::string> read_file(const std::string& path, bool secret = false);

} // namespace cairn::daemon

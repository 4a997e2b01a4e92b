#include "backup/settings.hpp"

#include "daemon/policy_version.hpp"

#include <charconv>
#include <filesystem>
#include <map>
#include <sstream>

namespace cairn::backup {
namespace {

constexpr const char* file_name = "cairnd.toml";

// The setting that names a file, and the file's name in the archives.
const std::map<std::string, std::string>& places() {
    static const std::map<std::string, std::string> all = {
        {"data", "data"},
        {"policy", members::policy},
        {"policy_signers", members::policy_signers},
        {"calendar", members::calendar},
        {"tls.certificate", members::certificate},
        {"tls.key", members::tls_key},
        {"tls.authority", members::authority},
        {"tls.crl", members::crl},
        {"keys.partnership", members::partnership_key},
        {"keys.log", members::log_key},
    };
    return all;
}

// "cairnd.toml:7" to 7; 0 for "default".
std::size_t line_of(const std::string& source) {
    const auto colon = source.rfind(':');
    std::size_t out = 0;
    if (colon != std::string::npos)
        std::from_chars(source.data() + colon + 1, source.data() + source.size(), out);
    return out;
}

std::vector<ingredient> named(std::initializer_list<std::pair<const char*, std::string>> all) {
    std::vector<ingredient> out;
    for (const auto& [name, path] : all) {
        if (!path.empty()) out.push_back({name, path, {}});
    }
    return out;
}

} // namespace

std::vector<ingredient> open_files_of(const daemon::config& c, const std::string& config_path) {
    // None beside a text that is still to be signed, while the last good one decides.
    const std::string note = daemon::note_path(c.policy_file);
    return named({
        {members::config, config_path},
        {members::policy, c.policy_file},
        {members::policy_note, std::filesystem::exists(note) ? note : std::string()},
        {members::policy_signers, c.policy_signers_file},
        {members::calendar, c.calendar_file},
        {members::certificate, c.certificate_file},
        {members::authority, c.authority_file},
        {members::crl, c.crl_file},
    });
}

std::vector<ingredient> secret_files_of(const daemon::config& c) {
    return named({
        {members::tls_key, c.key_file},
        {members::partnership_key, c.partnership_key_file},
        {members::log_key, c.log_key_file},
    });
}

result<std::string> with_own_paths(const std::string& text) {
    // Each path is replaced, so where credentials are is all one: there need be none here.
    const auto loaded = daemon::parse_config(text, file_name, ".", ".");
    if (!loaded) return loaded.error();
    std::map<std::size_t, std::string> lines;
    for (const daemon::effective& s : loaded->settings) {
        const auto place = places().find(s.key);
        const std::size_t line = place == places().end() ? 0 : line_of(s.source);
        if (line == 0) continue;
        const std::string last = s.key.substr(s.key.rfind('.') + 1);
        lines[line] = last + " = \"" + place->second + "\"";
    }
    std::istringstream in(text);
    std::string out;
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        const auto other = lines.find(++number);
        out += (other == lines.end() ? line : other->second) + "\n";
    }
    // A table on one line, or a key with dots, would not have survived that.
    const auto again = daemon::parse_config(out, file_name, ".");
    const bool same = again && again->values.data_folder == "./data" &&
                      again->settings.size() == loaded->settings.size() &&
                      again->values.log_key_file == std::string("./") + members::log_key;
    if (!same) {
        return fail(
            errc::config_bad_value, "cairnd.toml: each path must stand on a line of its own"
        );
    }
    return out;
}

} // namespace cairn::backup

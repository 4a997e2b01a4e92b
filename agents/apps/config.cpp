#include "agents/apps/config.hpp"

#include "agents/apps/defaults.hpp"
#include "agents/apps/folders.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <sys/stat.h>

namespace cairn::agents::apps {
namespace {

template <class Number>
status read_number(
    const toml::node& node, std::string_view key, std::int64_t least, std::int64_t most, Number& out
) {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < least || *value > most)
        return bad(
            node, key, "a number from " + std::to_string(least) + " to " + std::to_string(most)
        );
    out = static_cast<Number>(*value);
    return {};
}

using reader_function = std::function<status(const toml::node&, std::string_view, agent_config&)>;

reader_function text(std::string agent_config::*member) {
    return [member](const toml::node& n, std::string_view key, agent_config& c) {
        return read_text(n, key, c.*member);
    };
}

reader_function by_default_key(std::string name) {
    return [name](const toml::node& n, std::string_view key, agent_config& c) {
        return read_default(name, n, key, c.defaults);
    };
}

status read_profile(const toml::node& n, std::string_view key, agent_config& c) {
    std::string name;
    CAIRN_TRY(read_text(n, key, name));
    const auto known = profiles::profile_named(name);
    if (!known) return bad(n, key, "any, police, health, school or social_care");
    c.profile = *known;
    return {};
}

status read_port(const toml::node& n, std::string_view key, agent_config& c) {
    return read_number(n, key, 1, 65535, c.port);
}

status read_poll(const toml::node& n, std::string_view key, agent_config& c) {
    std::int64_t ms = 0;
    CAIRN_TRY(read_number(n, key, 10, 60'000, ms));
    c.poll = std::chrono::milliseconds(ms);
    return {};
}

status read_desks(const toml::node& n, std::string_view key, agent_config& c) {
    return read_list(n, key, [&](const std::string& desk) {
        if (desk.find('/') == std::string::npos) return false;
        c.desks.push_back(desk);
        return true;
    });
}

const std::map<std::string, reader_function, std::less<>>& keys() {
    static const std::map<std::string, reader_function, std::less<>> all = {
        {"broker.host", text(&agent_config::host)},
        {"broker.port", read_port},
        {"broker.expect_name", text(&agent_config::expect_name)},
        {"tls.certificate", text(&agent_config::certificate_file)},
        {"tls.key", text(&agent_config::key_file)},
        {"tls.authority", text(&agent_config::authority_file)},
        {"agent.folder", text(&agent_config::folder)},
        {"agent.desks", read_desks},
        {"agent.poll_ms", read_poll},
        {"agent.on_behalf_of", text(&agent_config::on_behalf_of)},
        {"agent.profile", read_profile},
        {"defaults.purpose", by_default_key("purpose")},
        {"defaults.bases", by_default_key("bases")},
        {"defaults.desks", by_default_key("desks")},
        {"defaults.risk", by_default_key("risk")},
        {"defaults.urgency", by_default_key("urgency")},
        {"defaults.role", by_default_key("role")},
        {"defaults.staff_id", by_default_key("staff_id")},
        {"defaults.authenticated_by", by_default_key("authenticated_by")},
    };
    return all;
}

std::string known_in(std::string_view section) {
    std::string out;
    for (const auto& [key, read] : keys()) {
        if (key.compare(0, section.size() + 1, std::string(section) + ".") != 0) continue;
        out += (out.empty() ? "" : ", ") + key;
    }
    return out.empty() ? "sections agent, broker, defaults, tls" : out;
}

status read_table(const toml::table& table, agent_config& c) {
    for (const auto& [section, node] : table) {
        const auto* inner = node.as_table();
        if (inner == nullptr)
            return fail(
                errc::config_unknown_key, place(node, section.str()) + "; known: " + known_in("")
            );
        for (const auto& [name, value] : *inner) {
            const auto key = std::string(section.str()) + "." + std::string(name.str());
            const auto it = keys().find(key);
            if (it == keys().end())
                return fail(
                    errc::config_unknown_key,
                    place(value, key) + "; known: " + known_in(section.str())
                );
            CAIRN_TRY(it->second(value, key, c));
        }
    }
    return {};
}

status check_complete(const agent_config& c) {
    const std::pair<bool, std::string_view> wanted[] = {
        {!c.host.empty(), "broker.host"},
        {c.port != 0, "broker.port"},
        {!c.certificate_file.empty(), "tls.certificate"},
        {!c.key_file.empty(), "tls.key"},
        {!c.authority_file.empty(), "tls.authority"},
        {!c.folder.empty(), "agent.folder"},
    };
    for (const auto& [there, key] : wanted)
        if (!there) return fail(errc::config_bad_value, std::string(key) + " is missing");
    return {};
}

} // namespace

result<agent_config> parse_config(std::string_view toml, const std::string& base) {
    const auto parsed = toml::parse(toml);
    if (!parsed)
        return fail(
            errc::config_bad_value,
            "line " + std::to_string(parsed.error().source().begin.line) + ": " +
                std::string(parsed.error().description())
        );
    agent_config out;
    CAIRN_TRY(read_table(parsed.table(), out));
    CAIRN_TRY(check_complete(out));
    for (auto* path : {&out.certificate_file, &out.key_file, &out.authority_file, &out.folder})
        *path = (std::filesystem::path(base) / *path).lexically_normal().string();
    return out;
}

result<agent_config> load_config(const std::string& path) {
    constexpr std::size_t most = 1024 * 1024;
    const auto text = read_whole(path, most);
    if (!text) return text.error();
    return parse_config(*text, std::filesystem::absolute(path).parent_path().string());
}

result<transport::dial_options> dial_options_of(const agent_config& c) {
    constexpr std::size_t most = 1024 * 1024;
    struct stat info {};
    if (::stat(c.key_file.c_str(), &info) == 0 && (info.st_mode & 0077U) != 0)
        return fail(errc::file_permissions, c.key_file);
    transport::dial_options out;
    out.host = c.host;
    out.port = c.port;
    out.expect_name = c.expect_name;
    const std::pair<const std::string*, std::string*> files[] = {
        {&c.certificate_file, &out.tls.certificate_pem},
        {&c.key_file, &out.tls.key_pem},
        {&c.authority_file, &out.tls.authority_pem}};
    for (const auto& [path, into] : files) {
        auto content = read_whole(*path, most);
        if (!content) return content.error();
        *into = std::move(*content);
    }
    return out;
}

} // namespace cairn::agents::apps

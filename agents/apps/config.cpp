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

status read_quiet(const toml::node& n, std::string_view key, agent_config& c) {
    std::int64_t ms = 0;
    CAIRN_TRY(read_number(n, key, 0, 600'000, ms));
    c.quiet = std::chrono::milliseconds(ms);
    return {};
}

reader_function days(unsigned retention_days::*member) {
    return [member](const toml::node& n, std::string_view key, agent_config& c) {
        return read_number(n, key, 0, 36'500, c.keep.*member);
    };
}

status read_command(const toml::node& n, std::string_view key, agent_config& c) {
    CAIRN_TRY(read_list(n, key, [&](const std::string& word) {
        c.hook.command.push_back(word);
        return true;
    }));
    if (c.hook.command.empty() || c.hook.command.front().front() != '/')
        return bad(n, key, "a list that begins with the program's whole path");
    return {};
}

reader_function hook_text(std::string hook_options::*member) {
    return [member](const toml::node& n, std::string_view key, agent_config& c) {
        return read_text(n, key, c.hook.*member);
    };
}

status read_hook_limit(const toml::node& n, std::string_view key, agent_config& c) {
    std::int64_t seconds = 0;
    CAIRN_TRY(read_number(n, key, 1, 600, seconds));
    c.hook.limit = std::chrono::seconds(seconds);
    return {};
}

status read_at_once(const toml::node& n, std::string_view key, agent_config& c) {
    return read_number(n, key, 1, hooks_at_once_most, c.hook.at_once);
}

reader_function reply_text(std::string reply_options::*member) {
    return [member](const toml::node& n, std::string_view key, agent_config& c) {
        return read_text(n, key, c.replies.*member);
    };
}

std::string lower(std::string text) {
    for (auto& ch : text)
        if (ch >= 'A' && ch <= 'Z') ch = static_cast<char>(ch - 'A' + 'a');
    return text;
}

reader_function reply_words(v1::Outcome::Decision meaning) {
    return [meaning](const toml::node& n, std::string_view key, agent_config& c) {
        return read_list(n, key, [&](const std::string& word) {
            return c.replies.words.emplace(lower(word), meaning).second;
        });
    };
}

status read_ignored(const toml::node& n, std::string_view key, agent_config& c) {
    return read_list(n, key, [&](const std::string& word) {
        c.replies.ignored.push_back(lower(word));
        return true;
    });
}

status read_desks(const toml::node& n, std::string_view key, agent_config& c) {
    return read_list(n, key, [&](const std::string& desk) {
        if (desk.find('/') == std::string::npos) return false;
        c.desks.push_back(desk);
        return true;
    });
}

status read_proxy(const toml::node& n, std::string_view key, agent_config& c) {
    std::string url;
    CAIRN_TRY(read_text(n, key, url));
    auto proxy = transport::parse_proxy(url);
    if (!proxy) return fail(errc::config_bad_value, place(n, key) + ", " + proxy.error().where);
    c.proxy = std::move(*proxy);
    return {};
}

const std::map<std::string, reader_function, std::less<>>& keys() {
    static const std::map<std::string, reader_function, std::less<>> all = {
        {"broker.host", text(&agent_config::host)},
        {"broker.port", read_port},
        {"broker.expect_name", text(&agent_config::expect_name)},
        {"broker.proxy", read_proxy},
        {"broker.proxy_auth_file", text(&agent_config::proxy_auth_file)},
        {"tls.certificate", text(&agent_config::certificate_file)},
        {"tls.key", text(&agent_config::key_file)},
        {"tls.authority", text(&agent_config::authority_file)},
        {"agent.folder", text(&agent_config::folder)},
        {"agent.desks", read_desks},
        {"agent.poll_ms", read_poll},
        {"agent.quiet_ms", read_quiet},
        {"keep.inbox_days", days(&retention_days::inbox)},
        {"keep.sent_days", days(&retention_days::sent)},
        {"keep.rejected_days", days(&retention_days::rejected)},
        {"keep.recalled_days", days(&retention_days::recalled)},
        {"hook.command", read_command},
        {"hook.url", hook_text(&hook_options::url)},
        {"hook.authority", hook_text(&hook_options::authority_file)},
        {"hook.token_file", hook_text(&hook_options::token_file)},
        {"hook.limit_s", read_hook_limit},
        {"hook.at_once", read_at_once},
        {"replies.file", reply_text(&reply_options::file)},
        {"replies.reference", reply_text(&reply_options::reference)},
        {"replies.status", reply_text(&reply_options::status)},
        {"replies.text", reply_text(&reply_options::text)},
        {"replies.date", reply_text(&reply_options::date)},
        {"replies.staff", reply_text(&reply_options::staff)},
        {"replies.ignored", read_ignored},
        {"replies.acknowledged", reply_words(v1::Outcome::DECISION_UNSPECIFIED)},
        {"replies.nfa", reply_words(v1::Outcome::DECISION_NFA)},
        {"replies.advice", reply_words(v1::Outcome::DECISION_ADVICE)},
        {"replies.early_help", reply_words(v1::Outcome::DECISION_EARLY_HELP)},
        {"replies.cin17", reply_words(v1::Outcome::DECISION_CIN17)},
        {"replies.s47", reply_words(v1::Outcome::DECISION_S47)},
        {"replies.strategy", reply_words(v1::Outcome::DECISION_STRATEGY)},
        {"replies.other_la", reply_words(v1::Outcome::DECISION_OTHER_LA)},
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
    return out.empty() ? "sections agent, broker, defaults, hook, keep, replies, tls" : out;
}

status read_table(const toml::table& table, agent_config& c) {
    for (const auto& [section, node] : table) {
        const auto* inner = node.as_table();
        // One that is empty is a mistake as well.
        const bool known = known_in(section.str()) != known_in("");
        if (inner == nullptr || !known)
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
    if (!c.hook.command.empty() && !c.hook.url.empty())
        return fail(errc::config_bad_value, "hook.command and hook.url: wanted one of them");
    if (!c.replies.file.empty() && (c.desks.empty() || c.replies.words.empty()))
        return fail(
            errc::config_bad_value,
            "replies.file wants agent.desks, and words in one of: " + known_in("replies")
        );
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
    for (auto* path :
         {&out.certificate_file,
          &out.key_file,
          &out.authority_file,
          &out.folder,
          &out.proxy_auth_file,
          &out.hook.authority_file,
          &out.hook.token_file,
          &out.replies.file})
        if (!path->empty())
            *path = (std::filesystem::path(base) / *path).lexically_normal().string();
    return out;
}

result<agent_config> load_config(const std::string& path) {
    constexpr std::size_t most = 1024 * 1024;
    const auto text = read_whole(path, most);
    if (!text) return text.error();
    return parse_config(*text, std::filesystem::absolute(path).parent_path().string());
}

namespace {

status check_private(const std::string& file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) == 0 && (info.st_mode & 0077U) != 0)
        return fail(errc::file_permissions, file);
    return {};
}

} // namespace

result<transport::dial_options> dial_options_of(const agent_config& c) {
    constexpr std::size_t most = 1024 * 1024;
    CAIRN_TRY(check_private(c.key_file));
    transport::dial_options out;
    out.proxy = c.proxy;
    if (!c.proxy_auth_file.empty()) {
        CAIRN_TRY(check_private(c.proxy_auth_file));
        const auto line = read_whole(c.proxy_auth_file, most);
        if (!line) return line.error();
        auto credentials = transport::parse_proxy_credentials(*line);
        if (!credentials) return credentials.error();
        out.proxy.credentials = std::move(*credentials);
    }
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

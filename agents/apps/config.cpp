#include "agents/apps/config.hpp"

#include "agents/apps/folders.hpp"
#include "core/toml.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <sys/stat.h>

namespace cairn::agents::apps {
namespace {

namespace v1 = ::cairn::v1;

std::string place(const toml::node& node, std::string_view key) {
    return "line " + std::to_string(node.source().begin.line) + ": " + std::string(key);
}

failure bad(const toml::node& node, std::string_view key, std::string_view wanted) {
    return fail(errc::config_bad_value, place(node, key) + ", wanted " + std::string(wanted));
}

status read_text(const toml::node& node, std::string_view key, std::string& out) {
    const auto value = node.value_exact<std::string>();
    if (!value || value->empty()) return bad(node, key, "a text");
    out = *value;
    return {};
}

template <class Take>
status read_list(const toml::node& node, std::string_view key, Take take) {
    const auto* list = node.as_array();
    if (list == nullptr) return bad(node, key, "a list of texts");
    for (const auto& item : *list) {
        std::string text;
        CAIRN_TRY(read_text(item, key, text));
        if (!take(text)) return bad(item, key, "a value the schema knows");
    }
    return {};
}

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

// "s47" for PURPOSE_S47.
std::optional<int>
enum_value(const google::protobuf::EnumDescriptor& set, std::string prefix, std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    const auto* value = set.FindValueByName(prefix + text);
    if (value == nullptr || value->number() == 0) return {};
    return value->number();
}

using reader_function = std::function<status(const toml::node&, std::string_view, agent_config&)>;

reader_function text(std::string agent_config::*member) {
    return [member](const toml::node& n, std::string_view key, agent_config& c) {
        return read_text(n, key, c.*member);
    };
}

status read_purpose(const toml::node& n, std::string_view key, agent_config& c) {
    std::string name;
    CAIRN_TRY(read_text(n, key, name));
    const auto value = enum_value(*v1::Purpose_descriptor(), "PURPOSE_", name);
    if (!value) return bad(n, key, "a purpose");
    c.defaults.set_purpose(static_cast<v1::Purpose>(*value));
    return {};
}

status read_bases(const toml::node& n, std::string_view key, agent_config& c) {
    return read_list(n, key, [&](const std::string& name) {
        const auto value = enum_value(*v1::LawfulBasis_descriptor(), "LAWFUL_BASIS_", name);
        if (value) c.defaults.add_bases(static_cast<v1::LawfulBasis>(*value));
        return value.has_value();
    });
}

reader_function acting(void (*put)(v1::ActingPerson&, const std::string&)) {
    return [put](const toml::node& n, std::string_view key, agent_config& c) -> status {
        std::string value;
        CAIRN_TRY(read_text(n, key, value));
        put(*c.defaults.mutable_acting(), value);
        return {};
    };
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

status read_default_desks(const toml::node& n, std::string_view key, agent_config& c) {
    return read_list(n, key, [&](const std::string& desk) {
        c.defaults.add_desks(desk);
        return desk.find('/') != std::string::npos;
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
        {"defaults.purpose", read_purpose},
        {"defaults.bases", read_bases},
        {"defaults.desks", read_default_desks},
        {"defaults.role", acting([](v1::ActingPerson& a, const std::string& v) { a.set_role(v); })},
        {"defaults.staff_id",
         acting([](v1::ActingPerson& a, const std::string& v) { a.set_staff_id(v); })},
        {"defaults.authenticated_by",
         acting([](v1::ActingPerson& a, const std::string& v) { a.set_authenticated_by(v); })},
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

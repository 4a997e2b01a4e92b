#include "daemon/config.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/edit_distance.hpp"
#include "core/log_line.hpp"
#include "core/toml.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

namespace cairn::daemon {
namespace {

enum class kind : std::uint8_t { text, path, port, count, flag, level };

struct setting {
    std::string_view key;
    kind what;
    bool required;
    bool live;
    std::function<void(config&, const std::string&)> put_text;
    std::function<void(config&, std::int64_t)> put_number;
    std::function<std::string(const config&)> show;
};

enum need : std::uint8_t { optional = 0, required = 1, live = 2 };

setting text(std::string_view key, kind what, int needs, std::string config::*member) {
    return {
        key,
        what,
        (needs & required) != 0,
        (needs & live) != 0,
        [member](config& c, const std::string& v) { c.*member = v; },
        {},
        [member](const config& c) { return c.*member; }};
}

template <class Number>
setting number(std::string_view key, kind what, Number config::*member, int needs = optional) {
    return {
        key,
        what,
        (needs & required) != 0,
        (needs & live) != 0,
        {},
        [member](config& c, std::int64_t v) { c.*member = static_cast<Number>(v); },
        [member](const config& c) { return std::to_string(c.*member); }};
}

const std::vector<setting>& settings() {
    static const std::vector<setting> all = {
        text("partnership", kind::text, required, &config::partnership),
        text("data", kind::path, required, &config::data_folder),
        text("policy", kind::path, required | live, &config::policy_file),
        text("policy_signers", kind::path, required | live, &config::policy_signers_file),
        text("policy_shadow", kind::path, live, &config::policy_shadow_file),
        text("calendar", kind::path, live, &config::calendar_file),
        text("listen.address", kind::text, optional, &config::listen_address),
        number("listen.port", kind::port, &config::listen_port),
        number("listen.threads", kind::count, &config::network_threads),
        text("health.address", kind::text, optional, &config::health_address),
        number("health.port", kind::port, &config::health_port),
        text("tls.certificate", kind::path, required | live, &config::certificate_file),
        text("tls.key", kind::path, required | live, &config::key_file),
        text("tls.authority", kind::path, required | live, &config::authority_file),
        text("tls.crl", kind::path, live, &config::crl_file),
        number("tls.allow_tls12", kind::flag, &config::allow_tls12, live),
        text("keys.partnership", kind::path, required, &config::partnership_key_file),
        text("keys.log", kind::path, required, &config::log_key_file),
        text("log.level", kind::level, live, &config::log_level),
    };
    return all;
}

std::string nearest(std::string_view key) {
    const auto& all = settings();
    const auto best =
        std::min_element(all.begin(), all.end(), [key](const setting& a, const setting& b) {
            return edit_distance(key, a.key) < edit_distance(key, b.key);
        });
    return std::string(best->key);
}

struct leaf {
    std::string key;
    const toml::node* node;
    std::uint32_t line;
};

bool is_section(const std::string& key) {
    const auto& all = settings();
    return std::any_of(all.begin(), all.end(), [&key](const setting& s) {
        return s.key.substr(0, key.size() + 1) == key + ".";
    });
}

void collect(const toml::table& t, const std::string& prefix, std::vector<leaf>& out) {
    for (const auto& [k, v] : t) {
        const std::string key =
            prefix.empty() ? std::string(k.str()) : prefix + "." + std::string(k.str());
        const auto* inner = v.as_table();
        // An empty section is kept as a leaf of its own: its name may be misspelt too.
        if (inner != nullptr && (!inner->empty() || is_section(key)))
            collect(*inner, key, out);
        else
            out.push_back({key, &v, static_cast<std::uint32_t>(v.source().begin.line)});
    }
}

// Of systemd.exec(5): the folder of what LoadCredential= hands over.
constexpr const char* credentials_variable = "CREDENTIALS_DIRECTORY";
constexpr std::string_view credential_mark = "$CREDENTIALS_DIRECTORY";

std::string credentials_folder() {
    const char* set = std::getenv(credentials_variable);
    return set == nullptr ? std::string() : std::string(set);
}

// Newer systemd leaves a credential root's and opens it to the service's user by an access list,
// whose mask stat() shows as the group's bits.
bool is_opened_by_list(const std::string& path, const struct stat& st) {
    const std::string folder = credentials_folder();
    return !folder.empty() && path.rfind(folder + "/", 0) == 0 && st.st_uid == 0 &&
           (st.st_mode & (S_IWGRP | S_IXGRP | S_IRWXO)) == 0;
}

// What relative paths and credentials stand for.
struct places {
    std::string folder;
    std::string credentials;
};

// Empty: a credential, and there are none.
std::string path_of(const std::string& value, const places& at) {
    if (value.front() == '/') return value;
    if (value.rfind(std::string(credential_mark) + "/", 0) != 0) return at.folder + "/" + value;
    if (at.credentials.empty()) return {};
    return at.credentials + value.substr(credential_mark.size());
}

status put_text(
    const setting& s, const std::string& value, const std::string& line, const places& at, config& c
) {
    const std::string read = s.what == kind::path ? path_of(value, at) : value;
    if (read.empty()) {
        return fail(
            errc::config_bad_value,
            line + ": " + std::string(s.key) +
                " is a credential; systemd hands it over, by hand set CREDENTIALS_DIRECTORY to "
                "the folder it is in"
        );
    }
    s.put_text(c, read);
    return {};
}

status put(const setting& s, const leaf& l, const std::string& at, const places& where, config& c) {
    const auto bad = [&](std::string_view wanted) {
        return fail(errc::config_bad_value, at + ": " + l.key + " must be " + std::string(wanted));
    };
    if (s.what == kind::text || s.what == kind::path) {
        const auto* v = l.node->as_string();
        if (v == nullptr || v->get().empty()) return bad("a text in quotes");
        return put_text(s, v->get(), at, where, c);
    }
    if (s.what == kind::level) {
        const auto* v = l.node->as_string();
        if (v == nullptr || !level_of(v->get())) return bad("debug, info, warning or error");
        s.put_text(c, v->get());
        return {};
    }
    if (s.what == kind::flag) {
        const auto* v = l.node->as_boolean();
        if (v == nullptr) return bad("true or false");
        s.put_number(c, v->get() ? 1 : 0);
        return {};
    }
    const auto* v = l.node->as_integer();
    const std::int64_t most = s.what == kind::port ? 65535 : 64;
    const std::int64_t least = s.what == kind::port ? 0 : 1;
    if (v == nullptr || v->get() < least || v->get() > most) {
        return bad("a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    s.put_number(c, v->get());
    return {};
}

} // namespace

result<loaded_config> parse_config(
    std::string_view source,
    const std::string& name,
    const std::string& folder,
    const std::string& credentials
) {
    const toml::parse_result parsed = toml::parse(source, name);
    if (!parsed) {
        const auto& e = parsed.error();
        return fail(
            errc::config_bad_value,
            name + ":" + std::to_string(e.source().begin.line) + ": " + std::string(e.description())
        );
    }
    std::vector<leaf> leaves;
    collect(parsed.table(), {}, leaves);
    loaded_config out;
    std::vector<std::pair<std::string, std::string>> sources;
    for (const leaf& l : leaves) {
        const std::string at = name + ":" + std::to_string(l.line);
        const auto& all = settings();
        const auto it =
            std::find_if(all.begin(), all.end(), [&l](const setting& s) { return s.key == l.key; });
        if (it == all.end()) {
            return fail(
                errc::config_unknown_key, at + ": " + l.key + ", nearest is " + nearest(l.key)
            );
        }
        CAIRN_TRY(put(*it, l, at, {folder, credentials}, out.values));
        sources.emplace_back(l.key, at);
    }
    for (const setting& s : settings()) {
        const auto it = std::find_if(sources.begin(), sources.end(), [&s](const auto& p) {
            return p.first == s.key;
        });
        if (it == sources.end() && s.required) {
            return fail(errc::config_bad_value, name + ": " + std::string(s.key) + " is missing");
        }
        out.settings.push_back(
            {std::string(s.key),
             s.show(out.values),
             it == sources.end() ? "default" : it->second,
             s.what == kind::path,
             s.live}
        );
    }
    return out;
}

result<loaded_config> load_config(const std::string& path) {
    auto text = read_file(path);
    if (!text) return text.error();
    const std::filesystem::path p(path);
    const auto folder = p.has_parent_path() ? p.parent_path().string() : std::string(".");
    auto loaded = parse_config(*text, p.filename().string(), folder, credentials_folder());
    if (loaded) loaded->path = path;
    return loaded;
}

std::string config_digest(const config& c) {
    std::string all;
    for (const setting& s : settings())
        all.append(s.key).append("=").append(s.show(c)).append("\n");
    return to_hex(view(sha256(all)));
}

result<std::string> read_file(const std::string& path, bool secret) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(errc::file_unreadable, path);
    if (secret) {
        struct stat st {};
        if (::stat(path.c_str(), &st) != 0) return fail(errc::file_unreadable, path);
        const bool shared = (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
        if (shared && !is_opened_by_list(path, st)) return fail(errc::file_permissions, path);
    }
    std::string out;
    std::array<char, 65536> part{};
    while (in.read(part.data(), part.size()) || in.gcount() > 0) {
        out.append(part.data(), static_cast<std::size_t>(in.gcount()));
    }
    // A read error is no end of file: half a policy must not pass for a policy.
    if (in.bad() || !in.eof()) return fail(errc::file_unreadable, path);
    return out;
}

} // namespace cairn::daemon

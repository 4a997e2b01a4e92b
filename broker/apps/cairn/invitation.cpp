#include "apps/cairn/invitation.hpp"

#include "certs/files.hpp"
#include "certs/request.hpp"
#include "core/crypto.hpp"
#include "core/toml.hpp"

#include <fmt/format.h>

#include <map>

namespace cairn::cli {
namespace {

constexpr int version = 1;
// 128 bits: what two people read to each other, and nobody finds a second key for.
constexpr std::size_t told_digits = 32;

std::string quoted(const std::string& text) {
    return "'''\n" + text + "'''";
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" || host.substr(0, 4) == "127.";
}

} // namespace

std::string to_text(const invitation& i) {
    std::string desks;
    for (const auto& d : i.desks) desks += (desks.empty() ? "\"" : ", \"") + d + "\"";
    return fmt::format(
        "# Invites {0} to {1}. Whoever has this file can ask in its name, once, until {2}.\n"
        "# Keep it to yourself, then: cairn enrol THIS-FILE NEW-FOLDER\n"
        "invitation = {3}\nid = \"{4}\"\npartnership = \"{1}\"\nagency = \"{0}\"\n"
        "desks = [{5}]\nbroker = \"{6}\"\nname = \"{7}\"\nuntil = \"{2}\"\n"
        "certificate = {8}\nkey = {9}\nauthority = {10}\nvkeys = {11}\n",
        i.agency,
        i.partnership,
        i.until,
        version,
        i.id,
        desks,
        i.broker,
        i.name,
        quoted(i.certificate_pem),
        quoted(i.key_pem),
        quoted(i.authority_pem),
        quoted(i.vkeys)
    );
}

result<invitation> read_invitation(const std::string& path) {
    const auto text = certs::read_secret(path);
    if (!text) return text.error();
    const toml::parse_result parsed = toml::parse(*text, path);
    if (!parsed) {
        return fail(errc::config_bad_value, path, std::string(parsed.error().description()));
    }
    const toml::table& t = parsed.table();
    if (t["invitation"].value_or(0) != version) {
        return fail(errc::config_bad_value, path + ": no invitation of version 1");
    }
    invitation out;
    const std::map<std::string_view, std::string*> texts{
        {"id", &out.id},
        {"partnership", &out.partnership},
        {"agency", &out.agency},
        {"broker", &out.broker},
        {"name", &out.name},
        {"until", &out.until},
        {"certificate", &out.certificate_pem},
        {"key", &out.key_pem},
        {"authority", &out.authority_pem},
        {"vkeys", &out.vkeys}};
    for (const auto& [key, to] : texts) {
        *to = t[key].value_or(std::string{});
        if (to->empty()) return fail(errc::config_bad_value, path + ": " + std::string(key));
    }
    if (const toml::array* desks = t["desks"].as_array()) {
        for (const auto& d : *desks) out.desks.push_back(d.value_or(std::string{}));
    }
    return out;
}

std::string host_for_others(const std::string& host, const std::string& name) {
    return is_loopback(host) && !name.empty() && !is_loopback(name) ? name : host;
}

std::string fingerprint_text(std::string_view key_sha256) {
    std::string out;
    for (std::size_t i = 0; i < told_digits && i < key_sha256.size(); ++i) {
        if (i != 0 && i % 4 == 0) out.push_back(' ');
        out.push_back(key_sha256[i]);
    }
    return out;
}

bool is_fingerprint(std::string_view typed, std::string_view key_sha256) {
    std::string plain;
    for (const char c : typed) {
        if (c == ' ' || c == '-' || c == ':') continue;
        plain.push_back(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    return plain.size() >= told_digits && plain == key_sha256.substr(0, plain.size());
}

result<std::string>
key_fingerprint(std::string_view request_pem, std::string_view probe_pem, std::string_view uri) {
    const auto first = certs::key_asked_for(request_pem, uri);
    if (!first) return first.error();
    const auto second = certs::key_asked_for(probe_pem, uri);
    if (!second) return second.error();
    return to_hex(view(sha256(*first + *second)));
}

} // namespace cairn::cli

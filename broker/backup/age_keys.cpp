#include "backup/age_keys.hpp"

#include "backup/bech32.hpp"
#include "backup/primitives.hpp"

#include <algorithm>

namespace cairn::backup {
namespace {

constexpr std::string_view recipient_prefix = "age";
// Bech32's checksum is over lower case; identities are shown in capitals.
constexpr std::string_view identity_prefix = "age-secret-key-";

std::string in_case(std::string_view text, int (*change)(int)) {
    std::string out;
    for (const char c : text) {
        out.push_back(static_cast<char>(change(static_cast<unsigned char>(c))));
    }
    return out;
}

std::string_view trimmed(std::string_view line) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    return line;
}

} // namespace

identity make_identity(random_source& random) {
    identity out;
    random.fill(out.secret);
    return out;
}

recipient recipient_of(const identity& key) {
    return {x25519_point(key.secret)};
}

std::string print_recipient(const recipient& to) {
    return print_bech32(recipient_prefix, view(to.point));
}

std::string print_identity(const identity& key) {
    std::string small = print_bech32(identity_prefix, view(key.secret));
    std::string out = in_case(small, std::toupper);
    wipe(small.data(), small.size());
    return out;
}

result<recipient> parse_recipient(std::string_view text) {
    const auto raw = parse_bech32(recipient_prefix, text);
    const auto point = raw ? to_digest(*raw) : std::nullopt;
    if (!point) return fail(errc::bad_value, "recipient", "it reads age1… and has 62 letters");
    identity probe{};
    probe.secret.fill(1);
    if (!x25519(probe.secret, *point)) return fail(errc::bad_value, "recipient", "not a key");
    return recipient{*point};
}

result<std::vector<identity>> parse_identities(std::string_view text) {
    std::vector<identity> out;
    std::size_t number = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.empty() || line.front() == '#') continue;
        const bool capitals = line == in_case(line, std::toupper);
        auto raw =
            capitals ? parse_bech32(identity_prefix, in_case(line, std::tolower)) : std::nullopt;
        const auto secret = raw ? to_digest(*raw) : std::nullopt;
        if (!secret) {
            return fail(
                errc::bad_value,
                "identity, line " + std::to_string(number),
                "it reads AGE-SECRET-KEY-1…"
            );
        }
        out.push_back({*secret});
        wipe(raw->data(), raw->size());
    }
    if (out.empty()) return fail(errc::bad_value, "identity", "the file holds none");
    return out;
}

} // namespace cairn::backup

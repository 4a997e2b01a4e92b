#include "signing/signers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace cairn::signing {
namespace {

struct line_of_file {
    std::size_t number = 0;
    std::string_view text;
};

failure bad(const line_of_file& at, std::size_t column, std::string_view what) {
    return fail(errc::bad_value, fmt::format("line {}, column {}: {}", at.number, column, what));
}

std::string_view trimmed(std::string_view s) {
    while (!s.empty() && (s.back() == ' ' || s.back() == '\t' || s.back() == '\r'))
        s.remove_suffix(1);
    return s;
}

std::optional<part> part_of(std::string_view word) {
    for (const part p : {part::author, part::officer})
        if (word == name_of(p)) return p;
    return std::nullopt;
}

result<trusted_key> read_line(const line_of_file& at) {
    const auto space = at.text.find(' ');
    const auto p = part_of(at.text.substr(0, space));
    if (!p || space == std::string_view::npos)
        return bad(at, 1, "a line is author or officer, a space, and a verifier key");
    const auto start = at.text.find_first_not_of(' ', space);
    auto key = merkle::parse_vkey(at.text.substr(start));
    if (!key)
        return bad(at, start + 1, "no verifier key: copy what cairn policy key printed, whole");
    if (key->type != merkle::key_type::ed25519)
        return bad(at, start + 1, "a witness's key signs no policy: use one of cairn policy key");
    return trusted_key{*p, std::move(*key)};
}

status
check_new(const line_of_file& at, const trusted_key& next, const std::vector<trusted_key>& before) {
    for (const auto& other : before) {
        if (other.key.key == next.key.key)
            return bad(
                at,
                1,
                "this key stands there already; author and officer are two people with a "
                "key each"
            );
        if (other.key.name == next.key.name)
            return bad(at, 1, "another key has this name; give each key a name of its own");
    }
    return {};
}

} // namespace

std::string_view name_of(part p) {
    return p == part::author ? "author" : "officer";
}

result<std::vector<trusted_key>> signers_of_file(std::string_view text) {
    std::vector<trusted_key> out;
    std::size_t number = 0;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const line_of_file at{++number, trimmed(text.substr(0, end))};
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (at.text.empty() || at.text.front() == '#') continue;
        auto key = read_line(at);
        if (!key) return key.error();
        CAIRN_TRY(check_new(at, *key, out));
        out.push_back(std::move(*key));
    }
    for (const part p : {part::author, part::officer}) {
        const bool there =
            std::any_of(out.begin(), out.end(), [p](const trusted_key& k) { return k.of == p; });
        if (!there)
            return fail(
                errc::bad_value,
                fmt::format(
                    "line {}, column 1: no key of an {}; add a line \"{} <verifier key>\"",
                    number + 1,
                    name_of(p),
                    name_of(p)
                )
            );
    }
    return out;
}

std::string print_signer(part p, const merkle::verifier_key& key) {
    return fmt::format("{} {}\n", name_of(p), merkle::print_vkey(key));
}

} // namespace cairn::signing

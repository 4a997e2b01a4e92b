#include "backup/age_header.hpp"

#include "backup/primitives.hpp"
#include "core/assert.hpp"

#include <algorithm>

namespace cairn::backup {
namespace {

constexpr std::string_view version_line = "age-encryption.org/v1\n";
constexpr std::string_view stanza_mark = "-> ";
constexpr std::string_view end_mark = "---";
constexpr std::string_view x25519_type = "X25519";
constexpr std::string_view x25519_info = "age-encryption.org/v1/X25519";
constexpr std::size_t line_letters = 64;

bytes_view view_of(const file_key& k) {
    return {reinterpret_cast<const char*>(k.data()), k.size()};
}

// RFC 4648 section 4 without padding.
std::string to_bare_base64(bytes_view raw) {
    std::string out = to_base64(raw);
    while (!out.empty() && out.back() == '=') out.pop_back();
    return out;
}

std::optional<bytes> from_bare_base64(std::string_view text) {
    if (text.find('=') != std::string_view::npos) return std::nullopt;
    std::string padded(text);
    while (padded.size() % 4 != 0) padded.push_back('=');
    return from_base64(padded);
}

key256 wrapping_key(const key256& shared, bytes_view share, const recipient& to) {
    bytes salt(share);
    salt.append(view(to.point));
    return hkdf(view(shared), salt, x25519_info);
}

bytes mac_of(bytes_view covered, const file_key& key) {
    key256 k = hkdf(view_of(key), {}, "header");
    const digest out = hmac_sha256(k, {covered});
    wipe(k);
    return bytes(view(out));
}

failure damaged(std::string why) {
    return fail(errc::sealed_data_damaged, "header", std::move(why));
}

// Takes one line off, without its newline. Nullopt at the end.
std::optional<std::string_view> take_line(bytes_view& text) {
    const auto end = text.find('\n');
    if (end == bytes_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> out(1);
    for (const char c : line) {
        if (c == ' ')
            out.emplace_back();
        else
            out.back().push_back(c);
    }
    return out;
}

// Lines of 64 letters; the first shorter one, which may be empty, is the last.
std::optional<bytes> take_body(bytes_view& text) {
    bytes out;
    while (true) {
        const auto line = take_line(text);
        if (!line || line->size() > line_letters) return std::nullopt;
        const auto part = from_bare_base64(*line);
        if (!part) return std::nullopt;
        out.append(*part);
        if (line->size() < line_letters) return out;
    }
}

std::optional<file_key> unwrap_one(const stanza& s, const identity& own) {
    if (s.words.size() != 2 || s.words[0] != x25519_type) return std::nullopt;
    const auto share = from_bare_base64(s.words[1]);
    const auto point = share ? to_digest(*share) : std::nullopt;
    if (!point || s.body.size() != sizeof(file_key) + tag_bytes) return std::nullopt;
    auto shared = x25519(own.secret, *point);
    if (!shared) return std::nullopt;
    key256 wrap = wrapping_key(*shared, *share, recipient_of(own));
    auto key = chacha_open(wrap, nonce96{}, s.body);
    wipe(wrap);
    wipe(*shared);
    if (!key) return std::nullopt;
    file_key out{};
    std::copy(key->begin(), key->end(), out.begin());
    wipe(key->data(), key->size());
    return out;
}

} // namespace

bytes print_header(const file_key& key, std::span<const recipient> to, random_source& random) {
    bytes out(version_line);
    for (const recipient& r : to) {
        identity ephemeral = make_identity(random);
        const recipient share = recipient_of(ephemeral);
        auto shared = x25519(ephemeral.secret, r.point);
        CAIRN_ASSERT(shared.has_value(), "a recipient's point was checked before it was taken");
        key256 wrap = wrapping_key(*shared, view(share.point), r);
        out.append(stanza_mark).append(x25519_type).append(" ");
        out.append(to_bare_base64(view(share.point))).append("\n");
        out.append(to_bare_base64(chacha_seal(wrap, nonce96{}, view_of(key)))).append("\n");
        wipe(wrap);
        wipe(*shared);
        wipe(ephemeral.secret);
    }
    out.append(end_mark);
    out.append(" " + to_bare_base64(mac_of(out, key)) + "\n");
    return out;
}

result<header> parse_header(bytes_view text) {
    const bytes_view whole = text;
    if (text.substr(0, version_line.size()) != version_line) return damaged("no age file");
    text.remove_prefix(version_line.size());
    header out;
    while (text.substr(0, stanza_mark.size()) == stanza_mark) {
        const auto line = take_line(text);
        if (!line) return damaged("cut off");
        stanza s{words_of(line->substr(stanza_mark.size())), {}};
        auto body = take_body(text);
        if (!body) return damaged("a recipient's lines");
        s.body = std::move(*body);
        out.stanzas.push_back(std::move(s));
    }
    out.covered = bytes(whole.substr(0, whole.size() - text.size() + end_mark.size()));
    const auto last = take_line(text);
    const std::string start = std::string(end_mark) + " ";
    if (!last || last->substr(0, start.size()) != start || !text.empty()) return damaged("its end");
    const auto mac = from_bare_base64(last->substr(start.size()));
    if (!mac || mac->size() != sizeof(digest)) return damaged("its MAC");
    out.mac = *mac;
    return out;
}

bool mac_fits(const header& h, const file_key& key) {
    const bytes expected = mac_of(h.covered, key);
    unsigned differs = expected.size() == h.mac.size() ? 0 : 1;
    for (std::size_t i = 0; differs == 0 && i < expected.size(); ++i) {
        differs |= static_cast<unsigned char>(expected[i] ^ h.mac[i]);
    }
    return differs == 0;
}

result<file_key> unwrap(const header& h, std::span<const identity> keys) {
    for (const stanza& s : h.stanzas) {
        for (const identity& own : keys) {
            auto key = unwrap_one(s, own);
            if (!key) continue;
            if (!mac_fits(h, *key)) return damaged("its MAC does not fit");
            return *key;
        }
    }
    return fail(errc::bad_value, "recipient", "no identity given opens it");
}

} // namespace cairn::backup

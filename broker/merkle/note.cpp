#include "merkle/note.hpp"

#include "core/assert.hpp"
#include "core/limits.hpp"
#include "merkle/text.hpp"

#include <algorithm>

namespace cairn::merkle {
namespace {

// U+2014 and a space.
constexpr std::string_view line_start = "\xe2\x80\x94 ";

bytes key_bytes(key_type type, const ed25519_public& key) {
    bytes out(1, static_cast<char>(type));
    out.append(reinterpret_cast<const char*>(key.raw.data()), key.raw.size());
    return out;
}

std::string cosigned_text(std::string_view text, std::uint64_t posix_seconds) {
    std::string out = "cosignature/v1\ntime " + std::to_string(posix_seconds) + "\n";
    return out.append(text);
}

bytes_view raw(const std::array<std::uint8_t, 64>& signature) {
    return {reinterpret_cast<const char*>(signature.data()), signature.size()};
}

failure bad_vkey(std::string detail) {
    return fail(errc::bad_value, "verifier key", std::move(detail));
}

result<note_signature> parse_signature(std::string_view line, std::size_t number) {
    const auto bad = [&] {
        return fail(errc::note_malformed, "signature " + std::to_string(number));
    };
    if (!line.starts_with(line_start)) return bad();
    line.remove_prefix(line_start.size());
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || !is_key_name(line.substr(0, space))) return bad();
    const auto blob = from_base64(line.substr(space + 1));
    if (!blob || blob->size() < 5) return bad();
    reader in(*blob);
    note_signature out;
    out.name = line.substr(0, space);
    out.key_id = in.u32();
    out.blob = in.rest();
    return out;
}

// Nullopt where the signature is not good.
std::optional<good_signature>
check(const note_signature& s, const verifier_key& key, std::string_view text) {
    if (key.type == key_type::ed25519) {
        if (!cairn::verify(key.key, text, s.blob)) return std::nullopt;
        return good_signature{key, 0};
    }
    reader in(s.blob);
    const std::uint64_t seconds = in.u64();
    if (!in.ok() || !cairn::verify(key.key, cosigned_text(text, seconds), in.rest())) {
        return std::nullopt;
    }
    return good_signature{key, seconds};
}

} // namespace

std::uint32_t verifier_key::id() const {
    const digest d = sha256({name, "\n", key_bytes(type, key)});
    return reader(view(d)).u32();
}

std::string print_vkey(const verifier_key& key) {
    bytes id;
    put_u32(id, key.id());
    return key.name + "+" + to_hex(id) + "+" + to_base64(key_bytes(key.type, key.key));
}

result<verifier_key> parse_vkey(std::string_view text) {
    const std::size_t first = text.find('+');
    const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos) return bad_vkey("not of the form name+id+key");
    verifier_key out;
    out.name = text.substr(0, first);
    if (!is_key_name(out.name)) return bad_vkey("the name is empty or has a space");
    const std::string_view id_text = text.substr(first + 1, second - first - 1);
    const auto id = from_hex(id_text);
    if (!id || id->size() != 4) return bad_vkey("the key id is not 8 hexadecimal digits");
    const auto key = from_base64(text.substr(second + 1));
    if (!key || key->size() != 33) return bad_vkey("the key is not base64 of 33 bytes");
    const auto type = static_cast<key_type>(key->front());
    if (type != key_type::ed25519 && type != key_type::cosignature) {
        return bad_vkey("the key's type is neither 1 (Ed25519) nor 4 (cosignature)");
    }
    out.type = type;
    std::copy(key->begin() + 1, key->end(), out.key.raw.begin());
    if (reader(*id).u32() != out.id()) return bad_vkey("the key id does not fit name and key");
    return out;
}

note_signer::note_signer(std::string name, signing_key key, key_type type)
    : verifier_{std::move(name), type, key.verifying()}, key_(std::move(key)) {
    CAIRN_ASSERT(is_key_name(verifier_.name), "a key name that no verifier would accept");
}

std::string note_signer::line(bytes_view blob) const {
    bytes whole;
    put_u32(whole, verifier_.id());
    whole += blob;
    std::string out(line_start);
    return out.append(verifier_.name).append(" ").append(to_base64(whole)).append("\n");
}

std::string note_signer::sign(std::string_view text) const {
    CAIRN_ASSERT(verifier_.type == key_type::ed25519, "a witness key signs no plain note");
    CAIRN_ASSERT(text.ends_with('\n') && is_note_text(text), "not a note's text");
    return line(raw(key_.sign(text)));
}

std::string note_signer::cosign(std::string_view text, std::uint64_t posix_seconds) const {
    CAIRN_ASSERT(verifier_.type == key_type::cosignature, "a log key makes no cosignature");
    CAIRN_ASSERT(text.ends_with('\n') && is_note_text(text), "not a note's text");
    bytes blob;
    put_u64(blob, posix_seconds);
    blob += raw(key_.sign(cosigned_text(text, posix_seconds)));
    return line(blob);
}

bool is_note_line(std::string_view text) {
    return !text.empty() && is_note_text(text) && text.find('\n') == std::string_view::npos;
}

result<note> parse_note(std::string_view in) {
    if (in.size() > limits::note_bytes) {
        return fail(errc::note_malformed, "more than " + std::to_string(limits::note_bytes));
    }
    if (!is_note_text(in)) return fail(errc::note_malformed, "text encoding");
    const std::size_t blank = in.rfind("\n\n");
    if (blank == std::string_view::npos) return fail(errc::note_malformed, "blank line");
    note out;
    out.text = in.substr(0, blank + 1);
    line_reader lines(in.substr(blank + 2));
    while (!lines.rest().empty()) {
        if (out.signatures.size() == limits::note_signatures) {
            return fail(
                errc::note_malformed,
                "more than " + std::to_string(limits::note_signatures) + " signatures"
            );
        }
        const auto line = lines.next();
        if (!line) return fail(errc::note_malformed, "last line");
        auto signature = parse_signature(*line, out.signatures.size() + 1);
        if (!signature) return signature.error();
        out.signatures.push_back(std::move(*signature));
    }
    if (out.signatures.empty()) return fail(errc::note_malformed, "no signature");
    return out;
}

result<std::vector<good_signature>>
verify_note(const note& signed_note, std::span<const verifier_key> keys) {
    std::vector<good_signature> out;
    for (const note_signature& s : signed_note.signatures) {
        for (const verifier_key& key : keys) {
            if (key.name != s.name || key.id() != s.key_id) continue;
            auto good = check(s, key, signed_note.text);
            if (!good) return fail(errc::signature_invalid, "signature by " + s.name);
            // A repeated line must be good too, but counts once: quorums count keys.
            const auto same = [&](const good_signature& g) { return g.key == key; };
            if (std::none_of(out.begin(), out.end(), same)) out.push_back(std::move(*good));
        }
    }
    if (out.empty()) return fail(errc::signature_invalid, "no signature by a key given");
    return out;
}

} // namespace cairn::merkle

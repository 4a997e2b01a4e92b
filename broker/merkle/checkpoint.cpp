#include "merkle/checkpoint.hpp"

#include "merkle/text.hpp"

#include <algorithm>

namespace cairn::merkle {

std::string print_checkpoint(const checkpoint& c) {
    std::string out =
        c.origin + "\n" + std::to_string(c.size) + "\n" + to_base64(view(c.root)) + "\n";
    for (const std::string& line : c.extensions) out += line + "\n";
    return out;
}

result<checkpoint> parse_checkpoint(std::string_view text) {
    line_reader lines(text);
    checkpoint out;
    const auto origin = lines.next();
    if (!origin || origin->empty()) return fail(errc::note_malformed, "origin");
    out.origin = *origin;
    const auto size_line = lines.next();
    const auto size = size_line ? parse_decimal(*size_line) : std::nullopt;
    if (!size) return fail(errc::note_malformed, "size");
    out.size = *size;
    const auto root_line = lines.next();
    if (!root_line) return fail(errc::note_malformed, "root");
    const auto root = hash_from_base64(*root_line);
    if (!root) return fail(errc::note_malformed, "root");
    out.root = *root;
    while (!lines.rest().empty()) {
        const auto line = lines.next();
        if (!line || line->empty()) return fail(errc::note_malformed, "extension");
        out.extensions.emplace_back(*line);
    }
    return out;
}

std::string sign_checkpoint(const note_signer& signer, const checkpoint& c) {
    const std::string text = print_checkpoint(c);
    return text + "\n" + signer.sign(text);
}

std::string origin_of(std::string_view partnership, std::uint32_t year) {
    return std::string(partnership) + "/" + std::to_string(year);
}

std::optional<verifier_key> key_of_year(const verifier_key& pinned, std::string_view origin) {
    if (pinned.type != key_type::ed25519 || !origin.starts_with(pinned.name)) return std::nullopt;
    const std::string_view rest = origin.substr(pinned.name.size());
    if (rest.size() != 5 || rest[0] != '/' || rest[1] == '0') return std::nullopt;
    if (!parse_decimal(rest.substr(1))) return std::nullopt;
    return verifier_key{std::string(origin), pinned.type, pinned.key};
}

namespace {

std::vector<verifier_key>
with_yearly(std::span<const verifier_key> keys, const std::string& origin) {
    std::vector<verifier_key> out(keys.begin(), keys.end());
    for (const verifier_key& key : keys) {
        auto yearly = key_of_year(key, origin);
        if (yearly && std::find(out.begin(), out.end(), *yearly) == out.end())
            out.push_back(std::move(*yearly));
    }
    return out;
}

} // namespace

result<verified_checkpoint>
verify_checkpoint(std::string_view signed_note, std::span<const verifier_key> keys) {
    const auto parsed = parse_note(signed_note);
    if (!parsed) return parsed.error();
    auto head = parse_checkpoint(parsed->text);
    if (!head) return head.error();
    auto signatures = verify_note(*parsed, with_yearly(keys, head->origin));
    if (!signatures) return signatures.error();
    const auto own = std::find_if(signatures->begin(), signatures->end(), [](const auto& s) {
        return s.key.type == key_type::ed25519;
    });
    if (own == signatures->end()) {
        return fail(errc::signature_invalid, "no signature by the log itself");
    }
    std::string name = own->key.name;
    return verified_checkpoint{std::move(*head), std::move(*signatures), std::move(name)};
}

} // namespace cairn::merkle

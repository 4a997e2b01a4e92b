#include "signing/private_key.hpp"

#include <algorithm>

namespace cairn::signing {
namespace {

constexpr std::string_view mark = "PRIVATE+KEY+";

merkle::verifier_key verifier_of(const std::string& name, const ed25519_private& key) {
    return {name, merkle::key_type::ed25519, public_of(key)};
}

std::string id_text(const merkle::verifier_key& key) {
    bytes id;
    put_u32(id, key.id());
    return to_hex(id);
}

failure bad(std::string_view what) {
    return fail(errc::bad_value, "line 1, column 1: no signing key: " + std::string(what));
}

} // namespace

bool is_signer_name(std::string_view name) {
    const auto slash = name.find('/');
    if (slash == 0 || slash == std::string_view::npos || slash + 1 == name.size()) return false;
    // Names of trust domains and of people's keys: what an address may be made of.
    return name.size() <= 200 && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_' || c == '/';
           });
}

std::string partnership_of(std::string_view key_name) {
    return std::string(key_name.substr(0, key_name.find('/')));
}

std::string print_private_key(const std::string& name, const ed25519_private& key) {
    bytes secret(1, static_cast<char>(merkle::key_type::ed25519));
    secret.append(reinterpret_cast<const char*>(key.seed.data()), key.seed.size());
    std::string text = to_base64(secret);
    std::string out =
        std::string(mark) + name + "+" + id_text(verifier_of(name, key)) + "+" + text + "\n";
    wipe(secret.data(), secret.size());
    wipe(text.data(), text.size());
    return out;
}

result<merkle::note_signer> parse_private_key(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    if (!text.starts_with(mark)) return bad("it begins with PRIVATE+KEY+");
    text.remove_prefix(mark.size());
    const auto plus = text.find('+');
    const auto second = plus == std::string_view::npos ? plus : text.find('+', plus + 1);
    if (second == std::string_view::npos) return bad("a part is missing: name, id and key");
    const std::string name(text.substr(0, plus));
    if (!is_signer_name(name)) return bad("the name is no <partnership>/<who>");
    auto secret = from_base64(text.substr(second + 1));
    if (!secret || secret->size() != 33 ||
        secret->front() != static_cast<char>(merkle::key_type::ed25519))
        return bad("the key is no Ed25519 key in base64");
    ed25519_private key;
    std::copy(secret->begin() + 1, secret->end(), key.seed.begin());
    wipe(secret->data(), secret->size());
    merkle::note_signer out(name, key, merkle::key_type::ed25519);
    wipe(key.seed.data(), key.seed.size());
    // A slip in copying shows here: the id is made of name and key.
    if (id_text(out.verifier()) != text.substr(plus + 1, second - plus - 1))
        return bad("its id is that of another key; copy the file whole");
    return out;
}

} // namespace cairn::signing

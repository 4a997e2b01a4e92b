// C2SP signed-note: a text and the signatures under it, and the C2SP cosignature of a witness.
#pragma once

#include "core/crypto.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::merkle {

// First byte of a public key in its text form. 0x06 (ML-DSA-44) waits for a library that has it.
enum class key_type : std::uint8_t {
    ed25519 = 0x01,
    cosignature = 0x04,
};

struct verifier_key {
    std::string name;
    key_type type = key_type::ed25519;
    ed25519_public key;

    // First four bytes of SHA-256(name | newline | type | key): finds the key, proves nothing.
    [[nodiscard]] std::uint32_t id() const;
    bool operator==(const verifier_key&) const = default;
};

// name+id+base64, one line.
std::string print_vkey(const verifier_key& key);
// errc::bad_value where "verifier key"; the detail says what is wrong.
result<verifier_key> parse_vkey(std::string_view text);

// A private key with its name.
class note_signer {
public:
    // The name must be one is_key_name() accepts.
    note_signer(std::string name, signing_key key, key_type type);
    note_signer(std::string name, const ed25519_private& key, key_type type)
        : note_signer(std::move(name), signing_key(key), type) {}

    [[nodiscard]] const verifier_key& verifier() const { return verifier_; }
    // The signature line with its newline. The text must end with a newline. Of an ed25519 key.
    [[nodiscard]] std::string sign(std::string_view text) const;
    // A witness's line over a checkpoint's text at a time in seconds since 1970. Of a cosignature
    // key. The statement does not name the witness, so a key serves one witness only.
    [[nodiscard]] std::string cosign(std::string_view text, std::uint64_t posix_seconds) const;

private:
    [[nodiscard]] std::string line(bytes_view blob) const;

    verifier_key verifier_;
    signing_key key_;
};

struct note_signature {
    std::string name;
    std::uint32_t key_id = 0;
    // What follows the key id.
    bytes blob;
};

struct note {
    // Ends with its newline; the signed bytes of a plain signature.
    std::string text;
    std::vector<note_signature> signatures;
};

// One line that may be shown on terminals: valid UTF-8 without control characters, not empty.
bool is_note_line(std::string_view text);

// Splits at the last blank line. errc::note_malformed, `where` names the part.
result<note> parse_note(std::string_view in);

struct good_signature {
    verifier_key key;
    // Seconds since 1970 for a cosignature, else 0.
    std::uint64_t posix_seconds = 0;
};

// Signatures by others are ignored; one that is wrong under a known name and id rejects the note,
// as does the absence of any good one: errc::signature_invalid.
result<std::vector<good_signature>>
verify_note(const note& signed_note, std::span<const verifier_key> keys);

} // namespace cairn::merkle

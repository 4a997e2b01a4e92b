// The text in front of an age file: who may open it, and a MAC over that.
#pragma once

#include "backup/age.hpp"

#include <optional>

namespace cairn::backup {

// Random numbers: a fresh ephemeral secret for each recipient.
bytes print_header(const file_key& key, std::span<const recipient> to, random_source& random);

// One "-> type arguments" with its body.
struct stanza {
    std::vector<std::string> words;
    bytes body;
};

struct header {
    std::vector<stanza> stanzas;
    // Up to and including "---".
    bytes covered;
    bytes mac;
};

// `text` ends with the newline of its last line. errc::sealed_data_damaged where "header".
result<header> parse_header(bytes_view text);
// Of the recipient whose identity is among them. errc::bad_value; sealed_data_damaged where the MAC
// is wrong.
result<file_key> unwrap(const header& h, std::span<const identity> keys);
[[nodiscard]] bool mac_fits(const header& h, const file_key& key);

} // namespace cairn::backup

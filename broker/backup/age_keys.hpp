// Keys of the age format, C2SP age.md: an identity opens what was made for its recipient.
#pragma once

#include "core/crypto.hpp"
#include "core/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::backup {

// A Curve25519 point; "age1…" in text.
struct recipient {
    key256 point{};
    bool operator==(const recipient&) const = default;
};

// Its secret scalar; "AGE-SECRET-KEY-1…" in text. The owner wipes it.
struct identity {
    key256 secret{};
};

identity make_identity(random_source& random);
recipient recipient_of(const identity& key);

std::string print_recipient(const recipient& to);
// The owner wipes it.
std::string print_identity(const identity& key);

// errc::bad_value where "recipient"; the text is not repeated.
result<recipient> parse_recipient(std::string_view text);
// An identity file as age-keygen writes it: one a line, lines with # are comments.
// errc::bad_value where "identity, line N".
result<std::vector<identity>> parse_identities(std::string_view text);

} // namespace cairn::backup

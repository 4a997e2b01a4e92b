// A person's signing key in a file: the form of Go's sumdb/note,
// "PRIVATE+KEY+<name>+<id>+<base64>", one line.
#pragma once

#include "core/crypto.hpp"
#include "core/result.hpp"
#include "merkle/note.hpp"

#include <string>
#include <string_view>

namespace cairn::signing {

// "<partnership>/<who>": both not empty, without spaces and plus signs. Whose key it is says which
// partnership it signs for.
bool is_signer_name(std::string_view name);
// The part of a key's name before the first slash.
std::string partnership_of(std::string_view key_name);

// A secret: the caller wipes it. The name must be is_signer_name().
std::string print_private_key(const std::string& name, const ed25519_private& key);
// errc::bad_value; `where` says what is wrong, never what is in it.
result<merkle::note_signer> parse_private_key(std::string_view text);

} // namespace cairn::signing

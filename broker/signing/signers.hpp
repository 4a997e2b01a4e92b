// Whose signatures a broker asks for under a policy: a file of lines "author <verifier key>" and
// "officer <verifier key>".
#pragma once

#include "core/result.hpp"
#include "merkle/note.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::signing {

enum class part : std::uint8_t { author = 1, officer = 2 };
// "author", "officer"
std::string_view name_of(part p);

struct trusted_key {
    part of = part::author;
    merkle::verifier_key key;
};

struct signer {
    part of = part::author;
    // The key's name.
    std::string name;
    bool operator==(const signer&) const = default;
};

// The lines of the file; empty ones and those that begin with '#' say nothing. errc::bad_value,
// `where` has line and column and what to do: an unknown part, no verifier key, a key of another
// kind, a key or a name that stands there twice (one person cannot be both), a part without a key.
result<std::vector<trusted_key>> signers_of_file(std::string_view text);

// One line of the file, with its newline.
std::string print_signer(part p, const merkle::verifier_key& key);

} // namespace cairn::signing

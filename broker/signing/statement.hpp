// What author and data protection officer sign of a policy: a note over four lines that bind one
// file's exact bytes to one partnership. docs/formats/policy-signature.md, ADR 23.
#pragma once

#include "merkle/note.hpp"
#include "signing/signers.hpp"

namespace cairn::signing {

struct statement {
    std::string partnership;
    // As the text says of itself, for people who read the note.
    std::string version;
    // SHA-256 of the file's exact bytes.
    digest text_digest{};
    bool operator==(const statement&) const = default;
};

// The signed bytes. Partnership and version must be merkle::is_note_line().
std::string print_statement(const statement& s);

// Who signed `s`, in the order of the note, each key once. `trusted`: signers_of_file(). Failures
// are errc::policy_unsigned; `where` has the line of the note and what to do: a note over another
// text, version or partnership, a wrong signature under a trusted key, a part without a signature.
// errc::note_malformed where it is no note.
result<std::vector<signer>>
check_signatures(std::string_view note, const statement& s, std::span<const trusted_key> trusted);

// The note with one more signature, or a new one where `note` is empty. errc::policy_unsigned where
// the note is over something else; errc::bad_value where this key has signed it already.
result<std::string>
add_signature(std::string_view note, const statement& s, const merkle::note_signer& key);

} // namespace cairn::signing

// A text of policy on its way to deciding: read, its signatures checked, compiled, proved; ADR 23.
#pragma once

#include "daemon/config.hpp"
#include "policy/table.hpp"
#include "signing/signers.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace cairn::daemon {

// What the configuration names, as it lies there.
struct policy_files {
    // Of the text, for messages; the note is beside it.
    std::string path;
    std::string text;
    std::string note;
};

// A text that may decide.
struct policy_version {
    std::string text;
    std::string note;
    std::vector<signing::signer> signers;
    std::shared_ptr<const policy::table> rules;
    struct proof {
        std::uint64_t points = 0;
        digest semantic{};
    };
    // None where this prover had proved the text before.
    std::optional<proof> proved;
};

// "policy.textproto.sig" of "policy.textproto".
std::string note_path(const std::string& policy_path);
// errc::policy_missing, and policy_unsigned where there is no note; each names its file.
result<policy_files> read_policy_files(const config& c);
// errc::file_unreadable, and bad_value with the line; each names the file.
result<std::vector<signing::trusted_key>> read_signers(const config& c);

// A text that may not decide, or a file of signers by which nobody can tell.
struct refused_policy {
    // Of the text, hex; empty where no text could be read.
    std::string digest_hex;
    failure why;
};

// Whether a record says that policy::prover_version has proved the text of this digest.
using known_proof = std::function<bool(const digest&)>;

// By what a text is judged.
struct admission {
    std::string partnership;
    std::vector<signing::trusted_key> trusted;
    std::int64_t now_us = 0;
    // May be empty: then everything is proved.
    known_proof known;
};

// The checks in their order: text, its days, promises, routing, signatures. Beside the failures of
// signing::check_signatures and policy::prove_text: errc::policy_not_yet. `where` names file, line
// and column.
result<policy_version> admit_policy(const policy_files& files, const admission& by);
// The same without signatures, for a text that was checked before it came here, or is no more than
// a candidate. `signed_by`: as policy::table::signed_by().
result<policy_version> prove_policy(
    const std::string& text,
    std::int64_t now_us,
    std::string signed_by = {},
    const known_proof& known = {}
);

// What the configuration names, judged as it lies there.
struct judged_policy {
    // As refused_policy::digest_hex.
    std::string digest_hex;
    result<std::vector<signing::trusted_key>> trusted;
    result<policy_version> version;
};
judged_policy judge_configured(const config& c, std::int64_t now_us, known_proof known);

// "a/ada and a/omar", as policy::table::signed_by().
std::string names_of(const std::vector<signing::signer>& signers);

// "1", as a record of a proof names it.
std::string prover_name();

} // namespace cairn::daemon

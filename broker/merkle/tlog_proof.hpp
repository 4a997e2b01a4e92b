// C2SP tlog-proof: one record's inclusion in a signed head, as one text file.
#pragma once

#include "merkle/proof.hpp"

#include <optional>
#include <string>

namespace cairn::merkle {

struct tlog_proof {
    // Not covered by the proof itself; who uses it checks it against the record.
    std::optional<bytes> extra;
    std::uint64_t index = 0;
    std::vector<digest> path;
    // The checkpoint with its signatures.
    std::string note;
};

// Built once per accepted concern, so it takes views and writes one string.
std::string print_tlog_proof(
    std::optional<bytes_view> extra,
    std::uint64_t index,
    std::span<const digest> path,
    std::string_view signed_checkpoint
);

// Form only; errc::note_malformed with "header", "extra", "index", "path" or "checkpoint".
result<tlog_proof> parse_tlog_proof(std::string_view text);

} // namespace cairn::merkle

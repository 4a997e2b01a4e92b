// Heads that somebody remembered, shown to a restore: they tell how far the log went.
#pragma once

#include "core/crypto.hpp"
#include "core/result.hpp"

#include <string>
#include <string_view>

namespace cairn::backup {

struct shown_head {
    std::uint32_t year = 0;
    std::uint64_t size = 0;
    digest root{};
};

// A checkpoint as `cairn audit verify` keeps it, or a receipt (C2SP tlog-proof) with the checkpoint
// in it; signed by the log's key for a year of this partnership. errc::note_malformed,
// signature_invalid.
result<shown_head>
read_head(std::string_view text, std::string_view partnership, const ed25519_public& log_key);

} // namespace cairn::backup

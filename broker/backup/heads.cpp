#include "backup/heads.hpp"

#include "merkle/checkpoint.hpp"
#include "merkle/tlog_proof.hpp"

#include <charconv>

namespace cairn::backup {
namespace {

constexpr std::string_view receipt_mark = "c2sp.org/tlog-proof@";

} // namespace

result<shown_head>
read_head(std::string_view text, std::string_view partnership, const ed25519_public& log_key) {
    std::string note(text);
    if (text.substr(0, receipt_mark.size()) == receipt_mark) {
        auto proof = merkle::parse_tlog_proof(text);
        if (!proof) return proof.error();
        note = std::move(proof->note);
    }
    const merkle::verifier_key pinned{std::string(partnership), merkle::key_type::ed25519, log_key};
    const auto good = merkle::verify_checkpoint(note, {&pinned, 1});
    if (!good) return good.error();
    shown_head out{0, good->head.size, good->head.root};
    const std::string_view origin = good->head.origin;
    const auto year = origin.substr(origin.rfind('/') + 1);
    std::from_chars(year.data(), year.data() + year.size(), out.year);
    return out;
}

} // namespace cairn::backup

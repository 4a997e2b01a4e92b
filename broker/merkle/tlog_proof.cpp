#include "merkle/tlog_proof.hpp"

#include "core/limits.hpp"
#include "merkle/text.hpp"

namespace cairn::merkle {
namespace {

constexpr std::string_view header = "c2sp.org/tlog-proof@v1\n";
constexpr std::string_view extra_word = "extra ";
constexpr std::string_view index_word = "index ";
// 32 bytes in base64 and a newline.
constexpr std::size_t hash_line = 45;

} // namespace

std::string print_tlog_proof(
    std::optional<bytes_view> extra,
    std::uint64_t index,
    std::span<const digest> path,
    std::string_view signed_checkpoint
) {
    std::string out;
    out.reserve(
        header.size() + (extra ? extra->size() * 4 / 3 + 16 : 0) + 32 + path.size() * hash_line +
        signed_checkpoint.size()
    );
    out += header;
    if (extra) out.append(extra_word).append(to_base64(*extra)).append("\n");
    out.append(index_word).append(std::to_string(index)).append("\n");
    for (const digest& d : path) out.append(to_base64(view(d))).append("\n");
    out.append("\n").append(signed_checkpoint);
    return out;
}

result<tlog_proof> parse_tlog_proof(std::string_view text) {
    if (text.size() > limits::note_bytes) {
        return fail(errc::note_malformed, "more than " + std::to_string(limits::note_bytes));
    }
    if (!text.starts_with(header)) return fail(errc::note_malformed, "header");
    line_reader lines(text.substr(header.size()));
    tlog_proof out;
    auto line = lines.next();
    if (line && line->starts_with(extra_word)) {
        out.extra = from_base64(line->substr(extra_word.size()));
        if (!out.extra) return fail(errc::note_malformed, "extra");
        line = lines.next();
    }
    if (!line || !line->starts_with(index_word)) return fail(errc::note_malformed, "index");
    const auto index = parse_decimal(line->substr(index_word.size()));
    if (!index) return fail(errc::note_malformed, "index");
    out.index = *index;
    for (;;) {
        line = lines.next();
        if (!line) return fail(errc::note_malformed, "path");
        if (line->empty()) break;
        const auto hash = hash_from_base64(*line);
        if (!hash || out.path.size() == path_hashes_max) return fail(errc::note_malformed, "path");
        out.path.push_back(*hash);
    }
    out.note = lines.rest();
    if (out.note.empty()) return fail(errc::note_malformed, "checkpoint");
    return out;
}

} // namespace cairn::merkle

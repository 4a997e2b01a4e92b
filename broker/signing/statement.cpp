#include "signing/statement.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::signing {
namespace {

failure unsigned_at(std::size_t line, std::string_view what) {
    return fail(errc::policy_unsigned, fmt::format("line {}, column 1: {}", line, what));
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const auto end = text.find('\n');
        out.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return out;
}

// The first line in which the two differ, and what that means.
status check_same(std::string_view signed_text, const statement& s) {
    static constexpr std::string_view meaning[] = {
        "the signatures are for another partnership",
        "the signatures are for another version of the text",
        "the text was changed after it was signed; have it signed again",
        "this is no statement about a policy",
    };
    const std::string wanted = print_statement(s);
    if (signed_text == wanted) return {};
    const auto got = lines_of(signed_text);
    const auto want = lines_of(wanted);
    for (std::size_t i = 0; i < want.size(); ++i) {
        if (i >= got.size() || got[i] != want[i]) return unsigned_at(i + 1, meaning[i]);
    }
    return unsigned_at(want.size() + 1, "there is more than a statement about a policy has");
}

// Signatures follow the text and one empty line.
std::size_t first_signature_line(const merkle::note& n) {
    return static_cast<std::size_t>(std::count(n.text.begin(), n.text.end(), '\n')) + 2;
}

bool is_by(const merkle::note_signature& s, const merkle::verifier_key& key) {
    return s.name == key.name && s.key_id == key.id();
}

std::string names(const std::vector<signer>& who) {
    std::string out;
    for (const auto& s : who) {
        out += out.empty() ? "" : ", ";
        out += fmt::format("{} ({})", s.name, name_of(s.of));
    }
    return out.empty() ? "nobody who is trusted" : out;
}

status check_parts(const std::vector<signer>& found, std::size_t line) {
    for (const part p : {part::author, part::officer}) {
        const bool there =
            std::any_of(found.begin(), found.end(), [p](const signer& s) { return s.of == p; });
        if (there) continue;
        return unsigned_at(
            line,
            fmt::format(
                "signed by {}; no signature of an {}: cairn policy sign", names(found), name_of(p)
            )
        );
    }
    return {};
}

} // namespace

std::string print_statement(const statement& s) {
    return fmt::format(
        "{}/policy\nversion {}\nsha256 {}\nsigned by author and officer\n",
        s.partnership,
        s.version,
        to_hex(view(s.text_digest))
    );
}

result<std::vector<signer>>
check_signatures(std::string_view note, const statement& s, std::span<const trusted_key> trusted) {
    const auto parsed = merkle::parse_note(note);
    if (!parsed) return parsed.error();
    CAIRN_TRY(check_same(parsed->text, s));
    std::vector<signer> found;
    std::size_t line = first_signature_line(*parsed);
    for (const auto& signature : parsed->signatures) {
        for (const auto& t : trusted) {
            if (!is_by(signature, t.key)) continue;
            if (!cairn::verify(t.key.key, parsed->text, signature.blob))
                return unsigned_at(line, "the signature of " + t.key.name + " is wrong");
            const signer who{t.of, t.key.name};
            if (std::find(found.begin(), found.end(), who) == found.end()) found.push_back(who);
        }
        ++line;
    }
    CAIRN_TRY(check_parts(found, line));
    return found;
}

result<std::string>
add_signature(std::string_view note, const statement& s, const merkle::note_signer& key) {
    const std::string text = print_statement(s);
    if (note.empty()) return text + "\n" + key.sign(text);
    const auto parsed = merkle::parse_note(note);
    if (!parsed) return parsed.error();
    CAIRN_TRY(check_same(parsed->text, s));
    for (const auto& signature : parsed->signatures) {
        if (is_by(signature, key.verifier()))
            return fail(errc::bad_value, key.verifier().name + " has signed it already");
    }
    return std::string(note) + key.sign(text);
}

} // namespace cairn::signing

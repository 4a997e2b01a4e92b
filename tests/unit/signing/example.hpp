// The worked example of docs/formats/policy-signature.md, whose page a program without our code
// checks.
#pragma once

#include "core/crypto.hpp"
#include "signing/private_key.hpp"
#include "signing/statement.hpp"
#include "support/paths.hpp"

#include <fstream>
#include <numeric>
#include <sstream>
#include <string>

namespace cairn::signing::testing {

inline merkle::note_signer example_key(const std::string& name, int first) {
    ed25519_private key;
    std::iota(key.seed.begin(), key.seed.end(), static_cast<std::uint8_t>(first));
    return {name, key, merkle::key_type::ed25519};
}
inline merkle::note_signer author() {
    return example_key("northshire.example/author-a", 0);
}
inline merkle::note_signer officer() {
    return example_key("northshire.example/officer-b", 32);
}
inline merkle::note_signer stranger() {
    return example_key("northshire.example/stranger", 64);
}

inline std::string signers_text() {
    return print_signer(part::author, author().verifier()) +
           print_signer(part::officer, officer().verifier());
}

inline statement example_statement() {
    return {"northshire.example", "2026-11", sha256("version: \"2026-11\"\n")};
}

inline std::string block_of_page(const std::string& name) {
    std::ifstream in(CAIRN_SOURCE_DIR "/docs/formats/policy-signature.md");
    std::stringstream all;
    all << in.rdbuf();
    const std::string page = all.str();
    const std::string mark = "```" + name + "\n";
    const auto from = page.find(mark) + mark.size();
    return page.substr(from, page.find("```", from) - from);
}

} // namespace cairn::signing::testing

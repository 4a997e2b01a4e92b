// The small public test log of Tessera (testdata/log): 15 leaves, its test key, known roots. The
// key is published for tests; it protects nothing.
#pragma once

#include "merkle/note.hpp"

#include <array>
#include <map>
#include <string>
#include <string_view>

namespace cairn::merkle::tessera {

inline constexpr std::array<std::string_view, 15> leaves = {
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eit",
    "nain",
    "ten",
    "ileven",
    "twelf",
    "threeten",
    "fourten",
    "fivten",
};

inline constexpr std::string_view origin = "example.com/log/testdata";
inline constexpr std::string_view vkey =
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
// Type byte and seed, base64, as note tools print a private key.
inline constexpr std::string_view private_key = "AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg";

inline const std::map<std::size_t, std::string_view> roots = {
    {0, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
    {1, "0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek="},
    {2, "T1X2GdkhUjV3iyufF9b0kVsWFxIU0VI4EpNml2Teci4="},
    {3, "Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk="},
    {4, "zY1lN35vrXYAPixXSd59LsU29xUJtuW4o2dNNg5Y2Co="},
    {5, "gy5gl3aksFyiCO95a/1vLXz88A3dRq+0l9Sxte8ZqZQ="},
    {6, "a6sWvsc2eEzmj72vah7mZ5dwFltivehh2b11qwlp5Jg="},
    {7, "IrSXADBqJ7EQoUODSDKROySgNveeL6CFhik2w/+fS7U="},
    {8, "bC+VwvrJbalNVjfkdI8kUgs7mJoXrqiXCE7bgnD28pY="},
    {15, "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs="},
};

inline constexpr std::string_view line_15 =
    "\xe2\x80\x94 example.com/log/testdata M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+"
    "CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=\n";

inline std::string checkpoint_15() {
    return std::string(origin) + "\n15\n" + std::string(roots.at(15)) + "\n\n" +
           std::string(line_15);
}

// Of "type byte | seed" in base64.
inline ed25519_private seed_of(std::string_view private_key_text) {
    ed25519_private out;
    const bytes raw = from_base64(private_key_text).value();
    for (std::size_t i = 0; i < 32; ++i) out.seed[i] = static_cast<std::uint8_t>(raw.at(i + 1));
    return out;
}

inline note_signer signer() {
    return {std::string(origin), seed_of(private_key), key_type::ed25519};
}

} // namespace cairn::merkle::tessera

// Texts as they are compared: what a person takes for the same address is the same.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn::redaction {

// Letters and digits of every script in UTF-8, without case, marks ("Tŷ" is "Ty"), width and script
// forms; spaces, punctuation and what is not UTF-8 fall away. Digits of every script are 0 to 9.
std::string folded(std::string_view text);

// How much a folded text tells, in letters of an alphabet: a character of a script that writes
// whole words or syllables counts for two.
std::size_t weight(std::string_view folded);

// Holds a character of a script that puts no spaces between words.
bool without_spaces(std::string_view text);

} // namespace cairn::redaction

#include "redaction/fold.hpp"

#include "core/assert.hpp"

#include <algorithm>
#include <array>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace cairn::redaction {
namespace {

// From here on: Han, kana, Hangul and their neighbours.
constexpr UChar32 first_dense = 0x2e80;

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80;
    });
}

// What is left of an ASCII character: the small letter, the digit, or 0 for nothing.
constexpr std::array<char, 128> kept_of_ascii = [] {
    std::array<char, 128> out{};
    for (char c = '0'; c <= '9'; ++c) out[static_cast<std::size_t>(c)] = c;
    for (char c = 'a'; c <= 'z'; ++c) {
        out[static_cast<std::size_t>(c)] = c;
        out[static_cast<std::size_t>(c - 'a' + 'A')] = c;
    }
    return out;
}();

// Every shown text of every notice goes through here.
std::string folded_ascii(std::string_view text) {
    std::string out(text.size(), '\0');
    std::size_t size = 0;
    for (const char c : text) {
        const char kept = kept_of_ascii[static_cast<unsigned char>(c)];
        out[size] = kept;
        size += kept != '\0' ? 1 : 0;
    }
    out.resize(size);
    return out;
}

// Letters that Unicode does not take apart and people write without their stroke.
const char* plain(UChar32 c) {
    switch (c) {
    case 0xe6: // ae in one
        return "ae";
    case 0xf0: // eth
    case 0x111:
        return "d";
    case 0xf8:
        return "o";
    case 0xfe: // thorn
        return "th";
    case 0x131: // i without its dot
        return "i";
    case 0x142:
        return "l";
    case 0x153:
        return "oe";
    default:
        return nullptr;
    }
}

icu::UnicodeString decomposed(const icu::UnicodeString& text) {
    UErrorCode failed = U_ZERO_ERROR;
    const icu::Normalizer2* forms = icu::Normalizer2::getNFKDInstance(failed);
    // Its tables are part of the library: without them nothing could be protected.
    CAIRN_ASSERT(U_SUCCESS(failed) && forms != nullptr, "ICU has its normalisation data");
    icu::UnicodeString out = forms->normalize(text, failed);
    CAIRN_ASSERT(U_SUCCESS(failed), "a text in memory can be normalised");
    return out;
}

template <class See>
void each(const icu::UnicodeString& text, See&& see) {
    for (std::int32_t i = 0; i < text.length();) {
        const UChar32 c = text.char32At(i);
        see(c);
        i += U16_LENGTH(c);
    }
}

icu::UnicodeString read(std::string_view text) {
    return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

} // namespace

std::string folded(std::string_view text) {
    if (is_ascii(text)) return folded_ascii(text);
    // Folding case can make a letter that comes apart once more.
    const icu::UnicodeString apart = decomposed(decomposed(read(text)).foldCase());
    icu::UnicodeString kept;
    each(apart, [&kept](UChar32 c) {
        if (const char* letters = plain(c)) {
            kept.append(icu::UnicodeString::fromUTF8(letters));
        } else if (const std::int32_t digit = u_charDigitValue(c); digit >= 0) {
            kept.append(static_cast<UChar32>('0' + digit));
        } else if (u_isalpha(c)) {
            kept.append(c);
        }
    });
    std::string out;
    kept.toUTF8String(out);
    return out;
}

std::size_t weight(std::string_view folded) {
    if (is_ascii(folded)) return folded.size();
    std::size_t out = 0;
    each(read(folded), [&out](UChar32 c) { out += c >= first_dense ? 2 : 1; });
    return out;
}

bool without_spaces(std::string_view text) {
    if (is_ascii(text)) return false;
    bool out = false;
    each(read(text), [&out](UChar32 c) { out = out || (c >= first_dense && u_isalpha(c)); });
    return out;
}

} // namespace cairn::redaction

#include "redaction/protect.hpp"

#include "redaction/fold.hpp"

#include <algorithm>

namespace cairn::redaction {
namespace {

// Shorter texts would be found everywhere. By weight().
constexpr std::size_t shortest_line = 4;
constexpr std::size_t shortest_postcode = 5;
constexpr std::size_t shortest_contact = 6;
// A telephone number without its country code or leading zero.
constexpr std::size_t subscriber_digits = 9;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

} // namespace

void protected_strings::add(const v1::Address& a) {
    bool first = true;
    for (const std::string& line : a.lines()) {
        std::string_view rest = line;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            add_part(trimmed(rest.substr(0, comma)), first);
            first = false;
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
        if (line.find(',') != std::string::npos) add_needle(folded(line), shortest_line);
    }
    add_needle(folded(a.postcode()), shortest_postcode);
}

void protected_strings::add(const v1::ContactPoint& c) {
    std::string value = folded(c.value());
    if (value.size() > subscriber_digits && std::all_of(value.begin(), value.end(), is_digit)) {
        value.erase(0, value.size() - subscriber_digits);
    }
    add_needle(std::move(value), shortest_contact);
}

void protected_strings::add_part(std::string_view part, bool first) {
    const bool telling = first || part.find(' ') != std::string_view::npos ||
                         without_spaces(part) || std::any_of(part.begin(), part.end(), is_digit);
    if (telling) add_needle(folded(part), shortest_line);
}

void protected_strings::add_needle(std::string needle, std::size_t shortest) {
    if (weight(needle) < shortest) return;
    if (std::find(needles_.begin(), needles_.end(), needle) != needles_.end()) return;
    needles_.push_back(std::move(needle));
}

bool protected_strings::hit(std::string_view text) const {
    if (needles_.empty() || text.empty()) return false;
    const std::string in = folded(text);
    return std::any_of(needles_.begin(), needles_.end(), [&](const std::string& n) {
        return in.find(n) != std::string::npos;
    });
}

} // namespace cairn::redaction

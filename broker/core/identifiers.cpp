#include "core/identifiers.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace cairn {
namespace {

bool digit(char c) {
    return c >= '0' && c <= '9';
}
unsigned number(char c) {
    return static_cast<unsigned>(c - '0');
}
char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// A to Z without I, O and S: remainder 0 is A (UPN) or Z (PNC and CRO).
constexpr std::string_view upn_letters = "ABCDEFGHJKLMNPQRTUVWXYZ";
constexpr std::string_view police_letters = "ZABCDEFGHJKLMNPQRTUVWXY";

std::string upper_without_spaces(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != ' ') out += upper(c);
    }
    return out;
}

// Nullopt unless one to `longest` digits.
std::optional<std::uint64_t> digits(std::string_view text, std::size_t longest) {
    if (text.empty() || text.size() > longest) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : text) {
        if (!digit(c)) return std::nullopt;
        value = value * 10 + number(c);
    }
    return value;
}

std::uint64_t power_of_ten(std::size_t n) {
    std::uint64_t p = 1;
    while (n-- > 0) p *= 10;
    return p;
}

bool police_letter_ok(std::uint64_t sum, char letter) {
    return police_letters[sum % 23] == letter;
}

} // namespace

bool nhs_number_ok(std::string_view text) {
    unsigned sum = 0;
    unsigned count = 0;
    unsigned last = 0;
    for (const char c : text) {
        if (c == ' ' || c == '-') continue;
        if (!digit(c) || ++count > 10) return false;
        last = number(c);
        if (count < 10) sum += last * (11 - count);
    }
    if (count != 10) return false;
    const unsigned check = 11 - sum % 11;
    return check == 11 ? last == 0 : check == last;
}

bool upn_ok(std::string_view text) {
    const std::string upn = upper_without_spaces(text);
    if (upn.size() != 13) return false;
    std::size_t sum = 0;
    for (std::size_t i = 1; i < upn.size(); ++i) {
        std::size_t value = 0;
        if (digit(upn[i])) {
            value = number(upn[i]);
        } else if (i == upn.size() - 1 && upn_letters.find(upn[i]) != std::string_view::npos) {
            value = upn_letters.find(upn[i]); // a temporary number ends in a letter
        } else {
            return false;
        }
        sum += value * (i + 1);
    }
    return upn_letters[sum % 23] == upn[0];
}

bool pnc_ok(std::string_view text, int year_now) {
    const std::string id = upper_without_spaces(text);
    const std::size_t slash = id.find('/');
    if (slash != 2 && slash != 4) return false;
    const auto year = digits(std::string_view{id}.substr(0, slash), 4);
    if (!year || id.size() < slash + 3) return false;
    const auto serial = digits(std::string_view{id}.substr(slash + 1, id.size() - slash - 2), 7);
    if (!serial) return false;
    // A two-digit year is of this century up to now and of the last one above: never in the future.
    if (slash == 4 && (*year < 1900 || *year > static_cast<std::uint64_t>(year_now))) return false;
    return police_letter_ok(*year % 100 * power_of_ten(7) + *serial, id.back());
}

bool cro_ok(std::string_view text) {
    const std::string id = upper_without_spaces(text);
    const std::size_t slash = id.find('/');
    if (slash == std::string::npos || id.size() < slash + 3) return false;
    const std::string_view before = std::string_view{id}.substr(0, slash);
    const std::string_view after = std::string_view{id}.substr(slash + 1, id.size() - slash - 2);
    if (before.substr(0, 2) == "SF") {
        // Short form: the serial is not padded before it joins the year.
        const auto year = digits(before.substr(2), 2);
        const auto serial = digits(after, 6);
        if (!year || !serial || before.size() != 4) return false;
        return police_letter_ok(*year * power_of_ten(after.size()) + *serial, id.back());
    }
    const auto serial = digits(before, 6);
    const auto year = digits(after, 2);
    if (!serial || !year || after.size() != 2) return false;
    return police_letter_ok(*year * power_of_ten(6) + *serial, id.back());
}

} // namespace cairn

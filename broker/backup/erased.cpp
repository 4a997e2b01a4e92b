#include "backup/erased.hpp"

#include <charconv>
#include <sstream>

namespace cairn::backup {
namespace {

constexpr std::string_view mark = "cairn-erased-1 ";

template <class Number>
bool take_number(std::string_view& text, Number& out) {
    const auto r = std::from_chars(text.data(), text.data() + text.size(), out);
    if (r.ec != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(r.ptr - text.data()));
    return true;
}

// "2026/17 HASH".
bool take_record(std::string_view line, ledger::erased_record& out) {
    std::uint32_t year = 0;
    std::uint64_t index = 0;
    if (!take_number(line, year) || line.empty() || line.front() != '/') return false;
    line.remove_prefix(1);
    if (!take_number(line, index) || line.empty() || line.front() != ' ') return false;
    line.remove_prefix(1);
    const auto raw = from_hex(line);
    const auto hash = raw ? to_digest(*raw) : std::nullopt;
    if (!hash) return false;
    out = {ledger::position::at(year, index), *hash};
    return true;
}

} // namespace

std::string print_erased(const erased_list& l) {
    std::string out = std::string(mark) + l.ledger_id + "\n";
    for (const auto& r : l.records) {
        out += std::to_string(r.at.year()) + "/" + std::to_string(r.at.index()) + " " +
               to_hex(view(r.leaf_hash)) + "\n";
    }
    return out;
}

result<erased_list> parse_erased(std::string_view text) {
    erased_list out;
    std::istringstream in{std::string(text)};
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        const auto bad = [&] {
            return fail(errc::format_malformed, "line " + std::to_string(number));
        };
        if (number == 1) {
            if (line.compare(0, mark.size(), mark) != 0) return bad();
            out.ledger_id = line.substr(mark.size());
            continue;
        }
        ledger::erased_record r;
        if (!take_record(line, r)) return bad();
        out.records.push_back(r);
    }
    if (number == 0) return fail(errc::format_malformed, "line 1", "the list is empty");
    return out;
}

} // namespace cairn::backup

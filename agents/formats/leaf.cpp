#include "agents/formats/leaf.hpp"

#include <algorithm>

namespace cairn::agents::formats {

std::string path_text(const leaf& l) {
    std::string out;
    for (const auto& s : l.path) {
        if (!out.empty()) out += '/';
        out += s.name;
        if (s.nth != 0) out += "[" + std::to_string(s.nth + 1) + "]";
    }
    return out;
}

std::string plain_path(const leaf& l, std::size_t from) {
    std::string out;
    for (std::size_t i = from; i < l.path.size(); ++i) {
        if (i != from) out += '/';
        out += l.path[i].name;
    }
    return out;
}

std::string_view beside(const std::vector<leaf>& all, const leaf& l, std::string_view name) {
    const auto last = static_cast<std::ptrdiff_t>(l.path.size()) - 1;
    for (const auto& other : all) {
        if (other.path.size() != l.path.size() || other.path.back().name != name) continue;
        if (std::equal(l.path.begin(), l.path.begin() + last, other.path.begin()))
            return other.value;
    }
    return {};
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const auto first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

next_piece pieces_of(bytes_view whole) {
    constexpr std::size_t piece = 64 * 1024;
    return [whole, at = std::size_t{0}]() mutable -> result<bytes_view> {
        const auto out = whole.substr(std::min(at, whole.size()), piece);
        at += out.size();
        return out;
    };
}

} // namespace cairn::agents::formats

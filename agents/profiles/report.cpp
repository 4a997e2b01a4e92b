#include "agents/profiles/report.hpp"

namespace cairn::agents::profiles {
namespace {

std::string_view word(leaf_status s) {
    switch (s) {
    case leaf_status::mapped:
        return "mapped";
    case leaf_status::unmapped:
        return "unmapped";
    case leaf_status::ignored:
        return "ignored";
    }
    return "unmapped";
}

// "row[3]/DOB" is "row/DOB".
std::string without_numbers(std::string_view path) {
    std::string out;
    bool inside = false;
    for (const char c : path) {
        if (c == '[') inside = true;
        if (!inside) out += c;
        if (c == ']') inside = false;
    }
    return out;
}

void add_further(file_report& r, leaf_report&& leaf) {
    file_report::group_key key{leaf.status, without_numbers(leaf.path), std::move(leaf.note)};
    const bool room = r.further.size() < groups_listed || r.further.count(key) != 0;
    if (!room) key = {leaf.status, "(other places)", {}};
    auto& g = r.further[std::move(key)];
    if (g.count++ == 0) g.first_line = leaf.line;
}

} // namespace

void file_report::add(leaf_report leaf) {
    switch (leaf.status) {
    case leaf_status::mapped:
        ++mapped;
        if (!leaf.note.empty()) ++warnings;
        break;
    case leaf_status::unmapped:
        ++unmapped;
        break;
    case leaf_status::ignored:
        ++ignored;
        break;
    }
    if (leaves.size() == leaves_listed) return add_further(*this, std::move(leaf));
    leaves.push_back(std::move(leaf));
}

std::string file_report::text() const {
    std::string out = format + ": what became of every value\n";
    out += "all " + std::to_string(all()) + ", mapped " + std::to_string(mapped) + ", unmapped " +
           std::to_string(unmapped) + ", ignored " + std::to_string(ignored) + "\n";
    out += "concerns " + std::to_string(concerns) + ", warnings " + std::to_string(warnings) +
           "\n\nline\tstatus\tplace\tnote\n";
    for (const auto& leaf : leaves) {
        out += std::to_string(leaf.line) + '\t';
        out += word(leaf.status);
        out += '\t' + leaf.path + '\t' + leaf.note + '\n';
    }
    if (further.empty()) return out;
    out += "\nbehind these, together by place\ncount\tfirst line\tstatus\tplace\tnote\n";
    for (const auto& [key, g] : further) {
        out += std::to_string(g.count) + '\t' + std::to_string(g.first_line) + '\t';
        out += word(key.status);
        out += '\t' + key.path + '\t' + key.note + '\n';
    }
    return out;
}

} // namespace cairn::agents::profiles

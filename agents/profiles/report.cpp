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
    return out;
}

} // namespace cairn::agents::profiles

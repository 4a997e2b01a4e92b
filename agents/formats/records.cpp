#include "agents/formats/records.hpp"

#include <algorithm>

namespace cairn::agents::formats {
namespace {

std::vector<std::string> steps_of(std::string_view path) {
    std::vector<std::string> out;
    while (!path.empty()) {
        const auto slash = path.find('/');
        out.emplace_back(path.substr(0, slash));
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    }
    return out;
}

} // namespace

record_splitter::record_splitter(
    std::string_view at, record_handlers to, const record_limits& limits
)
    : at_(steps_of(at)), to_(std::move(to)), limits_(limits) {}

bool record_splitter::inside(const leaf& l) const {
    return l.path.size() > at_.size() &&
           std::equal(at_.begin(), at_.end(), l.path.begin(), [](const auto& name, const step& s) {
               return s.name == name;
           });
}

// By every number on the way: two lists of records in one file number each one's from 1.
bool record_splitter::same_record(const leaf& l) const {
    return !current_.empty() && std::equal(
                                    l.path.begin(),
                                    l.path.begin() + static_cast<std::ptrdiff_t>(at_.size()),
                                    current_.front().path.begin()
                                );
}

status record_splitter::take(leaf&& l) {
    if (!inside(l)) {
        CAIRN_TRY(finish());
        return to_.outside(std::move(l));
    }
    if (!same_record(l)) {
        CAIRN_TRY(finish());
        if (++count_ > limits_.records)
            return fail(
                errc::too_many,
                place_text(l.at) + ": records, limit " + std::to_string(limits_.records)
            );
    }
    if (current_.size() == limits_.leaves_each)
        return fail(
            errc::too_large,
            place_text(l.at) + ": values of one record, limit " +
                std::to_string(limits_.leaves_each)
        );
    current_.push_back(std::move(l));
    return {};
}

status record_splitter::finish() {
    if (current_.empty()) return {};
    return to_.each(std::exchange(current_, {}));
}

} // namespace cairn::agents::formats

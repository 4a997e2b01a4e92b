#include "agents/profiles/own_json.hpp"

#include "agents/formats/json.hpp"
#include "agents/profiles/dirty_values.hpp"

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;
using formats::leaf;

bool is(const formats::step& s, std::string_view name) {
    return s.name == name;
}

// What to look at in a leaf of persons/…; empty: nothing.
std::string_view note_of(const leaf& l, std::size_t from, const v1::Concern& c, int year_now) {
    if (l.path.size() != from + 3 || !is(l.path[from], "persons")) return {};
    const auto person = static_cast<int>(l.path[from].nth);
    const auto item = static_cast<int>(l.path[from + 1].nth);
    if (person >= c.persons().size()) return {};
    const auto& p = c.persons(person);
    if (is(l.path[from + 1], "identifiers") && is(l.path[from + 2], "value") &&
        item < p.identifiers().size())
        return identifier_note(p.identifiers(item).scheme(), p.identifiers(item).value(), year_now);
    if (is(l.path[from + 1], "names") && !is(l.path[from + 2], "use") && item < p.names().size() &&
        is_placeholder_name(l.value) && p.names(item).use() != v1::PersonName::USE_PLACEHOLDER)
        return "a placeholder, not a name; its use does not say so";
    v1::Address scratch;
    if (is(l.path[from + 1], "addresses") && is(l.path[from + 2], "postcode"))
        return put_postcode(scratch, l.value).note.empty() ? ""
                                                           : "a postcode that stands for no place";
    return {};
}

} // namespace

status own_json::read(bytes_view content) {
    const auto keep = [&](leaf&& l) -> status {
        if (l.path.front().name == "item")
            return fail(errc::format_malformed, "line 1: not a JSON object");
        wrapped_ = wrapped_ || l.path.front().name == "concern";
        leaves_.push_back(std::move(l));
        return {};
    };
    formats::json_limits limits;
    limits.leaves = 200'000;
    return formats::read_json(formats::pieces_of(content), keep, limits);
}

file_report own_json::report(const v1::Concern& concern, int year_now) const {
    file_report out;
    out.format = "Cairn's own JSON";
    out.concerns = 1;
    const std::size_t from = wrapped_ ? 1 : 0;
    for (const auto& l : leaves_)
        out.add(report_of(l, leaf_status::mapped, note_of(l, from, concern, year_now)));
    return out;
}

} // namespace cairn::agents::profiles

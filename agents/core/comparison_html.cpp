#include "agents/core/comparison_html.hpp"

#include "agents/core/html_text.hpp"
#include "agents/core/labels.hpp"
#include "agents/core/outline.hpp"

#include <algorithm>
#include <array>

namespace cairn::agents {
namespace {

namespace v1 = ::cairn::v1;

constexpr std::string_view css = R"css(
main { max-width: none; }
thead th { position: sticky; top: 0; z-index: 2; }
.group th { background: #1a1a1a; color: #fff; }
.coarser { background: #fff3cd; }
.hidden { background: #e6e6e6; }
.silent { background: #f7f7f7; color: #3d3d3d; }
.why { position: relative; border-bottom: 2px dotted #1a1a1a; cursor: help; }
.why .reason { display: none; position: absolute; left: 0; top: 1.6rem; z-index: 3; width: 18rem;
  padding: .5rem; background: #fff; color: #1a1a1a; border: 2px solid #1a1a1a;
  white-space: normal; }
.why:hover .reason, .why:focus .reason { display: block; }
@media print { .why .reason { display: inline; position: static; border: 0; } }
)css";

// "addresses[1].postcode" without its numbers.
std::string plain_path(const std::string& path) {
    std::string out;
    bool inside = false;
    for (const char c : path) {
        if (c == '[') inside = true;
        if (!inside) out += c;
        if (c == ']') inside = false;
    }
    return out;
}

// The lines a notice has for one group: a person by ref, or the concern where `ref` is empty.
std::vector<outline_line> lines_of(const v1::Concern& c, const std::string& ref) {
    if (ref.empty()) return outline_of_concern(c);
    for (const auto& p : c.persons())
        if (p.ref() == ref) return outline_of_person(p, c);
    return {};
}

const v1::Withheld*
find_withheld(const v1::Notice& n, const std::string& ref, const outline_line& line) {
    const auto& whom = ref.empty() ? line.about : ref;
    const v1::Withheld* vague = nullptr;
    for (const auto& w : n.withheld()) {
        const bool same_person = w.person_ref() == whom;
        const bool same_cell = w.category() == line.category && w.about() == line.subject;
        if (same_person && same_cell) return &w;
        // Said without its category, or without its person.
        if (w.category() == v1::CATEGORY_UNSPECIFIED && (same_person || w.person_ref().empty()))
            vague = &w;
    }
    return vague;
}

struct group {
    std::string ref;
    std::string title;
    std::vector<outline_line> lines;
};

comparison_cell cell_of(
    const v1::Notice& n,
    const group& g,
    const outline_line& line,
    const std::vector<outline_line>& got
) {
    const auto same_place = std::find_if(got.begin(), got.end(), [&](const auto& other) {
        return other.path == line.path;
    });
    if (same_place != got.end() && same_place->value == line.value)
        return {cell_kind::shown, line.value, {}};
    const auto plain = plain_path(line.path);
    const bool moved = std::any_of(got.begin(), got.end(), [&](const auto& other) {
        return other.value == line.value && plain_path(other.path) == plain;
    });
    if (moved) return {cell_kind::shown, line.value, {}};
    // Another value in the same place is a coarser form, unless it is another element moved up.
    if (same_place != got.end()) {
        const bool belongs_elsewhere =
            std::any_of(g.lines.begin(), g.lines.end(), [&](const auto& own) {
                return own.value == same_place->value && plain_path(own.path) == plain;
            });
        if (!belongs_elsewhere) return {cell_kind::coarser, same_place->value, {}};
    }
    const auto* w = find_withheld(n, g.ref, line);
    if (w == nullptr) return {};
    auto why = w->sentence();
    if (why.empty()) why = "Hidden from this desk.";
    return {cell_kind::hidden, {}, std::move(why)};
}

std::vector<group> groups_of(const v1::Concern& sent) {
    std::vector<group> out;
    out.push_back({"", "The concern", outline_of_concern(sent)});
    for (const auto& p : sent.persons())
        out.push_back({p.ref(), person_title(p), outline_of_person(p, sent)});
    return out;
}

std::string cell_html(const comparison_cell& c) {
    switch (c.kind) {
    case cell_kind::shown:
        return "<td>" + shown(c.value) + "</td>";
    case cell_kind::coarser:
        return "<td class=\"coarser\">" + shown(c.value) + " <small>(coarser)</small></td>";
    case cell_kind::hidden:
        return "<td class=\"hidden\"><span class=\"why\" tabindex=\"0\" title=\"" + escape(c.why) +
               "\">hidden<span class=\"reason\"> " + shown(c.why) + "</span></span></td>";
    case cell_kind::silent:
        break;
    }
    return "<td class=\"silent\">not shown, not mentioned</td>";
}

void head(std::string& out, const std::vector<v1::Notice>& notices) {
    out += "<table>\n<caption>Each row is a field of the concern, each column what one desk "
           "got</caption>\n<thead>\n<tr><th scope=\"col\">Field</th><th scope=\"col\">As "
           "sent</th>";
    for (const auto& n : notices)
        out += "<th scope=\"col\">" + shown(desk_label(n.desk())) + "</th>";
    out += "</tr>\n</thead>\n";
}

void totals(
    std::string& out,
    const std::vector<comparison_row>& rows,
    const std::vector<v1::Notice>& notices
) {
    out += "<ul>\n";
    for (std::size_t i = 0; i < notices.size(); ++i) {
        std::array<std::size_t, 4> count{};
        for (const auto& row : rows) ++count.at(static_cast<std::size_t>(row.cells.at(i).kind));
        out += "<li>" + shown(desk_label(notices[i].desk())) + ": " + std::to_string(count[0]) +
               " shown, " + std::to_string(count[1]) + " in a coarser form, " +
               std::to_string(count[2]) + " hidden with a reason, " + std::to_string(count[3]) +
               " not mentioned</li>\n";
    }
    out += "</ul>\n";
}

} // namespace

std::vector<comparison_row>
compare(const v1::Concern& sent, const std::vector<v1::Notice>& notices) {
    std::vector<comparison_row> out;
    for (const auto& g : groups_of(sent)) {
        std::vector<std::vector<outline_line>> got;
        got.reserve(notices.size());
        for (const auto& n : notices) got.push_back(lines_of(n.content(), g.ref));
        for (const auto& line : g.lines) {
            if (line.category == v1::CATEGORY_SEALED) continue;
            comparison_row row{g.title, line.label, line.value, {}};
            for (std::size_t i = 0; i < notices.size(); ++i)
                row.cells.push_back(cell_of(notices[i], g, line, got[i]));
            out.push_back(std::move(row));
        }
    }
    return out;
}

std::string
render_comparison_html(const v1::Concern& sent, const std::vector<v1::Notice>& notices) {
    const auto rows = compare(sent, notices);
    auto out = page_begin("One concern, what each desk sees", css);
    out += "<h1>One concern, what each desk sees</h1>\n<p>Point at <em>hidden</em>, or move to it "
           "with the tab key, to read why.</p>\n";
    totals(out, rows, notices);
    head(out, notices);
    const auto width = std::to_string(notices.size() + 2);
    const comparison_row* before = nullptr;
    for (const auto& row : rows) {
        if (before == nullptr || before->group != row.group) {
            out += before == nullptr ? "<tbody>\n" : "</tbody>\n<tbody>\n";
            out += "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"" + width + "\">" +
                   shown(row.group) + "</th></tr>\n";
        }
        out +=
            "<tr><th scope=\"row\">" + escape(row.label) + "</th><td>" + shown(row.value) + "</td>";
        for (const auto& c : row.cells) out += cell_html(c);
        out += "</tr>\n";
        before = &row;
    }
    if (before != nullptr) out += "</tbody>\n";
    out += "</table>\n<p>Fields kept for the log alone are not listed.</p>\n";
    out += page_end();
    return out;
}

} // namespace cairn::agents

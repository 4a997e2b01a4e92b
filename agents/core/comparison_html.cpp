#include "agents/core/comparison_html.hpp"

#include "agents/core/html_rows.hpp"
#include "agents/core/html_text.hpp"
#include "agents/core/labels.hpp"
#include "agents/core/outline.hpp"

#include <algorithm>
#include <array>

namespace cairn::agents {
namespace {

namespace v1 = ::cairn::v1;

// Below 60 rem the table's rows stand under each other, each cell with its desk's name before it;
// the roles said in the markup keep it a table for who hears it.
constexpr std::string_view css = R"css(
main, footer { max-width: none; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
caption { text-align: left; font-weight: bold; padding: .5rem 0; }
th, td { border: 1px solid #6b6b6b; padding: .35rem .5rem; text-align: left; vertical-align: top; }
th { background: #f1f1f1; }
td { white-space: pre-wrap; }
thead th { position: sticky; top: 0; z-index: 2; border-bottom: 3px solid #1a1a1a; }
.group th { background: #1a1a1a; color: #fff; font-size: 1.05rem; }
.coarser { background: #fff3cd; }
.hidden { background: #e6e6e6; }
.mark { font-weight: bold; display: block; }
.silent { background: #f7f7f7; color: #3d3d3d; font-style: italic; }
a { color: #0b3d75; }
:focus-visible, li:target { outline: 3px solid #0b57a4; outline-offset: 2px; }
@media (max-width: 60rem) {
  table, tbody, tr, th, td, caption { display: block; width: auto; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  td::before { content: attr(data-desk) ": "; font-weight: bold; }
  tr { margin-top: .5rem; }
}
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  table { font-size: 8.5pt; }
  thead { display: table-header-group; }
  thead th { position: static; }
  tr { break-inside: avoid; }
  .coarser, .hidden, .silent { background: none; }
}
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

// The sentences of hidden cells, each once; a cell gives its number.
class reasons {
public:
    std::size_t number_of(const std::string& why) {
        const auto it = std::find(said_.begin(), said_.end(), why);
        if (it != said_.end()) return static_cast<std::size_t>(it - said_.begin()) + 1;
        said_.push_back(why);
        return said_.size();
    }

    void list(std::string& out) const {
        if (said_.empty()) return;
        out += "<section aria-labelledby=\"reasons\">\n<h2 id=\"reasons\">Why fields are hidden"
               "</h2>\n<ol>\n";
        for (std::size_t i = 0; i < said_.size(); ++i)
            out += "<li id=\"why-" + std::to_string(i + 1) + "\">" + shown(said_[i]) + "</li>\n";
        out += "</ol>\n</section>\n";
    }

private:
    std::vector<std::string> said_;
};

// "<td class=… role=… data-desk=…>"; `why` shows where a pointer rests on the cell.
std::string
cell_begin(std::string_view kind, const std::string& desk, const std::string& why = {}) {
    std::string out = "<td role=\"cell\" data-desk=\"" + escape(desk) + "\"";
    if (!kind.empty()) out += " class=\"" + std::string(kind) + "\"";
    if (!why.empty()) out += " title=\"" + escape(why) + "\"";
    return out + ">";
}

std::string cell_html(const comparison_cell& c, const std::string& desk, reasons& why) {
    switch (c.kind) {
    case cell_kind::shown:
        return cell_begin("", desk) + shown(c.value) + "</td>";
    case cell_kind::coarser:
        return cell_begin("coarser", desk) + "<span class=\"mark\">In a shorter form</span>" +
               shown(c.value) + "</td>";
    case cell_kind::hidden: {
        const auto number = std::to_string(why.number_of(c.why));
        return cell_begin("hidden", desk, c.why) +
               "<span class=\"mark\">Hidden</span><a href=\"#why-" + number + "\">reason " +
               number + "</a></td>";
    }
    case cell_kind::silent:
        break;
    }
    return cell_begin("silent", desk) + "not shown, not mentioned</td>";
}

void head(std::string& out, const std::vector<std::string>& columns) {
    out += "<table role=\"table\">\n<caption>Each row is a field of the concern, each column what "
           "one desk got</caption>\n<thead role=\"rowgroup\">\n<tr role=\"row\">"
           "<th scope=\"col\" role=\"columnheader\">Field</th>";
    for (const auto& column : columns)
        out += "<th scope=\"col\" role=\"columnheader\">" + shown(column) + "</th>";
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
        out += "<li>" + shown(capital(desk_label(notices[i].desk()))) + ": " +
               std::to_string(count[0]) + " shown, " + std::to_string(count[1]) +
               " in a shorter form, " + std::to_string(count[2]) + " hidden with a reason, " +
               std::to_string(count[3]) + " not mentioned</li>\n";
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
    std::vector<std::string> columns = {"As sent"};
    for (const auto& n : notices) columns.push_back(capital(desk_label(n.desk())));
    auto out = page_begin("One concern, what each desk sees", css);
    out += "<h1>One concern, what each desk sees</h1>\n<p>Every hidden field says its reason where "
           "the "
           "pointer rests on it and gives its number; the reasons stand below the table.</p>\n";
    totals(out, rows, notices);
    head(out, columns);
    const auto width = std::to_string(columns.size() + 1);
    reasons why;
    const comparison_row* before = nullptr;
    for (const auto& row : rows) {
        if (before == nullptr || before->group != row.group) {
            out += std::string(before == nullptr ? "" : "</tbody>\n") +
                   "<tbody role=\"rowgroup\">\n<tr class=\"group\" role=\"row\">"
                   "<th scope=\"rowgroup\" role=\"rowheader\" colspan=\"" +
                   width + "\">" + shown(capital(row.group)) + "</th></tr>\n";
        }
        out += "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">" + escape(row.label) +
               "</th>" + cell_begin("", columns.front()) + shown(row.value) + "</td>";
        for (std::size_t i = 0; i < row.cells.size(); ++i)
            out += cell_html(row.cells[i], columns[i + 1], why);
        out += "</tr>\n";
        before = &row;
    }
    if (before != nullptr) out += "</tbody>\n";
    out += "</table>\n<p>Fields kept for the log alone are not listed.</p>\n";
    why.list(out);
    out += page_end();
    return out;
}

} // namespace cairn::agents

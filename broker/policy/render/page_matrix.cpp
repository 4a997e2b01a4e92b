#include "core/html_text.hpp"
#include "policy/render/page_parts.hpp"
#include "policy/render/sentence.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace cairn::policy {

namespace {

using html::escape;

struct mark {
    std::string_view word;
    std::string_view css;
};

// A word of its own for each form, so that nothing is told by colour alone.
mark mark_of(v1::Form form) {
    switch (form) {
    case v1::FORM_FULL:
        return {"full", "full"};
    case v1::FORM_GENERALISED:
        return {"shorter", "shorter"};
    case v1::FORM_PSEUDONYM:
        return {"token", "token"};
    case v1::FORM_SILENT:
        return {"silent", "silent"};
    default:
        return {"held", "held"};
    }
}

// One row or column of a category's table: what it stands for, and the cases along it.
struct line {
    std::vector<std::size_t> cases;
    // Row-major places of the lines joined here: the first is shown.
    std::vector<std::size_t> members;
};

// Equal lines once, in the order of their first.
std::vector<line> joined_lines(const std::vector<std::vector<std::size_t>>& lines) {
    std::vector<line> out;
    std::map<std::vector<std::size_t>, std::size_t> known;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto [at, fresh] = known.emplace(lines[i], out.size());
        if (fresh) out.push_back({lines[i], {}});
        out[at->second].members.push_back(i);
    }
    return out;
}

constexpr int subjects = v1::SUBJECT_CONCERN;
constexpr int purposes = v1::Purpose_MAX;
constexpr int roles = v1::Role_MAX;

// About whom and for what, of a row that joins several.
std::string row_title(const vocabulary& words, const line& row) {
    std::map<int, std::set<int>> purposes_of;
    for (const auto m : row.members) {
        const int i = static_cast<int>(m);
        purposes_of[1 + i / purposes].insert(1 + i % purposes);
    }
    std::map<std::set<int>, std::set<int>> subjects_of;
    for (const auto& [subject, set] : purposes_of) subjects_of[set].insert(subject);
    std::string out;
    for (const auto& [set, whom] : subjects_of) {
        out += "<span class=\"whom\">About " +
               escape(words.span<v1::Subject>(whom, subjects, "anybody")) +
               "</span><span class=\"what\">for " +
               escape(words.span<v1::Purpose>(set, purposes, "every purpose")) + "</span>";
    }
    return out;
}

std::string column_title(const vocabulary& words, const line& column) {
    std::set<int> these;
    for (const auto m : column.members) these.insert(static_cast<int>(m) + 1);
    return words.span<v1::Role>(these, roles, "every desk");
}

std::string
cell(const vocabulary& words, const outcomes& all, std::size_t number, std::string_view desk) {
    const auto& o = all.all()[number];
    const auto m = mark_of(o.usual.form);
    std::string why = capital(words.word(o.usual.form));
    why += o.usual.rule == 0 ? ": no rule opens it" : ": rule " + std::to_string(o.usual.rule);
    why += ", because " + std::string(reason_words(o.usual.reason));
    if (o.varies) why += "; at another risk or under flags it differs";
    std::string out = "<td role=\"cell\" class=\"";
    out += std::string(m.css) + "\" data-desk=\"" + escape(desk) + "\"><a href=\"#case-" +
           std::to_string(number + 1) + "\" title=\"" + escape(why) + "\">" + std::string(m.word) +
           (o.varies ? "*" : "") + "</a></td>";
    return out;
}

void add_category(std::string& out, const vocabulary& words, const outcomes& all, v1::Category c) {
    std::vector<std::vector<std::size_t>> rows(static_cast<std::size_t>(subjects * purposes));
    std::vector<std::vector<std::size_t>> columns(static_cast<std::size_t>(roles));
    for (int s = 1; s <= subjects; ++s) {
        for (int p = 1; p <= purposes; ++p) {
            for (int r = 1; r <= roles; ++r) {
                const auto n = all.number(
                    c,
                    static_cast<v1::Subject>(s),
                    static_cast<v1::Role>(r),
                    static_cast<v1::Purpose>(p)
                );
                rows[static_cast<std::size_t>((s - 1) * purposes + p - 1)].push_back(n);
                columns[static_cast<std::size_t>(r - 1)].push_back(n);
            }
        }
    }
    const auto of_rows = joined_lines(rows);
    const auto of_columns = joined_lines(columns);
    const auto title = escape(capital(words.word(c)));
    out += "<h3>" + title + "</h3>\n<table role=\"table\">\n<caption>" + title +
           ": who sees what of it</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">"
           "<th scope=\"col\" role=\"columnheader\">Whom and what for</th>";
    std::vector<std::string> titles;
    for (const auto& column : of_columns) {
        titles.push_back(capital(column_title(words, column)));
        out += "<th scope=\"col\" role=\"columnheader\">" + escape(titles.back()) + "</th>";
    }
    out += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
    for (const auto& row : of_rows) {
        out += "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">" + row_title(words, row) +
               "</th>";
        for (std::size_t i = 0; i < of_columns.size(); ++i) {
            out += cell(words, all, row.cases[of_columns[i].members.front()], titles[i]);
        }
        out += "</tr>\n";
    }
    out += "</tbody>\n</table>\n";
}

} // namespace

// Below 60 rem a table's rows stand under each other, each cell with its desk before it; the roles
// said in the markup keep it a table for who hears it.
const std::string_view matrix_css = R"css(
table { border-collapse: collapse; width: 100%; font-size: .8rem; line-height: 1.3; }
caption { text-align: left; padding: .25rem 0; }
th, td { border: 1px solid #6b6b6b; padding: .3rem .4rem; text-align: left; vertical-align: top; }
th { background: #f1f1f1; font-weight: normal; }
thead th { font-weight: bold; hyphens: auto; }
td { padding: 0; }
td a { display: block; min-height: 1.75rem; min-width: 1.75rem; padding: .3rem .4rem;
  white-space: nowrap; }
.whom, .what { display: block; }
.whom { font-weight: bold; }
.what { margin-bottom: .25rem; }
.full { background: #d5f0dc; }
.shorter { background: #fff3cd; }
.token { background: #dbe7fb; }
.held { background: #e6e6e6; }
.silent { background: #f6d9d9; }
@media (max-width: 60rem) {
  table, tbody, tr, th, td, caption { display: block; width: auto; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  td::before { content: attr(data-desk) ":"; display: block; padding: .3rem .4rem 0; }
  tr { margin-top: .5rem; }
}
@media print {
  table { font-size: 7.5pt; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
}
)css";

std::string capital(std::string text) {
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
        text.front() = static_cast<char>(text.front() - 'a' + 'A');
    }
    return text;
}

void add_matrix(std::string& out, const vocabulary& words, const outcomes& all) {
    out += "<section aria-labelledby=\"who\">\n<h2 id=\"who\">Who sees what</h2>\n"
           "<p>Each cell stands at " +
           escape(words.word(usual_risk)) +
           ", when nothing further is said: a conviction then counts as one that matters to the "
           "child, and a referrer as one who wishes to stay unnamed. A star: at another risk or "
           "under other flags it differs. Each cell leads to its case, which says how. No star "
           "tells of what lies over nearly every cell: a detriment that the sender declared, a "
           "conflict of interest, and what an Act or a court forbids.</p>\n<ul>\n";
    for (const auto form :
         {v1::FORM_FULL,
          v1::FORM_GENERALISED,
          v1::FORM_PSEUDONYM,
          v1::FORM_MASKED,
          v1::FORM_SILENT}) {
        const auto m = mark_of(form);
        out += "<li><span class=\"" + std::string(m.css) + "\">" + std::string(m.word) +
               "</span>: " + escape(words.word(form));
        if (form == v1::FORM_MASKED)
            out += "; the desk is told that it is held, why, and whom to ask";
        if (form == v1::FORM_SILENT) out += "; the desk is told nothing";
        out += "</li>\n";
    }
    out += "</ul>\n";
    for (int c = 1; c <= v1::Category_MAX; ++c) {
        if (v1::Category_IsValid(c)) add_category(out, words, all, static_cast<v1::Category>(c));
    }
    out += "</section>\n";
}

void add_cases(
    std::string& out, const table& policy, const vocabulary& words, const outcomes& all
) {
    out += "<section aria-labelledby=\"cases\">\n<h2 id=\"cases\">The cases</h2>\n"
           "<p>Of each case the first line that fits decides.</p>\n";
    for (std::size_t i = 0; i < all.all().size(); ++i) {
        out += "<h3 id=\"case-" + std::to_string(i + 1) + "\">Case " + std::to_string(i + 1) +
               "</h3>\n<ol>\n";
        for (const auto& d : all.all()[i].possible) {
            out += "<li>" + escape(capital(words.word(d.form))) + ": ";
            const auto* rule = policy.rule(d.rule);
            if (rule == nullptr) {
                out += "else, for no rule opens it</li>\n";
                continue;
            }
            const bool stated =
                d.rule != 0 && std::any_of(
                                   policy.source().rules().begin(),
                                   policy.source().rules().end(),
                                   [&](const auto& r) { return r.number() == d.rule; }
                               );
            const auto name = "rule " + std::to_string(d.rule);
            out += escape(conditions_of(words, *rule)) + ", by ";
            out += stated ? "<a href=\"#rule-" + std::to_string(d.rule) + "\">" + name + "</a>"
                          : name + ", built in";
            out += " " + escape(quoted(rule->title())) + "</li>\n";
        }
        out += "</ol>\n";
    }
    out += "</section>\n";
}

} // namespace cairn::policy

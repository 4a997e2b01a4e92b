#include "agents/core/html.hpp"

#include "agents/core/html_parts.hpp"
#include "agents/core/html_rows.hpp"
#include "agents/core/html_text.hpp"
#include "agents/core/labels.hpp"
#include "agents/core/uk_time.hpp"

#include <algorithm>

namespace cairn::agents {
namespace {

namespace v1 = ::cairn::v1;

constexpr int first_body = v1::Concern::kNotificationFieldNumber;
constexpr int risk = v1::Concern::kRiskFieldNumber;
constexpr int statements = v1::Concern::kAssertionsFieldNumber;

constexpr std::string_view css = R"css(
.mast p { max-width: 52rem; margin: 0 auto; padding: .4rem 1rem; font-weight: bold; }
.mast { background: #1a1a1a; color: #fff; }
.lede { margin: .25rem 0; }
.ref, code { font-family: "Consolas", "DejaVu Sans Mono", monospace; }
.act, .care { margin: 1.25rem 0; padding: .25rem 1rem .75rem; }
.act { border: 3px solid #1a1a1a; }
.care { border: 3px solid #8a1f11; border-left-width: 12px; }
.act h2, .care h2 { border-bottom: 0; margin: .5rem 0; }
.act p, .care li { margin: .4rem 0; }
.urgency, .by { font-size: 1.2rem; font-weight: bold; }
.told { font-size: 1.1rem; }
.held li { margin: .75rem 0; }
.held p { margin: .2rem 0; }
.fine { font-size: .95rem; }
@page { margin: 18mm 15mm; @bottom-right { content: "Page " counter(page) " of " counter(pages); } }
)css";

// On every printed page, so that a sheet on the floor says what it belongs to. Digits alone go into
// the style sheet.
std::string print_footer(const v1::Notice& n) {
    const auto reference = spoken_reference(n.concern_id());
    const bool plain = reference.find_first_not_of("0123456789abcdef ") == std::string::npos;
    return "@page { @bottom-left { content: \"Confidential. Cairn notice " +
           (plain ? reference : std::string{}) + "\"; } }\n";
}

void details(std::string& out, const std::vector<outline_line>& lines) {
    std::vector<outline_line> body;
    std::vector<outline_line> assessed;
    std::vector<outline_line> said;
    for (const auto& line : lines) {
        if (is_requested(line) || is_in_short(line)) continue;
        if (line.field_number >= first_body) body.push_back(line);
        if (line.field_number == risk) assessed.push_back(line);
        if (line.field_number == statements) said.push_back(line);
    }
    out += "<section aria-labelledby=\"details\">\n<h2 id=\"details\">Details</h2>\n";
    if (body.empty() && said.empty() && assessed.empty())
        out += "<p>No more is shown to your desk.</p>\n";
    add_rows(out, page_rows(body));
    if (!assessed.empty()) out += "<h3>How the sender sees the risk</h3>\n";
    add_rows(out, page_rows(assessed));
    if (!said.empty()) out += "<h3>Statements, each with its kind and source where shown</h3>\n";
    add_rows(out, page_rows(said));
    out += "</section>\n";
}

void why_shared(std::string& out, const std::vector<outline_line>& lines) {
    std::vector<outline_line> rest;
    std::copy_if(lines.begin(), lines.end(), std::back_inserter(rest), [](const auto& line) {
        return line.field_number < first_body && line.field_number != risk &&
               line.field_number != statements && !is_requested(line);
    });
    if (rest.empty()) return;
    out += "<section aria-labelledby=\"why\">\n<h2 id=\"why\">Why it is shared</h2>\n";
    add_rows(out, page_rows(rest));
    out += "</section>\n";
}

void people(std::string& out, const v1::Notice& n) {
    const auto& c = n.content();
    out += "<section aria-labelledby=\"people\">\n<h2 id=\"people\">People</h2>\n";
    if (c.persons().empty()) out += "<p>No person is shown to your desk.</p>\n";
    for (const auto& p : c.persons()) {
        out += "<h3>" + shown(capital(person_title(p))) + "</h3>\n";
        auto lines = outline_of_person(p, c);
        for (auto& blank : blanks_of_child(p, n)) lines.push_back(std::move(blank));
        if (lines.empty()) out += "<p>Nothing further about this person is shown.</p>\n";
        add_rows(out, page_rows(lines));
    }
    out += "</section>\n";
}

void who_else(std::string& out, const v1::Notice& n) {
    out += "<section aria-labelledby=\"else\">\n<h2 id=\"else\">Who else was told</h2>\n";
    if (n.also_told().empty()) {
        out += "<p>No other desk that you may know of.</p>\n";
    } else {
        out += "<ul>\n";
        for (const auto& desk : n.also_told())
            out += "<li>" + shown(capital(desk_label(desk))) + "</li>\n";
        out += "</ul>\n";
    }
    out += "</section>\n";
}

void references(std::string& out, const v1::Notice& n, const delivery_info& d) {
    std::vector<page_row> rows = {
        {"From", {n.sender().empty() ? "withheld" : n.sender()}},
        {"To", {n.desk()}},
        {"Concern", {n.concern_id()}},
        {"Thread", {n.thread()}},
        {"Position", {std::to_string(d.position)}}};
    if (n.decided_at_us() != 0) rows.push_back({"Decided", {uk_time(from_us(n.decided_at_us()))}});
    if (d.recorded_at_us != 0) rows.push_back({"Recorded", {uk_time(from_us(d.recorded_at_us))}});
    rows.push_back({"Policy that decided", {n.policy_digest()}});
    out += "<section aria-labelledby=\"refs\" class=\"fine\">\n"
           "<h2 id=\"refs\">References</h2>\n";
    add_rows(out, rows);
    out += "</section>\n";
}

constexpr std::string_view mast =
    "<header class=\"mast\"><p>Confidential: about a child who may be at risk</p></header>\n";

// A run of conformance (ADR 19): whoever finds the page in the inbox must not send anybody out.
constexpr std::string_view test_mast =
    "<header class=\"mast\"><p>Test: no child, nothing to do</p></header>\n";

constexpr std::string_view foot =
    "<footer><p>What is shown and hidden follows the partnership's policy. This page is not legal "
    "advice. Keep it and destroy it as your agency's rules say.</p></footer>\n";

} // namespace

std::string render_notice_html(const v1::Notice& n, const delivery_info& d) {
    const auto title = "Notice " + spoken_reference(n.concern_id()) + ", " +
                       std::to_string(d.position) + ", for " + desk_label(n.desk());
    auto out = page_begin(title, std::string(css) + print_footer(n), n.test() ? test_mast : mast);
    const auto lines = outline_of_concern(n.content());
    out += "<h1>" + shown((n.test() ? "Test: " : "") + headline(n)) + "</h1>\n";
    add_lede(out, n, d);
    add_what_to_do(out, n, d, lines);
    add_warnings(out, n);
    add_what_happened(out, n);
    details(out, lines);
    people(out, n);
    add_hidden(out, n);
    who_else(out, n);
    why_shared(out, lines);
    references(out, n, d);
    out += page_end(foot);
    return out;
}

} // namespace cairn::agents

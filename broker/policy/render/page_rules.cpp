#include "core/html_text.hpp"
#include "policy/render/page_parts.hpp"
#include "policy/render/sentence.hpp"

namespace cairn::policy {

namespace {

using html::shown;

void row(std::string& out, std::string_view term, std::string_view text) {
    if (text.empty()) return;
    out += "<div><dt>" + std::string(term) + "</dt><dd>" + shown(text) + "</dd></div>\n";
}

} // namespace

void add_rules(std::string& out, const table& policy, const vocabulary& words) {
    const auto& text = policy.source();
    out +=
        "<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">The rules</h2>\n"
        "<p>The first part of each is made from the fields that the broker acts on. The author's "
        "words stand below it and decide nothing.</p>\n";
    for (const auto& r : text.rules()) {
        const auto number = std::to_string(r.number());
        const auto said = describe_rule(text, words, r);
        out += "<h3 id=\"rule-" + number + "\">Rule " + number + ": " + shown(r.title());
        if (unverified(r)) out += " <span class=\"open\">not verified</span>";
        out += "</h3>\n<dl>\n";
        row(out, "It decides", said.decides);
        row(out, "Why", said.because);
        row(out, "A desk reads", said.label);
        row(out, "Who keeps it", said.kept);
        row(out, "In its author's words", r.sentence());
        out += "</dl>\n";
    }
    out += "</section>\n<section aria-labelledby=\"routes\">\n<h2 id=\"routes\">Which desks get a "
           "concern</h2>\n<dl>\n";
    for (const auto& r : text.routing()) {
        row(out,
            "Route " + std::to_string(r.number()),
            r.title() + ". " + r.sentence() + " Authority: " + r.authority() + ".");
    }
    out += "</dl>\n</section>\n";
}

} // namespace cairn::policy

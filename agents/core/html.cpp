#include "agents/core/html.hpp"

#include "agents/core/html_text.hpp"
#include "agents/core/labels.hpp"
#include "agents/core/outline.hpp"
#include "agents/core/uk_time.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>

namespace cairn::agents {
namespace {

namespace v1 = ::cairn::v1;

constexpr std::string_view css = R"css(
.act { border: 3px solid #8a1f11; padding: .5rem 1rem; margin: 1rem 0; }
.act p { margin: .35rem 0; }
.act .by { font-size: 1.15rem; font-weight: bold; }
.fine { color: #3d3d3d; font-size: .9rem; }
.rows th { width: 34%; }
)css";

std::string capital(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

std::string kind_words(v1::ConcernKind kind) {
    const auto* value = v1::ConcernKind_descriptor()->FindValueByNumber(kind);
    const auto words = value == nullptr ? std::string_view{} : value_label(*value);
    return words.empty() ? "concern" : std::string(words);
}

void row(std::string& out, std::string_view label, std::string_view value) {
    out += "<tr><th scope=\"row\">" + escape(label) + "</th><td>" + shown(value) + "</td></tr>\n";
}

void rows(std::string& out, std::string_view caption, const std::vector<outline_line>& lines) {
    if (lines.empty()) return;
    out += "<table class=\"rows\">\n<caption>" + escape(caption) + "</caption>\n<tbody>\n";
    for (const auto& line : lines) row(out, line.label, line.value);
    out += "</tbody>\n</table>\n";
}

bool is_requested(const outline_line& line) {
    return line.path.find("notification.requested[") == 0 || line.path == "feedback.do_now" ||
           line.path == "information_request.question" || line.path.find("risk.actions") == 0 ||
           line.path.find("information_request.wanted") == 0;
}

void what_happened(std::string& out, const std::vector<outline_line>& lines) {
    constexpr int first_body = v1::Concern::kNotificationFieldNumber;
    constexpr int risk = v1::Concern::kRiskFieldNumber;
    constexpr int statements = v1::Concern::kAssertionsFieldNumber;
    std::vector<outline_line> body;
    std::vector<outline_line> said;
    std::vector<outline_line> rest;
    for (const auto& line : lines) {
        if (is_requested(line)) continue;
        if (line.field_number >= first_body || line.field_number == risk)
            body.push_back(line);
        else if (line.field_number == statements)
            said.push_back(line);
        else
            rest.push_back(line);
    }
    std::stable_partition(body.begin(), body.end(), [](const auto& line) {
        return line.field_number >= first_body;
    });
    out += "<section aria-labelledby=\"what\">\n<h2 id=\"what\">What happened</h2>\n";
    if (body.empty() && said.empty()) out += "<p>No details are shown to your desk.</p>\n";
    rows(out, "The concern", body);
    rows(out, "Statements, each with its kind and source where shown", said);
    rows(out, "Why it is shared", rest);
    out += "</section>\n";
}

void what_to_do(
    std::string& out,
    const v1::Notice& n,
    const delivery_info& d,
    const std::vector<outline_line>& lines
) {
    out += "<section aria-labelledby=\"do\" class=\"act\">\n<h2 id=\"do\">What to do</h2>\n";
    if (d.acknowledge_by_us != 0) {
        out += "<p class=\"by\">Read and acknowledge by " +
               escape(uk_time(from_us(d.acknowledge_by_us))) + "</p>\n";
        out += "<p>A named person must do so. That your system has received this notice does not "
               "count as reading it.</p>\n";
    } else {
        out += "<p>No acknowledgement by a set time is asked of your desk.</p>\n";
    }
    if (n.kind() == v1::CONCERN_KIND_RECALL)
        out += "<p>The sender recalls an earlier notice of this thread. Take what it said out of "
               "your records as your rules say, and tell whoever you passed it to.</p>\n";
    std::vector<outline_line> asked;
    std::copy_if(lines.begin(), lines.end(), std::back_inserter(asked), is_requested);
    rows(out, "Asked of your desk", asked);
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
        if (lines.empty())
            out += "<p>Nothing further about this person is shown.</p>\n";
        else
            rows(out, "What is shown about this person", lines);
    }
    out += "</section>\n";
}

void hidden_row(std::string& out, const v1::Notice& n, const v1::Withheld& w) {
    const auto whom = w.person_ref().empty() ? std::string("the concern as a whole")
                                             : person_title(n.content(), w.person_ref());
    auto what = std::string(category_label(w.category()));
    if (w.category() == v1::CATEGORY_UNSPECIFIED) what = "other information is held";
    if (w.partly_shown()) what += " (partly shown, in a coarser form)";
    const auto* reason = v1::ReasonCode_descriptor()->FindValueByNumber(w.reason());
    auto why = w.sentence();
    if (why.empty() && reason != nullptr) why = capital(std::string(value_label(*reason)));
    if (why.empty()) why = "The notice gives no reason.";
    out += "<tr><th scope=\"row\">" + shown(capital(whom)) + "</th><td>" + shown(capital(what)) +
           "</td><td>" + shown(why) + "</td><td>" +
           shown(w.ask().find('/') == std::string::npos ? w.ask() : desk_label(w.ask())) +
           "</td><td>" + shown(w.challenge_id()) + "</td></tr>\n";
}

void hidden(std::string& out, const v1::Notice& n) {
    out += "<section aria-labelledby=\"hidden\">\n<h2 id=\"hidden\">What is hidden from you</h2>\n";
    if (n.withheld().empty()) {
        out += "<p>Nothing that the sender wrote is listed as hidden from your desk.</p>\n";
    } else {
        out += "<p>If you need something below to protect a child, ask the person named, or send a "
               "challenge and quote its reference. In danger to life ring 999.</p>\n"
               "<table>\n<caption>Hidden from your desk</caption>\n<thead>\n<tr>"
               "<th scope=\"col\">About</th><th scope=\"col\">What</th><th scope=\"col\">Why</th>"
               "<th scope=\"col\">Whom to ask</th><th scope=\"col\">Challenge reference</th></tr>\n"
               "</thead>\n<tbody>\n";
        for (const auto& w : n.withheld()) hidden_row(out, n, w);
        out += "</tbody>\n</table>\n";
    }
    if (n.unknown_fields_dropped() != 0)
        out += "<p>" + std::to_string(n.unknown_fields_dropped()) +
               " fields that the broker does not know were dropped; the sender was told.</p>\n";
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

void about_notice(std::string& out, const v1::Notice& n, const delivery_info& d) {
    out += "<section aria-labelledby=\"about\" class=\"fine\">\n"
           "<h2 id=\"about\">About this notice</h2>\n"
           "<table class=\"rows\">\n<caption>References</caption>\n<tbody>\n";
    row(out, "From", n.sender().empty() ? "withheld" : n.sender());
    row(out, "To", n.desk());
    row(out, "Concern", n.concern_id());
    row(out, "Thread", n.thread());
    if (n.decided_at_us() != 0) row(out, "Decided", uk_time(from_us(n.decided_at_us())));
    if (d.recorded_at_us != 0) row(out, "Recorded", uk_time(from_us(d.recorded_at_us)));
    row(out, "Position", std::to_string(d.position));
    row(out, "Policy that decided", n.policy_digest());
    out += "</tbody>\n</table>\n<p>What is shown and hidden follows the partnership's policy. This "
           "page is not legal advice.</p>\n</section>\n";
}

} // namespace

std::string render_notice_html(const v1::Notice& n, const delivery_info& d) {
    const auto title = capital(kind_words(n.kind())) + " for " + desk_label(n.desk());
    auto out = page_begin(title, css);
    const auto lines = outline_of_concern(n.content());
    out += "<h1>" + shown(title) + "</h1>\n";
    what_to_do(out, n, d, lines);
    what_happened(out, lines);
    people(out, n);
    hidden(out, n);
    who_else(out, n);
    about_notice(out, n, d);
    out += page_end();
    return out;
}

std::string render_withdrawn_html(const std::string& desk, const delivery_info& d) {
    auto out = page_begin("Notice withdrawn", css);
    out += "<h1>Notice withdrawn</h1>\n<p>The notice at position " + std::to_string(d.position) +
           " for " + shown(desk_label(desk)) +
           " was withdrawn before your desk confirmed it. It was taken out of this folder. If "
           "somebody printed or copied it, destroy the copy.</p>\n";
    out += page_end();
    return out;
}

} // namespace cairn::agents

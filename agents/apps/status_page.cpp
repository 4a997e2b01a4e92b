#include "agents/apps/status_page.hpp"

#include "agents/apps/times.hpp"
#include "agents/core/html_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace cairn::agents::apps {
namespace {

bool for_long(const agent_status& s) {
    return s.at - s.since >= patience;
}

std::size_t waiting(const agent_status& s) {
    return s.files + s.unanswered;
}

nlohmann::ordered_json json_of(const failure& f) {
    const auto& known = describe(f.code);
    return {
        {"symbol", known.symbol},
        {"what", known.text},
        {"where", f.where},
        {"next", known.next_step}};
}

constexpr std::string_view css =
    "body{font:1.1rem/1.5 sans-serif;max-width:48rem;margin:1rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}th,td{text-align:left;padding:.25rem 1rem .25rem 0;"
    "border-bottom:1px solid #767676}.good,.warning,.critical{padding:.5rem 1rem;"
    "border-left:.5rem solid}.good{border-color:#005a30}.warning{border-color:#8a4b00}"
    ".critical{border-color:#a00000}";

std::string row(std::string_view what, const std::string& value) {
    return fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", what, escape(value));
}

std::string problem_html(const problem& p) {
    const auto& known = describe(p.what.code);
    auto out = fmt::format("<li><strong>{}.</strong> ", escape(known.text));
    if (!p.what.where.empty()) out += "Where: " + shown(p.what.where) + ". ";
    return out + fmt::format(
                     "What to do: {}. Since {}.</li>\n", escape(known.next_step), iso_time(p.since)
                 );
}

} // namespace

state judge(const agent_status& s) {
    if (!s.connected && for_long(s)) return state::critical;
    if (!s.connected) return state::warning;
    if (!s.receiving && for_long(s)) return state::warning;
    const bool bad = std::any_of(s.problems.begin(), s.problems.end(), [](const auto& p) {
        return !describe(p.second.what.code).retryable;
    });
    if (bad) return state::critical;
    return s.problems.empty() ? state::good : state::warning;
}

std::string_view name_of(state s) {
    switch (s) {
    case state::good:
        return "good";
    case state::warning:
        return "warning";
    case state::critical:
        break;
    }
    return "critical";
}

std::string says(const agent_status& s) {
    if (!s.connected) {
        auto out = fmt::format("Not connected to the broker for {}", span_words(s.at - s.since));
        if (waiting(s) == 0) return out + "; nothing waits to be sent.";
        out += fmt::format("; {} waiting, kept and sent when it is back", waiting(s));
        return out + ". In an emergency ring: nobody has been told by this way.";
    }
    auto out = fmt::format("Connected to the broker for {}", span_words(s.at - s.since));
    if (waiting(s) != 0) out += fmt::format("; {} on the way", waiting(s));
    if (!s.receiving && s.desks != 0) out += "; notices are not being received";
    if (!s.problems.empty()) out += fmt::format("; problems: {}", s.problems.size());
    return out + ".";
}

std::string status_json(const agent_status& s) {
    const auto when = [](const std::optional<wall_time>& t) {
        return t ? nlohmann::ordered_json(iso_time(*t)) : nlohmann::ordered_json(nullptr);
    };
    auto problems = nlohmann::ordered_json::array();
    for (const auto& [id, p] : s.problems) {
        auto one = json_of(p.what);
        one["id"] = id;
        one["since"] = iso_time(p.since);
        problems.push_back(std::move(one));
    }
    const nlohmann::ordered_json out{
        {"at", iso_time(s.at)},
        {"at_us", to_us(s.at)},
        {"started", iso_time(s.started)},
        {"state", name_of(judge(s))},
        {"says", says(s)},
        {"broker",
         {{"connected", s.connected},
          {"since", iso_time(s.since)},
          {"last_connected", when(s.last_connected)},
          {"receiving", s.receiving},
          {"desks", s.desks}}},
        {"outgoing",
         {{"files_waiting", s.files},
          {"concerns_waiting", s.unanswered},
          {"oldest", when(s.oldest)},
          {"accepted", s.accepted},
          {"refused", s.refused},
          {"rejected", s.rejected},
          {"duplicates", s.duplicates}}},
        {"incoming",
         {{"received", s.received},
          {"last", when(s.last_received)},
          {"recalled", s.recalled},
          {"events_waiting", s.events_waiting}}},
        {"problems", std::move(problems)}};
    return out.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string status_html(const agent_status& s) {
    auto out = page_begin("Cairn agent", css);
    out += fmt::format(
        "<h1>Cairn agent</h1>\n<p class=\"{}\"><strong>{}.</strong> {}</p>\n",
        name_of(judge(s)),
        name_of(judge(s)),
        escape(says(s))
    );
    if (!s.problems.empty()) {
        out += "<h2>What is wrong and what to do</h2>\n<ul>\n";
        for (const auto& [id, p] : s.problems) out += problem_html(p);
        out += "</ul>\n";
    }
    out += "<h2>Figures</h2>\n<table>\n";
    out += row("Files waiting in outbox", std::to_string(s.files));
    out += row("Concerns not yet answered", std::to_string(s.unanswered));
    if (s.oldest) out += row("The oldest of them", iso_time(*s.oldest));
    out += row("Accepted since the start", std::to_string(s.accepted));
    out += row("Refused or rejected", std::to_string(s.refused + s.rejected));
    out += row("Files that were there before", std::to_string(s.duplicates));
    out += row("Notices received", std::to_string(s.received));
    if (s.last_received) out += row("The last of them", iso_time(*s.last_received));
    out += row("Notices recalled", std::to_string(s.recalled));
    out += row("Events your system has not taken", std::to_string(s.events_waiting));
    out += "</table>\n";
    out += fmt::format(
        "<p>As of {}, started {}. Load the page again for a newer one; if this time stays more "
        "than "
        "two minutes behind, the agent is not running.</p>\n",
        iso_time(s.at),
        iso_time(s.started)
    );
    return out + page_end();
}

status_report report_status(std::string_view json, wall_time now) {
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    const bool whole = parsed.is_object() && parsed.value("at_us", nlohmann::json()).is_number() &&
                       parsed.value("state", nlohmann::json()).is_string() &&
                       parsed.value("says", nlohmann::json()).is_string();
    if (!whole) return {3, "UNKNOWN: status.json is not one of an agent"};
    const auto age = now - from_us(parsed["at_us"].get<std::int64_t>());
    if (age > 4 * status_every)
        return {
            2,
            "CRITICAL: the agent is not running; it last wrote its status " + span_words(age) +
                " ago"};
    const auto named = parsed["state"].get<std::string>();
    const auto words = parsed["says"].get<std::string>();
    status_report out{3, "UNKNOWN: " + words};
    if (named == "good") out = {0, "OK: " + words};
    if (named == "warning") out = {1, "WARNING: " + words};
    if (named == "critical") out = {2, "CRITICAL: " + words};
    const auto problems = parsed.value("problems", nlohmann::json::array());
    for (const auto& p : problems) {
        if (!p.is_object()) continue;
        out.text += "\n" + p.value("what", "") + " (" + p.value("where", "") +
                    "). What next: " + p.value("next", "") + ".";
    }
    return out;
}

} // namespace cairn::agents::apps

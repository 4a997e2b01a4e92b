#include "agents/core/html_parts.hpp"

#include "agents/core/html_rows.hpp"
#include "agents/core/html_text.hpp"
#include "agents/core/labels.hpp"
#include "agents/core/uk_time.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>

namespace cairn::agents {
namespace {

namespace v1 = ::cairn::v1;

std::vector<const v1::Person*> children_of(const v1::Concern& c) {
    std::vector<const v1::Person*> out;
    for (const auto& p : c.persons())
        if (p.role() == v1::SUBJECT_CHILD) out.push_back(&p);
    return out;
}

bool is_unborn(const v1::Person& p) {
    return p.sex() == v1::SEX_UNBORN || p.birth().has_expected();
}

std::string name_of(const v1::Person& p) {
    for (const auto& n : p.names()) {
        auto name = n.given();
        if (!name.empty() && !n.family().empty()) name += " ";
        name += n.family();
        if (!name.empty()) return name;
    }
    return is_unborn(p) ? "an unborn child" : "a child who is not named to your desk";
}

std::string about_children(const v1::Notice& n) {
    const auto children = children_of(n.content());
    if (children.empty()) return {};
    auto out = " about " + name_of(*children.front());
    const auto& born = children.front()->birth().born();
    const auto age = age_on(born, from_us(n.decided_at_us()));
    if (!age.empty() && n.decided_at_us() != 0) out += ", aged " + age;
    const auto more = children.size() - 1;
    if (more == 1) out += ", and 1 other child";
    if (more > 1) out += ", and " + std::to_string(more) + " other children";
    return out;
}

struct kind_text {
    v1::ConcernKind kind;
    std::string_view headline;
    // What the kind itself asks of who reads it.
    std::string_view do_this;
};

constexpr kind_text kind_texts[] = {
    {v1::CONCERN_KIND_NOTIFICATION, "Concern", ""},
    {v1::CONCERN_KIND_INFORMATION_REQUEST,
     "Request for information",
     "Answer the request below. That nothing is held is an answer too; silence is not."},
    {v1::CONCERN_KIND_ANSWER, "Answer to a request for information", ""},
    {v1::CONCERN_KIND_OUTCOME, "Decision", ""},
    {v1::CONCERN_KIND_FEEDBACK, "What came of the concern", ""},
    {v1::CONCERN_KIND_CHALLENGE,
     "Challenge",
     "Somebody disputes a decision, or needs what was hidden from them. Read why and answer it."},
    {v1::CONCERN_KIND_CORRECTION,
     "Correction of a concern",
     "This takes the place of an earlier notice. Correct what your records say of it, and tell "
     "whoever you passed it to."},
    {v1::CONCERN_KIND_RECALL,
     "Recall of a concern",
     "The sender recalls an earlier notice of this matter. Take what it said out of your records "
     "as your rules say, and tell whoever you passed it to."},
    {v1::CONCERN_KIND_ACKNOWLEDGEMENT, "A person has read the concern", ""},
    {v1::CONCERN_KIND_LINK, "Link between two matters", ""},
    {v1::CONCERN_KIND_STATUS, "Change of plan or status", ""},
};

const kind_text& text_of(v1::ConcernKind kind) {
    static constexpr kind_text other = {v1::CONCERN_KIND_UNSPECIFIED, "Notice", ""};
    for (const auto& t : kind_texts)
        if (t.kind == kind) return t;
    return other;
}

std::string_view urgency_sentence(v1::Urgency urgency) {
    switch (urgency) {
    case v1::URGENCY_IMMEDIATE:
        return "Immediate: act now";
    case v1::URGENCY_SAME_DAY:
        return "Same day: act today";
    case v1::URGENCY_ROUTINE:
        return "Routine";
    default:
        return "Urgency not stated";
    }
}

// The sender's own actions after what is asked of the desk.
void asked_of_desk(std::string& out, const std::vector<outline_line>& lines) {
    std::vector<outline_line> asked;
    std::copy_if(lines.begin(), lines.end(), std::back_inserter(asked), is_requested);
    if (asked.empty()) return;
    std::stable_partition(asked.begin(), asked.end(), [](const auto& line) {
        return line.field_number != v1::Concern::kRiskFieldNumber;
    });
    out += "<h3>Asked of you</h3>\n<ul class=\"told\">\n";
    for (const auto& row : page_rows(asked)) {
        const bool action = row.term.find("Action") == 0;
        const bool wanted = row.term.find("Information wanted") == 0;
        for (const auto& line : row.lines)
            out += "<li>" +
                   std::string(
                       action   ? "For now: "
                       : wanted ? "Tell what you know of: "
                                : ""
                   ) +
                   shown(wanted || action ? line : capital(line)) + "</li>\n";
    }
    out += "</ul>\n";
}

} // namespace

std::string spoken_reference(std::string_view concern_id) {
    if (concern_id.size() < 8) return std::string(concern_id);
    return std::string(concern_id.substr(0, 4)) + " " + std::string(concern_id.substr(4, 4));
}

std::string headline(const v1::Notice& n) {
    return std::string(text_of(n.kind()).headline) + about_children(n);
}

bool is_requested(const outline_line& line) {
    return line.path.find("notification.requested[") == 0 || line.path == "feedback.do_now" ||
           line.path == "information_request.question" || line.path.find("risk.actions") == 0 ||
           line.path.find("information_request.wanted") == 0;
}

bool is_in_short(const outline_line& line) {
    return line.path == "notification.incident" || line.path == "notification.summary" ||
           line.path == "notification.happened_at" || line.path == "risk.level";
}

void add_lede(std::string& out, const v1::Notice& n, const delivery_info& d) {
    const auto from = n.sender().empty() ? std::string("a sender who is not named to your desk")
                                         : agency_label(n.sender());
    const auto role = n.content().acting().role();
    out += "<p class=\"lede\">From <strong>" + shown(from) + "</strong>";
    if (!role.empty()) out += " (" + shown(role) + ")";
    out += " to <strong>" + shown(capital(desk_label(n.desk()))) + "</strong>";
    const auto at = d.recorded_at_us != 0 ? d.recorded_at_us : n.decided_at_us();
    if (at != 0) out += ", " + escape(uk_time(from_us(at)));
    out += ".</p>\n<p class=\"lede\">Reference for a telephone call: <strong class=\"ref\">" +
           escape(spoken_reference(n.concern_id())) + "</strong></p>\n";
    if (!n.thread().empty() && n.thread() != n.concern_id())
        out +=
            "<p class=\"lede\">This belongs to an earlier matter, thread <strong class=\"ref\">" +
            escape(spoken_reference(n.thread())) +
            "</strong>. Look in your records for what came before.</p>\n";
}

void add_what_to_do(
    std::string& out,
    const v1::Notice& n,
    const delivery_info& d,
    const std::vector<outline_line>& lines
) {
    out += "<section aria-labelledby=\"do\" class=\"act\">\n<h2 id=\"do\">What to do</h2>\n";
    const auto urgency = n.content().urgency();
    out += "<p class=\"urgency\">" + escape(urgency_sentence(urgency)) + "</p>\n";
    if (n.content().risk().level() == v1::RISK_LEVEL_IMMINENT_DANGER)
        out += "<p class=\"by\">The sender says that somebody is in imminent danger.</p>\n";
    const auto own = text_of(n.kind()).do_this;
    if (!own.empty()) out += "<p>" + escape(own) + "</p>\n";
    asked_of_desk(out, lines);
    if (d.acknowledge_by_us != 0) {
        out += "<p class=\"by\">Read and acknowledge by " +
               escape(uk_deadline(from_us(d.acknowledge_by_us))) + ".</p>\n";
        out += "<p>A named person must do so. That your system has received this notice does not "
               "count as reading it.</p>\n";
    } else {
        out += "<p>No acknowledgement by a set time is asked of your desk.</p>\n";
    }
    out += "<p>If somebody is in danger now, ring 999.</p>\n</section>\n";
}

namespace {

void fact(std::vector<page_row>& out, std::string term, std::vector<std::string> lines) {
    if (!lines.empty()) out.push_back({std::move(term), std::move(lines)});
}

std::string born_text(const v1::Person& p, const v1::Notice& n) {
    if (p.birth().has_expected()) return "expected " + partial_date(p.birth().expected());
    if (!p.birth().has_born()) return {};
    auto out = "born " + partial_date(p.birth().born());
    const auto age = age_on(p.birth().born(), from_us(n.decided_at_us()));
    if (!age.empty() && n.decided_at_us() != 0)
        out += ", " + age + (age == "1" ? " year old" : " years old");
    return out;
}

std::vector<std::string> child_lines(const v1::Person& p, const v1::Notice& n) {
    std::vector<std::string> out = {name_of(p)};
    if (const auto born = born_text(p, n); !born.empty()) out.front() += ", " + born;
    if (!p.education().school_name().empty()) out.push_back(p.education().school_name());
    for (const auto& a : p.addresses()) {
        const bool now = a.use() == v1::Address::USE_HOME ||
                         a.use() == v1::Address::USE_TEMPORARY ||
                         a.use() == v1::Address::USE_PLACEMENT;
        // One that can harm stands once, further down, where it is marked.
        if (!now || a.harm() != v1::Address::HARM_SAFE) continue;
        std::string line;
        for (const auto& part : a.lines()) line += part + ", ";
        line += a.postcode();
        if (!line.empty()) out.push_back(line);
    }
    return out;
}

std::vector<std::string> known_before(const v1::Person& p) {
    std::vector<std::string> out;
    for (const auto& plan : p.case_status().plans()) {
        const auto* kind = v1::CaseStatus::Plan::Kind_descriptor()->FindValueByNumber(plan.kind());
        auto line = kind == nullptr ? std::string("a plan") : std::string(value_label(*kind));
        if (line.empty()) line = "a plan";
        if (plan.has_from()) line += " from " + partial_date(plan.from());
        if (plan.has_until()) line += " until " + partial_date(plan.until());
        out.push_back(capital(line));
    }
    const auto& worker = p.case_status().allocated_worker();
    const auto& contact = p.case_status().worker_contact();
    if (!worker.empty() || !contact.empty())
        out.push_back(
            "Social worker: " + worker + (worker.empty() || contact.empty() ? "" : ", ") + contact
        );
    if (p.missing_episodes_size() > 0)
        out.push_back(
            "Missing before: " + std::to_string(p.missing_episodes_size()) +
            (p.missing_episodes_size() == 1 ? " time" : " times")
        );
    return out;
}

std::string words(const google::protobuf::EnumValueDescriptor* value) {
    return value == nullptr ? std::string{} : std::string(value_label(*value));
}

} // namespace

void add_what_happened(std::string& out, const v1::Notice& n) {
    const auto& c = n.content();
    out += "<section aria-labelledby=\"what\">\n<h2 id=\"what\">What happened, and to whom</h2>\n";
    std::vector<page_row> rows;
    const auto children = children_of(c);
    if (children.empty()) out += "<p>No child is named to your desk.</p>\n";
    for (const auto* p : children) fact(rows, "Child", child_lines(*p, n));
    std::vector<std::string> said;
    const auto incident =
        words(v1::Notification::Incident_descriptor()->FindValueByNumber(c.notification().incident()
        ));
    if (!incident.empty()) said.push_back(capital(incident));
    if (!c.notification().summary().empty()) said.push_back(c.notification().summary());
    if (!c.notification().happened_at().empty())
        said.push_back("When: " + written_time(c.notification().happened_at()));
    fact(rows, "What happened", std::move(said));
    const auto risk = words(v1::RiskLevel_descriptor()->FindValueByNumber(c.risk().level()));
    if (!risk.empty()) fact(rows, "Level of risk, as the sender sees it", {capital(risk)});
    for (const auto& p : c.persons())
        if (p.role() == v1::SUBJECT_ALLEGED_PERPETRATOR)
            fact(rows, "Said to be responsible", {person_title(p)});
    const auto before = rows.size();
    for (const auto* p : children) fact(rows, "Known before: " + name_of(*p), known_before(*p));
    if (rows.size() == before)
        fact(rows, "Known before", {"This notice tells of no earlier involvement."});
    add_rows(out, rows);
    out += "</section>\n";
}

} // namespace cairn::agents

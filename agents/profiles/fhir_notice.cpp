#include "agents/profiles/fhir_notice.hpp"

#include "agents/core/labels.hpp"
#include "agents/core/outline.hpp"
#include "agents/profiles/fhir_codes.hpp"
#include "agents/profiles/fhir_people.hpp"
#include "core/clock.hpp"

#include <fmt/chrono.h>
#include <google/protobuf/descriptor.h>

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;
using fhir::json;

std::string instant(std::int64_t us) {
    return fmt::format(
        "{:%Y-%m-%dT%H:%M:%S}Z", std::chrono::floor<std::chrono::seconds>(from_us(us))
    );
}

std::string_view label_of(const google::protobuf::EnumDescriptor& set, int number) {
    const auto* value = set.FindValueByNumber(number);
    return value == nullptr ? std::string_view{} : value_label(*value);
}

json concern_identifier(std::string_view id) {
    return {{"system", fhir::uri_system}, {"value", fhir::uuid_urn(id)}};
}

json by_name(std::string_view type, std::string_view display) {
    return {{"type", type}, {"display", fhir::text_of(display)}};
}

json string_extension(std::string_view url, std::string_view value) {
    return {{"url", url}, {"valueString", fhir::text_of(value)}};
}

// Free text as it is; everything else with its label.
void add_line(json& payloads, const outline_line& line, const std::string& of) {
    const bool prose = line.path == "notification.narrative" || line.path == "notification.summary";
    auto text = fhir::text_of(
        prose ? line.value : (of.empty() ? "" : of + ": ") + line.label + ": " + line.value
    );
    if (text.is_null()) return;
    const auto path = of.empty() ? line.path : "persons/" + line.path;
    payloads.push_back(
        {{"extension", json::array({string_extension(fhir::path_url, path)})},
         {"contentString", std::move(text)}}
    );
}

// For people as a sentence, for systems as a coded absence.
void add_withheld(json& payloads, const v1::Notice& n, const v1::Withheld& w) {
    if (w.category() == v1::CATEGORY_UNSPECIFIED) return;
    auto said = json::array();
    said.push_back({{"url", "category"}, {"valueCode", v1::Category_Name(w.category())}});
    std::string whom;
    for (const auto& p : n.content().persons()) {
        if (p.ref() != w.person_ref()) continue;
        said.push_back({{"url", "person"}, {"valueReference", fhir::reference_to(n, p)}});
        whom = person_title(p) + ": ";
    }
    const auto add = [&](const char* url, std::string_view value) {
        if (!fhir::text_of(value).is_null()) said.push_back(string_extension(url, value));
    };
    add("ask", w.ask());
    add("challenge", w.challenge_id());
    if (w.partly_shown()) said.push_back({{"url", "partlyShown"}, {"valueBoolean", true}});
    auto extensions = json::array();
    if (!w.partly_shown())
        extensions.push_back({{"url", fhir::absent_url}, {"valueCode", "masked"}});
    extensions.push_back({{"url", fhir::withheld_url}, {"extension", std::move(said)}});
    const auto words = whom + (w.partly_shown() ? "shown in part: " : "not shown: ") +
                       std::string(category_label(w.category())) + ". " + w.sentence();
    payloads.push_back(
        {{"extension", std::move(extensions)}, {"contentString", fhir::text_of(words)}}
    );
}

json payloads_of(const v1::Notice& n) {
    auto out = json::array();
    const auto& c = n.content();
    for (const auto& line : outline_of_concern(c)) add_line(out, line, {});
    for (const auto& p : c.persons())
        for (const auto& line : outline_of_person(p, c)) add_line(out, line, person_title(p));
    for (const auto& w : n.withheld()) add_withheld(out, n, w);
    return out;
}

std::vector<const v1::Person*> children_of(const v1::Notice& n) {
    std::vector<const v1::Person*> out;
    for (const auto& p : n.content().persons())
        if (p.role() == v1::SUBJECT_CHILD) out.push_back(&p);
    return out;
}

std::string communication_url(const v1::Notice& n) {
    return fhir::entry_url(n, "communication");
}

// Whom it is about: the child, where there is one; the others besides.
void put_subjects(json& r, const v1::Notice& n) {
    const auto children = children_of(n);
    if (children.size() == 1) r["subject"] = fhir::reference_to(n, *children.front());
}

void put_about(json& r, const v1::Notice& n) {
    const auto children = children_of(n);
    auto about = json::array();
    for (const auto& p : n.content().persons())
        if (children.size() != 1 || &p != children.front())
            about.push_back(fhir::reference_to(n, p));
    if (!about.empty()) r["about"] = std::move(about);
}

fhir::entry communication_of(const v1::Notice& n) {
    const auto& c = n.content();
    json r;
    r["resourceType"] = "Communication";
    r["identifier"] = json::array({concern_identifier(n.concern_id())});
    if (!c.in_reply_to().empty())
        r["inResponseTo"] = json::array(
            {{{"type", "Communication"}, {"identifier", concern_identifier(c.in_reply_to())}}}
        );
    r["status"] = "completed";
    r["category"] = json::array({fhir::concept_of(
        std::string(fhir::own) + "ConcernKind",
        v1::ConcernKind_Name(n.kind()),
        label_of(*v1::ConcernKind_descriptor(), n.kind())
    )});
    const auto priority = fhir::word_of(fhir::priorities(), c.urgency());
    if (!priority.empty()) r["priority"] = priority;
    put_subjects(r, n);
    const auto incident = c.notification().incident();
    if (incident != v1::Notification::INCIDENT_UNSPECIFIED)
        r["topic"] = fhir::concept_of(
            std::string(fhir::own) + "Notification.Incident",
            v1::Notification::Incident_Name(incident),
            label_of(*v1::Notification::Incident_descriptor(), incident)
        );
    put_about(r, n);
    r["sent"] = instant(n.decided_at_us());
    r["recipient"] = json::array({by_name("Organization", n.desk())});
    if (!n.sender().empty()) r["sender"] = by_name("Organization", n.sender());
    if (auto payloads = payloads_of(n); !payloads.empty()) r["payload"] = std::move(payloads);
    return {communication_url(n), std::move(r)};
}

// That there is a concern about the child, or the plan that there is.
void add_flags(std::vector<fhir::entry>& to, const v1::Notice& n) {
    const bool flags =
        n.kind() == v1::CONCERN_KIND_NOTIFICATION || n.kind() == v1::CONCERN_KIND_STATUS;
    if (!flags) return;
    for (const auto* child : children_of(n)) {
        json r;
        r["resourceType"] = "Flag";
        auto details = json::array();
        for (int i = 0; i < child->case_status().plans_size(); ++i) {
            const auto what = "plan/" + child->ref() + "/" + std::to_string(i);
            details.push_back(
                {{"url", fhir::flag_detail_url},
                 {"valueReference", {{"reference", fhir::entry_url(n, what)}}}}
            );
        }
        if (!details.empty()) r["extension"] = std::move(details);
        r["status"] = "active";
        r["code"] = fhir::concept_of(
            std::string(fhir::own) + "ConcernKind",
            v1::ConcernKind_Name(n.kind()),
            "Safeguarding: " + std::string(label_of(*v1::ConcernKind_descriptor(), n.kind()))
        );
        r["subject"] = fhir::reference_to(n, *child);
        to.push_back({fhir::entry_url(n, "flag/" + child->ref()), std::move(r)});
    }
}

struct owed {
    std::string_view code;
    std::string_view words;
    std::string_view detail{};
    std::int64_t by_us = 0;
};

json task(const v1::Notice& n, const delivery_info& d, const owed& what) {
    json r;
    r["resourceType"] = "Task";
    // The thread: an answer needs it.
    if (!fhir::uuid_urn(n.thread()).empty()) r["groupIdentifier"] = concern_identifier(n.thread());
    r["status"] = "requested";
    r["intent"] = "order";
    r["code"] = fhir::concept_of(std::string(fhir::own) + "Task", what.code, what.words);
    if (auto detail = fhir::text_of(what.detail); !detail.is_null())
        r["description"] = std::move(detail);
    r["focus"] = {
        {"reference", communication_url(n)}, {"identifier", concern_identifier(n.concern_id())}};
    const auto children = children_of(n);
    if (children.size() == 1) r["for"] = fhir::reference_to(n, *children.front());
    if (d.recorded_at_us != 0) r["authoredOn"] = instant(d.recorded_at_us);
    if (!n.sender().empty()) r["requester"] = by_name("Organization", n.sender());
    r["owner"] = by_name("Organization", n.desk());
    if (what.by_us != 0) r["restriction"] = {{"period", {{"end", instant(what.by_us)}}}};
    return r;
}

void add_tasks(std::vector<fhir::entry>& to, const v1::Notice& n, const delivery_info& d) {
    if (d.acknowledge_by_us != 0) {
        const owed what{"acknowledge", "Read and acknowledge", {}, d.acknowledge_by_us};
        to.push_back({fhir::entry_url(n, "task/acknowledge"), task(n, d, what)});
    }
    int i = 0;
    for (const auto& asked : n.content().notification().requested()) {
        const auto& code = v1::RequestedAction::Kind_Name(asked.kind());
        const auto words = label_of(*v1::RequestedAction::Kind_descriptor(), asked.kind());
        to.push_back(
            {fhir::entry_url(n, "task/" + std::to_string(i++)),
             task(n, d, {code, words, asked.detail()})}
        );
    }
}

} // namespace

std::string notice_as_fhir(const v1::Notice& n, const delivery_info& d) {
    std::vector<fhir::entry> entries{communication_of(n)};
    for (auto& e : fhir::people_of(n)) entries.push_back(std::move(e));
    add_flags(entries, n);
    for (auto& e : fhir::plans_of(n)) entries.push_back(std::move(e));
    add_tasks(entries, n, d);
    json bundle;
    bundle["resourceType"] = "Bundle";
    bundle["identifier"] = concern_identifier(n.concern_id());
    bundle["type"] = "collection";
    bundle["timestamp"] = instant(n.decided_at_us());
    auto& list = bundle["entry"] = json::array();
    for (auto& e : entries)
        list.push_back({{"fullUrl", e.full_url}, {"resource", std::move(e.resource)}});
    // Replace: what is not UTF-8 was refused long before; a document is better than none.
    return bundle.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace cairn::agents::profiles

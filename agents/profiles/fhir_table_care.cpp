// Flag, CarePlan, CareTeam and Communication, and what every type has.
#include "agents/profiles/fhir_table.hpp"
#include "agents/profiles/fhir_values.hpp"

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;
using formats::leaf;
using target = fhir_target;

constexpr std::string_view cpis_code = "child-protection-information-system-flag";
constexpr std::string_view cpis_name = "Child Protection - Information Sharing (CP-IS)";
constexpr std::string_view incident_system = "urn:x-cairn:v1:Notification.Incident";
constexpr std::string_view status_codes = "whether it holds: what does not is left out whole";
constexpr std::string_view display_again = "said again: the words of a reference";

leaf_outcome put_subject_name(target& to, const leaf& l) {
    if (to.to.called.empty()) to.to.called = l.value;
    return {true, "a name in one piece, carried as the family name where there is no other"};
}

// Any other reference: to what belongs to the same patient it was followed before.
leaf_outcome put_reference(target& to, const leaf& l) {
    if (to.graph.closes_circle(to.resource.ordinal, l.value))
        return {false, "a circle of references: not followed again"};
    if (l.value[0] == '#' || to.graph.known(to.resource.ordinal, l.value)) return fhir_taken;
    return {false, "refers to nothing in the file"};
}

// --- Flag

bool has_value(const target& to, std::string_view value) {
    for (const auto& l : to.resource.leaves)
        if (l.value == value && to.resource.holds(l)) return true;
    return false;
}

bool is_cpis(const target& to) {
    return has_value(to, cpis_code);
}

// Of a notice written as FHIR: says only that there is one.
bool is_ours(const target& to) {
    return has_value(to, "urn:x-cairn:v1:ConcernKind");
}

v1::Assertion& assertion(target& to) {
    auto& list = *to.to.concern.mutable_assertions();
    const auto [it, fresh] = to.groups.emplace("assertion", list.size());
    if (!fresh) return *list.Mutable(it->second);
    auto& made = *list.Add();
    made.set_ref("flag-" + std::to_string(list.size()));
    made.set_about(child_of(to).ref());
    return made;
}

leaf_outcome put_flag_code(target& to, const leaf& l) {
    if (l.value == cpis_code) {
        to.to.cpis_flag = true;
        // Where something is told besides, the plan says it.
        if (to.to.concern.has_status())
            to.to.concern.mutable_status()->set_source_system(std::string(cpis_name));
        return fhir_taken;
    }
    return {true, "carried by its words"};
}

leaf_outcome put_flag_words(target& to, const leaf& l) {
    if (is_cpis(to)) return {true, "carried by its code"};
    if (is_ours(to)) return {true, "says that there is a concern: so does this one"};
    return add_text(*assertion(to).mutable_text(), l.value);
}

leaf_outcome put_flag_start(target& to, const leaf& l) {
    if (is_cpis(to)) return put_fhir_date(to.to.flag_from, l);
    return put_fhir_date(*assertion(to).mutable_observed_on(), l);
}

leaf_outcome put_flag_end(target& to, const leaf& l) {
    if (is_cpis(to)) return put_fhir_date(to.to.flag_until, l);
    const auto date = read_fhir_date(l.value);
    if (!date) return fhir_not_a_date;
    return add_text(*assertion(to).mutable_text(), "until " + fhir::fhir_date(*date));
}

leaf_outcome put_recorded(target& to, const leaf& l) {
    auto& concern = to.to.concern;
    if (!concern.has_status())
        return {true, "not carried: something happened, and that has its time"};
    return put_fhir_date(*concern.mutable_status()->mutable_as_of(), l);
}

// --- CarePlan

v1::CaseStatus::Plan& plan(target& to) {
    auto& list = *status_of(to).mutable_plans();
    const auto [it, fresh] = to.groups.emplace("plan", list.size());
    return fresh ? *list.Add() : *list.Mutable(it->second);
}

leaf_outcome put_plan_kind(target& to, const leaf& l) {
    auto kind = fhir::value_of(fhir::plans(), l.value);
    v1::CaseStatus::Plan::Kind own{};
    if (!kind && v1::CaseStatus::Plan::Kind_Parse(l.value, &own)) kind = own;
    if (!kind) return {false, "not a plan of safeguarding"};
    if (plan(to).kind() != v1::CaseStatus::Plan::KIND_UNSPECIFIED) return fhir_second;
    plan(to).set_kind(*kind);
    return fhir_taken;
}

leaf_outcome put_plan_start(target& to, const leaf& l) {
    return put_fhir_date(*plan(to).mutable_from(), l);
}

leaf_outcome put_plan_end(target& to, const leaf& l) {
    return put_fhir_date(*plan(to).mutable_until(), l);
}

leaf_outcome put_plan_status(target& to, const leaf& l) {
    const bool ended = l.value == "revoked" || l.value == "completed";
    if (!ended || plan(to).has_until()) return fhir_taken;
    return {true, "ended; since when, only an end of its period would say"};
}

leaf_outcome put_team_name(target& to, const leaf& l) {
    if (!status_of(to).local_authority().empty()) return {true, display_again};
    status_of(to).set_local_authority(l.value);
    return fhir_taken;
}

// --- CareTeam

leaf_outcome put_authority(target& to, const leaf& l) {
    status_of(to).set_local_authority(l.value);
    return fhir_taken;
}

leaf_outcome put_worker_contact(target& to, const leaf& l) {
    return add_text(*status_of(to).mutable_worker_contact(), l.value);
}

leaf_outcome put_contact_kind(target&, const leaf& l) {
    if (l.value == "phone" || l.value == "email" || l.value == "other") return fhir_taken;
    return {true, "carried without saying what it is"};
}

leaf_outcome put_contact_use(target& to, const leaf& l) {
    const auto number = sibling(to, l, "value");
    auto& all = *status_of(to).mutable_worker_contact();
    // Behind its number, in whatever order the two come.
    const auto at = number.empty() ? std::string::npos : all.rfind(number);
    if (at == std::string::npos) return {true, "not carried: no number came before it"};
    all.insert(at + number.size(), " (" + l.value + ")");
    return fhir_taken;
}

v1::CaseStatus::InvolvedAgency& member(target& to, const leaf& l) {
    return element_of(to, l, *status_of(to).mutable_agencies_involved());
}

leaf_outcome put_member(target& to, const leaf& l) {
    return add_text(*member(to, l).mutable_worker(), l.value);
}

leaf_outcome put_member_agency(target& to, const leaf& l) {
    return add_text(*member(to, l).mutable_name(), l.value);
}

// --- Communication

v1::Notification& notification(target& to) {
    return *to.to.concern.mutable_notification();
}

leaf_outcome put_priority(target& to, const leaf& l) {
    const auto urgency = fhir::value_of(fhir::priorities(), l.value);
    if (!urgency) return fhir_not_a_code;
    if (to.to.concern.urgency() < *urgency) to.to.concern.set_urgency(*urgency);
    return fhir_taken;
}

leaf_outcome put_incident(target& to, const leaf& l) {
    v1::Notification::Incident incident{};
    if (!v1::Notification::Incident_Parse(l.value, &incident))
        return {false, "not a code of the set; its words are carried"};
    notification(to).set_incident(incident);
    return fhir_taken;
}

leaf_outcome put_summary(target& to, const leaf& l) {
    const bool coded = to.resource.element(l) == "topic/text" && has_value(to, incident_system);
    if (coded) return {true, "carried by its code"};
    return add_text(*notification(to).mutable_summary(), l.value);
}

leaf_outcome put_sent(target& to, const leaf& l) {
    const auto date = read_fhir_date(l.value);
    if (!date) return fhir_not_a_date;
    if (date->day() == 0) return {false, "not a whole date"};
    auto& at = *notification(to).mutable_happened_at();
    if (!at.empty()) return fhir_second;
    // A moment with its offset, or the day.
    const bool moment = l.value.find('T') != std::string::npos && l.value.size() > 19;
    at = moment ? l.value : fhir::fhir_date(*date);
    return {true, "when it was sent, not when it happened"};
}

// Of what we wrote, a payload is a line in words of what stands in the document otherwise.
leaf_outcome put_payload(target& to, const leaf& l) {
    std::string_view path;
    const auto key = element_key(to, l);
    for (const auto& other : to.resource.leaves) {
        const bool here = to.resource.holds(other) && element_key(to, other) == key;
        if (!here) continue;
        if (to.resource.element(other) == "payload/extension/valueString") path = other.value;
        if (other.value == fhir::withheld_url)
            return {true, "says what was withheld: nothing to pass on"};
    }
    if (path == "notification.summary") return put_summary(to, l);
    if (!path.empty() && path != "notification.narrative")
        return {true, "a line in words of what the document says otherwise"};
    return add_text(*notification(to).mutable_narrative(), l.value, "\n\n");
}

leaf_outcome put_narrative(target& to, const leaf& l) {
    return add_text(*notification(to).mutable_narrative(), l.value, "\n\n");
}

#define CAIRN_SUBJECT                                                                              \
    {"subject/reference", put_patient, "whom it is about"},                                        \
        {"subject/display", put_subject_name, "persons.names.family, where no name is given"},     \
        {"subject/identifier/system", put_patient_system, "persons.identifiers.scheme"},           \
        {"subject/identifier/value", put_patient_number, "persons.identifiers.value"}, {           \
        "subject/type", nullptr, "the kind of what is referred to"                                 \
    }

// clang-format off
constexpr row<target> flag_rows[] = {
    {"status", nullptr, status_codes},
    {"code/coding/code", put_flag_code, "status.source_system, of CP-IS"},
    {"code/coding/display", put_flag_words, "assertions.text, but of CP-IS"},
    {"code/text", put_flag_words, "assertions.text, but of CP-IS"},
    {"code/coding/system", nullptr, "names the set of a code"},
    CAIRN_SUBJECT,
    {"period/start", put_flag_start, "persons.case_status.plans.from, of CP-IS; else assertions"},
    {"period/end", put_flag_end, "persons.case_status.plans.until, of CP-IS; else assertions"},
    {"extension/url", nullptr, "names what is beside it"},
    {"extension/valueReference/reference", put_reference, "the plan the flag is about"},
    {"extension/valueReference/display", nullptr, display_again},
    {"author/*", nullptr, "who set the flag stays with the sender"},
    {"contained/Provenance/recorded", put_recorded, "status.as_of"},
};

constexpr row<target> plan_rows[] = {
    {"status", put_plan_status, "whether the plan holds"},
    {"intent", nullptr, "says that it is a plan"},
    {"category/coding/code", put_plan_kind, "persons.case_status.plans.kind"},
    {"category/*", nullptr, "the words of a code"},
    CAIRN_SUBJECT,
    {"period/start", put_plan_start, "persons.case_status.plans.from"},
    {"period/end", put_plan_end, "persons.case_status.plans.until"},
    {"careTeam/reference", put_reference, "the authority that answers for the plan"},
    {"careTeam/display", put_team_name, "persons.case_status.local_authority, without a team"},
};

constexpr row<target> team_rows[] = {
    {"status", nullptr, status_codes},
    CAIRN_SUBJECT,
    {"name", put_authority, "persons.case_status.local_authority"},
    {"telecom/system", put_contact_kind, "persons.case_status.worker_contact"},
    {"telecom/value", put_worker_contact, "persons.case_status.worker_contact"},
    {"telecom/use", put_contact_use, "persons.case_status.worker_contact"},
    {"participant/member/display", put_member, "persons.case_status.agencies_involved.worker"},
    {"participant/onBehalfOf/display", put_member_agency,
     "persons.case_status.agencies_involved.name"},
    {"participant/member/reference", put_reference, "a team within the team"},
};

constexpr row<target> communication_rows[] = {
    {"status", nullptr, status_codes},
    {"identifier/*", nullptr, "the sending system's own number for it"},
    {"category/*", nullptr, "that it tells something of safeguarding is why it was dropped"},
    {"priority", put_priority, "urgency"},
    CAIRN_SUBJECT,
    {"topic/coding/code", put_incident, "notification.incident"},
    {"topic/coding/display", nullptr, "the words of a code"},
    {"topic/coding/system", nullptr, "names the set of a code"},
    {"topic/text", put_summary, "notification.summary"},
    {"reasonCode/text", put_summary, "notification.summary"},
    {"reasonCode/coding/display", put_summary, "notification.summary"},
    {"reasonCode/coding/*", nullptr, "carried by its words"},
    {"about/reference", put_reference, "what it is about besides"},
    {"about/display", nullptr, display_again},
    {"partOf/reference", put_reference, "what it belongs to"},
    {"basedOn/reference", put_reference, "what it follows"},
    {"inResponseTo/reference", put_reference, "what it answers"},
    {"sent", put_sent, "notification.happened_at"},
    {"recipient/*", nullptr, "the desks of the concern say who gets it"},
    {"sender/*", nullptr, "the certificate and the acting person say who sends it"},
    {"payload/contentString", put_payload, "notification.narrative"},
    {"payload/extension/*", nullptr, "names the line of a notice that the payload is"},
    {"note/text", put_narrative, "notification.narrative"},
};

constexpr row<target> common_rows[] = {
    {"id", nullptr, "the sending system's own number for the record"},
    {"meta/*", nullptr, "versions and profiles of the record"},
    {"language", nullptr, "of the record"},
    {"text/*", nullptr, "the elements again, as a page for people"},
    {"contained/Provenance/*", nullptr, "who recorded it stays with the sender"},
};
// clang-format on

} // namespace

std::span<const row<fhir_target>> fhir_flag_rows() {
    return flag_rows;
}

std::span<const row<fhir_target>> fhir_plan_rows() {
    return plan_rows;
}

std::span<const row<fhir_target>> fhir_team_rows() {
    return team_rows;
}

std::span<const row<fhir_target>> fhir_communication_rows() {
    return communication_rows;
}

std::span<const row<fhir_target>> fhir_common_rows() {
    return common_rows;
}

} // namespace cairn::agents::profiles

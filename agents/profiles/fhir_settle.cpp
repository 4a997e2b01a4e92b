// Which table a type has, and what needs all resources of a patient.
#include "agents/profiles/fhir_table.hpp"

#include "agents/profiles/dirty_values.hpp"
#include "agents/profiles/fhir_codes.hpp"

#include <algorithm>
#include <charconv>

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;

struct type_rows {
    std::string_view type;
    std::span<const row<fhir_target>> (*rows)();
};

constexpr type_rows tables[] = {
    {"Patient", fhir_patient_rows},
    {"RelatedPerson", fhir_related_rows},
    {"Flag", fhir_flag_rows},
    {"CarePlan", fhir_plan_rows},
    {"CareTeam", fhir_team_rows},
    {"Communication", fhir_communication_rows},
};

void protect(v1::Person& p) {
    for (auto& a : *p.mutable_addresses()) a.set_harm(v1::Address::HARM_PROTECTED);
    for (auto& c : *p.mutable_contacts()) c.set_harm(v1::Address::HARM_PROTECTED);
    // That there is one, and that it endangers, is known although it is not.
    if (p.addresses().empty()) p.add_addresses()->set_harm(v1::Address::HARM_PROTECTED);
}

void say_safe(v1::Person& p) {
    for (auto& a : *p.mutable_addresses()) a.set_harm(v1::Address::HARM_SAFE);
    for (auto& c : *p.mutable_contacts()) c.set_harm(v1::Address::HARM_SAFE);
}

// "Baby of" may be in one part or over two.
bool stands_for_none(const v1::PersonName& n) {
    return is_placeholder_name(n.family()) || is_placeholder_name(n.given()) ||
           is_placeholder_name(n.given() + " " + n.family());
}

void settle_flag(fhir_concern& c) {
    if (!c.cpis_flag || c.flag_from.year() == 0) return;
    auto& plans = *c.concern.mutable_persons(0)->mutable_case_status()->mutable_plans();
    auto& plan = plans.empty() ? *plans.Add() : *plans.Mutable(0);
    if (!plan.has_from()) *plan.mutable_from() = c.flag_from;
    if (!plan.has_until() && c.flag_until.year() != 0) *plan.mutable_until() = c.flag_until;
}

// A number comes with the Patient and with whatever refers to him by it.
void settle_numbers(v1::Person& p) {
    google::protobuf::RepeatedPtrField<v1::Identifier> kept;
    for (const auto& id : p.identifiers()) {
        const auto same = std::find_if(kept.begin(), kept.end(), [&](const auto& k) {
            return k.scheme() == id.scheme() && k.value() == id.value();
        });
        if (same == kept.end())
            *kept.Add() = id;
        else if (!same->has_valid_from() && !same->has_valid_until())
            *same = id;
    }
    p.mutable_identifiers()->Swap(&kept);
}

// CP-IS keeps the plan of an unborn child at the mother's record.
bool settle_unborn(v1::Concern& c) {
    const auto unborn = [](const auto& plan) {
        return plan.kind() == v1::CaseStatus::Plan::KIND_UNBORN;
    };
    const auto& plans = c.persons(0).case_status().plans();
    if (std::none_of(plans.begin(), plans.end(), unborn)) return false;
    auto& child = *c.add_persons();
    auto& mother = *c.mutable_persons(0);
    child.set_ref("unborn-1");
    child.set_role(v1::SUBJECT_CHILD);
    child.set_sex(v1::SEX_UNBORN);
    *child.mutable_case_status() = mother.case_status();
    mother.clear_case_status();
    mother.set_role(v1::SUBJECT_CARER);
    auto& relation = *mother.add_relations();
    relation.set_to_ref(child.ref());
    relation.set_kind(v1::Relation::KIND_PARENT);
    return true;
}

bool is_of_age(const v1::PartialDate& born, std::string_view today) {
    constexpr unsigned years = 18;
    unsigned year = 0;
    std::from_chars(today.data(), today.data() + std::min<std::size_t>(4, today.size()), year);
    if (born.year() == 0 || year < years) return false;
    auto birthday = born;
    birthday.set_year(born.year() + years);
    // Not known to the day: of age when that is sure.
    if (born.month() == 0) return born.year() + years < year;
    if (born.day() == 0) return fhir::fhir_date(birthday) < today.substr(0, 7);
    return fhir::fhir_date(birthday) <= today;
}

// Nobody's child: an adult who may pose a risk, and no child is named yet.
void settle_adult(v1::Concern& c) {
    c.mutable_persons(0)->set_role(v1::SUBJECT_THIRD_PARTY);
    auto& n = *c.mutable_notification();
    n.set_incident(v1::Notification::INCIDENT_ADULT_RISK);
    if (n.summary().empty())
        n.set_summary("A record of an adult tells of a risk; the file names no child.");
}

} // namespace

std::span<const row<fhir_target>> fhir_rows(std::string_view type) {
    for (const auto& t : tables)
        if (t.type == type) return t.rows();
    return {};
}

std::vector<std::string_view> fhir_types() {
    std::vector<std::string_view> out;
    for (const auto& t : tables) out.push_back(t.type);
    return out;
}

void settle_fhir(fhir_concern& c, std::string_view today) {
    auto& concern = c.concern;
    settle_flag(c);
    auto& subject = *concern.mutable_persons(0);
    settle_numbers(subject);
    if (subject.names().empty() && !c.called.empty()) subject.add_names()->set_family(c.called);
    for (auto& p : *concern.mutable_persons())
        for (auto& n : *p.mutable_names())
            if (stands_for_none(n)) n.set_use(v1::PersonName::USE_PLACEHOLDER);
    for (const int i : c.unrestricted) say_safe(*concern.mutable_persons(i));
    // Last: one mark of danger counts before any other.
    for (const int i : c.restricted) protect(*concern.mutable_persons(i));
    for (auto& p : *concern.mutable_persons()) {
        if (fhir::fhir_date(p.birth().born()) <= today) continue;
        *p.mutable_birth()->mutable_expected() = p.birth().born();
        p.mutable_birth()->clear_born();
    }
    for (auto& p : *concern.mutable_persons())
        if (p.birth().has_expected() && !p.birth().has_born()) p.set_sex(v1::SEX_UNBORN);
    if (!settle_unborn(concern) && is_of_age(concern.persons(0).birth().born(), today))
        settle_adult(concern);
    const bool open = concern.has_notification() &&
                      concern.notification().incident() == v1::Notification::INCIDENT_UNSPECIFIED;
    if (open) concern.mutable_notification()->set_incident(v1::Notification::INCIDENT_OTHER);
}

} // namespace cairn::agents::profiles

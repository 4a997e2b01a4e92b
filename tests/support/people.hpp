// Synthetic people and concerns for tests. Nobody here exists: numbers are of the test ranges,
// telephones of the ranges Ofcom reserves for drama.
#pragma once

#include "cairn/v1/concern.pb.h"

#include <google/protobuf/message.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace cairn::test {

namespace v1 = ::cairn::v1;

inline constexpr std::string_view protected_line = "14 Quillfeather Row";
inline constexpr std::string_view protected_postcode = "ZZ9 4QF";

// A child with most of what a real referral holds; `ref` "child-<n>".
inline v1::Person child(int n) {
    v1::Person p;
    p.set_ref("child-" + std::to_string(n));
    p.set_role(v1::SUBJECT_CHILD);
    v1::PersonName& name = *p.add_names();
    name.set_use(v1::PersonName::USE_USUAL);
    name.set_given("Tamsin" + std::to_string(n));
    name.set_family("Oakley" + std::to_string(n));
    p.mutable_birth()->mutable_born()->set_year(2017);
    p.mutable_birth()->mutable_born()->set_month(3);
    p.mutable_birth()->mutable_born()->set_day(9);
    p.set_sex(v1::SEX_FEMALE);
    v1::Identifier& id = *p.add_identifiers();
    id.set_scheme(v1::Identifier::SCHEME_NHS_NUMBER);
    id.set_value("9000000009");
    p.mutable_education()->set_school_code("100042");
    p.mutable_education()->set_school_name("Oakfield Primary");
    p.mutable_education()->set_year_group("4");
    p.mutable_voice()->set_seen(v1::Relation::ANSWER_YES);
    p.mutable_voice()->set_summary("Says home is loud at night");
    p.mutable_voice()->set_own_words("I hide under the bed when he shouts");
    return p;
}

inline v1::Address& add_protected_address(v1::Person& p) {
    v1::Address& a = *p.add_addresses();
    a.set_harm(v1::Address::HARM_PROTECTED);
    a.set_use(v1::Address::USE_TEMPORARY);
    a.add_lines(std::string{protected_line});
    a.add_lines("Brindleford");
    a.set_postcode(std::string{protected_postcode});
    return a;
}

inline v1::Address& add_safe_address(v1::Person& p) {
    v1::Address& a = *p.add_addresses();
    a.set_harm(v1::Address::HARM_SAFE);
    a.set_use(v1::Address::USE_HOME);
    a.add_lines("3 Larkspur Way");
    a.set_postcode("NN4 6AB");
    return a;
}

// A school's notification under section 47 with at least 40 populated leaf fields: a child, a
// carer, a man accused, a neighbour who asked not to be named.
inline v1::Concern school_concern() {
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_S47);
    c.add_bases(v1::LAWFUL_BASIS_6C);
    c.add_bases(v1::LAWFUL_BASIS_S1P18);
    c.set_urgency(v1::URGENCY_SAME_DAY);
    c.add_desks("northshire-council/front_door");
    c.mutable_acting()->set_role("designated safeguarding lead");
    c.mutable_acting()->set_staff_id("oak-7731");
    c.mutable_acting()->set_authenticated_by("entra-mfa");
    c.mutable_family_informed()->set_answer(v1::FamilyInformed::ANSWER_NO_UNSAFE);

    v1::Person& girl = *c.add_persons() = child(1);
    add_safe_address(girl);
    add_protected_address(girl);
    v1::Health::Injury& injury = *girl.mutable_health()->add_injuries();
    injury.set_site("left forearm");
    injury.set_description("bruise in the shape of fingers");
    injury.set_watch_for("new bruises, flinching");
    v1::SensitiveService& service = *girl.add_sensitive_services();
    service.set_kind(v1::SensitiveService::KIND_SUBSTANCE_TREATMENT);
    service.set_bar(v1::SensitiveService::BAR_NONE);
    service.set_detail("young person's clinic, two visits");
    v1::Relation& lives = *girl.add_relations();
    lives.set_to_ref("man-1");
    lives.set_kind(v1::Relation::KIND_PARTNER_OF_PARENT);
    lives.set_may_collect(v1::Relation::ANSWER_NO);
    v1::Relation& next_door = *girl.add_relations();
    next_door.set_to_ref("referrer-1");
    next_door.set_kind(v1::Relation::KIND_NEIGHBOUR);

    v1::Person& mother = *c.add_persons();
    mother.set_ref("carer-1");
    mother.set_role(v1::SUBJECT_CARER);
    mother.add_names()->set_given("Petra");
    mother.mutable_names(0)->set_family("Oakley1");
    v1::Health::Mental& mental = *mother.mutable_health()->add_mental();
    mental.set_condition("depressive episode");
    mental.set_effect("tired in the mornings, needs reminding");

    v1::Person& man = *c.add_persons();
    man.set_ref("man-1");
    man.set_role(v1::SUBJECT_ALLEGED_PERPETRATOR);
    man.add_names()->set_given("Gareth");
    man.mutable_names(0)->set_family("Stonewell");
    v1::Conviction& conviction = *man.add_convictions();
    conviction.set_offence("assault occasioning actual bodily harm");
    conviction.set_offence_class(v1::Conviction::OFFENCE_CLASS_VIOLENCE);
    conviction.set_disposal(v1::Conviction::DISPOSAL_CONVICTED);
    conviction.mutable_on()->set_year(2019);
    conviction.mutable_on()->set_month(5);
    conviction.set_risk_statement("not to collect the child");

    v1::Person& neighbour = *c.add_persons();
    neighbour.set_ref("referrer-1");
    neighbour.set_role(v1::SUBJECT_REFERRER);
    neighbour.set_wishes_anonymity(true);
    neighbour.add_names()->set_given("Idris");
    neighbour.mutable_names(0)->set_family("Vellacott");
    v1::ContactPoint& phone = *neighbour.add_contacts();
    phone.set_harm(v1::Address::HARM_SAFE);
    phone.set_system(v1::ContactPoint::SYSTEM_PHONE);
    phone.set_value("01632 960123");

    v1::Assertion& heard = *c.add_assertions();
    heard.set_ref("a-1");
    heard.set_about("man-1");
    heard.set_kind(v1::Assertion::KIND_HEARSAY);
    heard.set_source("the neighbour");
    heard.set_text("Shouting most nights since June");
    heard.mutable_allegation()->set_accused("man-1");
    heard.mutable_allegation()->set_what("grabbed the child by the arm");
    v1::Assertion& known = *c.add_assertions();
    known.set_ref("a-2");
    known.set_about("man-1");
    known.set_kind(v1::Assertion::KIND_INTELLIGENCE);
    known.mutable_intelligence()->set_grading("B2");
    known.mutable_intelligence()->set_content("seen with known dealers");

    c.mutable_risk()->set_level(v1::RISK_LEVEL_SIGNIFICANT_HARM);
    c.mutable_risk()->add_factors(v1::ASSESSMENT_FACTOR_3A);
    c.mutable_risk()->add_factors(v1::ASSESSMENT_FACTOR_2A);
    c.mutable_risk()->add_actions("strategy discussion today");
    v1::Notification& n = *c.mutable_notification();
    n.set_incident(v1::Notification::INCIDENT_INJURY);
    n.set_happened_at("2026-11-21T15:10:00Z");
    n.set_child_present(v1::Relation::ANSWER_YES);
    n.set_summary("Bruise seen at school; child afraid to go home");
    n.set_narrative("Tamsin1 told her teacher that Gareth held her arm.");
    n.set_source(v1::REFERRAL_SOURCE_2A);
    return c;
}

// Nothing about anybody but one child: the front door may see all of it.
inline v1::Concern plain_concern() {
    v1::Concern c = school_concern();
    while (c.persons_size() > 1) c.mutable_persons()->RemoveLast();
    v1::Person& child = *c.mutable_persons(0);
    child.clear_relations();
    child.clear_addresses();
    child.clear_sensitive_services();
    c.clear_assertions();
    return c;
}

// Fills any message of the schema at random: every field of every type turns up.
class random_filler {
public:
    explicit random_filler(std::uint64_t seed) : engine_(seed) {}

    v1::Concern concern() {
        v1::Concern c;
        fill(c, 0);
        tidy(c);
        return c;
    }

    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(engine_() % n); }
    bool chance(std::uint32_t percent) { return below(100) < percent; }

private:
    std::string word() {
        static constexpr std::string_view words[] = {
            "amber",
            "brook",
            "cedar",
            "delta",
            "ember",
            "fern",
            "grove",
            "heath",
            "isle",
            "juniper"};
        return std::string{words[below(10)]} + std::to_string(below(100000));
    }

    void fill(google::protobuf::Message& m, int depth) {
        const google::protobuf::Descriptor& type = *m.GetDescriptor();
        for (int i = 0; i < type.field_count(); ++i) {
            const google::protobuf::FieldDescriptor* f = type.field(i);
            if (!chance(depth == 0 ? 70 : 55)) continue;
            const std::uint32_t times = f->is_repeated() ? 1 + below(3) : 1;
            for (std::uint32_t n = 0; n < times; ++n) value(m, f, depth);
        }
    }

    void
    value(google::protobuf::Message& m, const google::protobuf::FieldDescriptor* f, int depth) {
        using field = google::protobuf::FieldDescriptor;
        const google::protobuf::Reflection& r = *m.GetReflection();
        const bool many = f->is_repeated();
        switch (f->cpp_type()) {
        case field::CPPTYPE_STRING:
            many ? r.AddString(&m, f, word()) : r.SetString(&m, f, word());
            break;
        case field::CPPTYPE_BOOL:
            many ? r.AddBool(&m, f, true) : r.SetBool(&m, f, true);
            break;
        case field::CPPTYPE_UINT32: {
            const std::uint32_t v = 1 + below(12);
            many ? r.AddUInt32(&m, f, v) : r.SetUInt32(&m, f, v);
            break;
        }
        case field::CPPTYPE_ENUM: {
            const int n = f->enum_type()->value_count();
            const int v = f->enum_type()
                              ->value(static_cast<int>(below(static_cast<std::uint32_t>(n))))
                              ->number();
            many ? r.AddEnumValue(&m, f, v) : r.SetEnumValue(&m, f, v);
            break;
        }
        case field::CPPTYPE_MESSAGE:
            fill(many ? *r.AddMessage(&m, f) : *r.MutableMessage(&m, f), depth + 1);
            break;
        default:
            break;
        }
    }

    std::string some_ref(const v1::Concern& c) {
        if (c.persons_size() == 0 || chance(15)) return {};
        return c.persons(static_cast<int>(below(static_cast<std::uint32_t>(c.persons_size()))))
            .ref();
    }

    // What intake asks for: refs that are unique and point somewhere, roles that are roles.
    void tidy(v1::Concern& c) {
        int n = 0;
        for (v1::Person& p : *c.mutable_persons()) {
            p.set_ref("p-" + std::to_string(++n));
            p.set_role(static_cast<v1::Subject>(1 + below(7)));
        }
        for (v1::Person& p : *c.mutable_persons()) {
            for (v1::Relation& rel : *p.mutable_relations()) rel.set_to_ref(some_ref(c));
            for (auto& m : *p.mutable_household()->mutable_members()) m.set_ref(some_ref(c));
        }
        n = 0;
        for (v1::Assertion& a : *c.mutable_assertions()) {
            a.set_ref("a-" + std::to_string(++n));
            a.set_about(some_ref(c));
            for (std::string& to : *a.mutable_corroborates()) to = "a-1";
            if (a.has_allegation()) a.mutable_allegation()->set_accused(some_ref(c));
        }
        for (v1::Detriment& d : *c.mutable_detriments()) d.set_person_ref(some_ref(c));
        c.set_purpose(static_cast<v1::Purpose>(1 + below(12)));
        c.mutable_risk()->set_level(static_cast<v1::RiskLevel>(1 + below(4)));
    }

    std::mt19937_64 engine_;
};

} // namespace cairn::test

// Patient and RelatedPerson.
#include "agents/profiles/dirty_values.hpp"
#include "agents/profiles/fhir_table.hpp"
#include "agents/profiles/fhir_values.hpp"
#include "core/identifiers.hpp"

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;
using formats::leaf;
using target = fhir_target;

// A contact's elements stand one step deeper than a patient's.
std::size_t deep(const target& to, const leaf& l) {
    return l.path[to.resource.depth].name == "contact" ? 2 : 1;
}

leaf_outcome put_nhs_note(const v1::Identifier& id) {
    const bool odd = id.scheme() == v1::Identifier::SCHEME_NHS_NUMBER && !id.value().empty() &&
                     !nhs_number_ok(id.value());
    if (odd) return {true, "the check digit does not fit; carried as it is"};
    return fhir_taken;
}

// Ours say the scheme by its name; any other system is the sender's own number.
v1::Identifier::Scheme scheme_of(std::string_view system) {
    if (system == fhir::nhs_number_system) return v1::Identifier::SCHEME_NHS_NUMBER;
    const auto prefix = std::string(fhir::own) + "Identifier.Scheme:";
    v1::Identifier::Scheme out = v1::Identifier::SCHEME_LOCAL;
    if (system.rfind(prefix, 0) == 0)
        (void) v1::Identifier::Scheme_Parse(std::string(system.substr(prefix.size())), &out);
    return out;
}

v1::Identifier& identifier(target& to, const leaf& l) {
    auto& id = element_of(to, l, *person_of(to, l).mutable_identifiers());
    if (id.scheme() == v1::Identifier::SCHEME_UNSPECIFIED)
        id.set_scheme(v1::Identifier::SCHEME_LOCAL);
    return id;
}

leaf_outcome put_system(target& to, const leaf& l) {
    auto& id = identifier(to, l);
    id.set_scheme(scheme_of(l.value));
    return put_nhs_note(id);
}

leaf_outcome put_number(target& to, const leaf& l) {
    auto& id = identifier(to, l);
    id.set_value(l.value);
    return put_nhs_note(id);
}

leaf_outcome put_number_from(target& to, const leaf& l) {
    return put_fhir_date(*identifier(to, l).mutable_valid_from(), l);
}

leaf_outcome put_number_until(target& to, const leaf& l) {
    return put_fhir_date(*identifier(to, l).mutable_valid_until(), l);
}

v1::PersonName& name(target& to, const leaf& l) {
    return element_of(to, l, *person_of(to, l).mutable_names(), deep(to, l));
}

leaf_outcome put_name_use(target& to, const leaf& l) {
    const auto use = fhir::value_of(fhir::name_uses(), l.value);
    if (!use) return fhir_not_a_code;
    name(to, l).set_use(*use);
    return fhir_taken;
}

// A name in one piece counts until a part of it comes.
v1::PersonName& name_of_parts(target& to, const leaf& l) {
    auto& n = name(to, l);
    if (to.groups.erase("one piece " + element_key(to, l, deep(to, l))) != 0) n.clear_family();
    return n;
}

leaf_outcome put_family(target& to, const leaf& l) {
    return add_text(*name_of_parts(to, l).mutable_family(), l.value, " ");
}

leaf_outcome put_given(target& to, const leaf& l) {
    return add_text(*name_of_parts(to, l).mutable_given(), l.value, " ");
}

leaf_outcome put_name_text(target& to, const leaf& l) {
    auto& n = name(to, l);
    if (!n.family().empty() || !n.given().empty())
        return {true, "said again: the parts of the name are carried"};
    n.set_family(l.value);
    to.groups.emplace("one piece " + element_key(to, l, deep(to, l)), 0);
    return {true, "a name in one piece, carried as the family name"};
}

v1::ContactPoint& contact(target& to, const leaf& l) {
    return element_of(to, l, *person_of(to, l).mutable_contacts(), deep(to, l));
}

leaf_outcome put_contact_system(target& to, const leaf& l) {
    const auto system = fhir::value_of(fhir::contact_systems(), l.value);
    auto& c = contact(to, l);
    if (!system) return {true, "neither telephone nor e-mail: carried without saying what it is"};
    c.set_system(*system);
    return fhir_taken;
}

leaf_outcome put_contact(target& to, const leaf& l) {
    contact(to, l).set_value(l.value);
    return {true, "whether it is safe to ring is not said: counts as protected"};
}

v1::Address& address(target& to, const leaf& l) {
    return element_of(to, l, *person_of(to, l).mutable_addresses(), deep(to, l));
}

leaf_outcome put_address_use(target& to, const leaf& l) {
    const auto use = fhir::value_of(fhir::address_uses(), l.value);
    if (!use) return fhir_not_a_code;
    address(to, l).set_use(*use);
    return fhir_taken;
}

leaf_outcome put_line(target& to, const leaf& l) {
    address(to, l).add_lines(l.value);
    return {true, "whether the address is safe is not said: counts as protected"};
}

leaf_outcome put_town(target& to, const leaf& l) {
    address(to, l).add_lines(l.value);
    return fhir_taken;
}

leaf_outcome put_district(target& to, const leaf& l) {
    return add_text(*address(to, l).mutable_local_authority(), l.value);
}

leaf_outcome put_postal_code(target& to, const leaf& l) {
    return put_postcode(address(to, l), l.value);
}

leaf_outcome put_since(target& to, const leaf& l) {
    return put_fhir_date(*address(to, l).mutable_since(), l);
}

leaf_outcome put_gender(target& to, const leaf& l) {
    auto& p = person_of(to, l);
    const auto sex = fhir::value_of(fhir::genders(), l.value);
    if (!sex) return fhir_not_a_code;
    if (p.sex() != v1::SEX_UNSPECIFIED) return fhir_second;
    p.set_sex(*sex);
    if (l.value == "other") return {true, "\"other\" is carried as not known"};
    return fhir_taken;
}

leaf_outcome put_birth_date(target& to, const leaf& l) {
    auto& birth = *person_of(to, l).mutable_birth();
    const auto done = put_fhir_date(*birth.mutable_born(), l);
    auto& born = *birth.mutable_born();
    if (born.year() == 0) birth.clear_born();
    if (!done.taken || born.month() != 1 || born.day() != 1) return done;
    // What systems write who know the year: a wrong day rules out a right match.
    born.clear_month();
    born.clear_day();
    return {true, "1 January stands for a year: carried as the year"};
}

// Ours alone.
leaf_outcome put_expected(target& to, const leaf& l) {
    if (sibling(to, l, "url") != fhir::expected_birth_url)
        return {false, "an extension nobody knows here"};
    return put_fhir_date(*person_of(to, l).mutable_birth()->mutable_expected(), l);
}

leaf_outcome put_deceased(target& to, const leaf& l) {
    if (l.value != "true" && l.value != "false") return fhir_not_a_code;
    person_of(to, l).set_deceased(l.value == "true");
    return fhir_taken;
}

leaf_outcome put_death(target& to, const leaf& l) {
    if (!read_fhir_date(l.value)) return fhir_not_a_date;
    person_of(to, l).set_deceased(true);
    return {true, "carried as the fact alone, without the date"};
}

// v3-Confidentiality. U is PDS's word for an address that may be told; N and the others say nothing
// of an address. R and V say that knowing where somebody is can harm. PDS then leaves address,
// telephone and practice out, and nobody may look them up elsewhere.
leaf_outcome put_security(target& to, const leaf& l) {
    if (l.value == "U") {
        to.to.unrestricted.insert(person_index(to, l));
        return {true, "unrestricted: the address counts as safe"};
    }
    if (l.value != "R" && l.value != "V") return {false, "says nothing of a danger"};
    to.to.restricted.insert(person_index(to, l));
    return {true, "a restricted record: its address counts as protected, given or not"};
}

leaf_outcome put_practice(target& to, const leaf& l) {
    return add_text(*child_of(to).mutable_health()->mutable_general_practice(), l.value);
}

leaf_outcome put_language(target& to, const leaf& l) {
    auto& c = *child_of(to).mutable_characteristics();
    return add_text(*c.mutable_language(), l.value);
}

void settle_role(v1::Person& p, v1::Relation::Kind kind) {
    p.mutable_relations(0)->set_kind(kind);
    const bool friend_only =
        kind == v1::Relation::KIND_FRIEND || kind == v1::Relation::KIND_NEIGHBOUR;
    if (p.role() != v1::SUBJECT_THIRD_PARTY || friend_only) return;
    p.set_role(kind == v1::Relation::KIND_SIBLING ? v1::SUBJECT_SIBLING : v1::SUBJECT_CARER);
}

// HL7's code of the relation, or, in what we wrote, ours and the role.
leaf_outcome put_relationship(target& to, const leaf& l) {
    auto& p = person_of(to, l);
    if (const auto kind = fhir::value_of(fhir::relations(), l.value)) {
        settle_role(p, *kind);
        return fhir_taken;
    }
    v1::Subject role{};
    if (v1::Subject_Parse(l.value, &role) && role >= v1::SUBJECT_SIBLING &&
        role <= v1::SUBJECT_PROFESSIONAL) {
        p.set_role(role);
        return fhir_taken;
    }
    v1::Relation::Kind kind{};
    if (!v1::Relation::Kind_Parse(l.value, &kind)) return fhir_not_a_code;
    p.mutable_relations(0)->set_kind(kind);
    return fhir_taken;
}

#define CAIRN_NAME(at)                                                                             \
    {at "name/use", put_name_use, "persons.names.use"},                                            \
        {at "name/family", put_family, "persons.names.family"},                                    \
        {at "name/given", put_given, "persons.names.given"},                                       \
        {at "name/text", put_name_text, "persons.names.family, where there are no parts"}, {       \
        at "name/*", nullptr, "a title, or the time of a name: not part of the name carried"       \
    }
#define CAIRN_TELECOM(at)                                                                          \
    {at "telecom/system", put_contact_system, "persons.contacts.system"},                          \
        {at "telecom/value", put_contact, "persons.contacts.value"}, {                             \
        at "telecom/*", nullptr, "how and when a number is used: not carried"                      \
    }
#define CAIRN_ADDRESS(at)                                                                          \
    {at "address/use", put_address_use, "persons.addresses.use"},                                  \
        {at "address/line", put_line, "persons.addresses.lines"},                                  \
        {at "address/city", put_town, "persons.addresses.lines"},                                  \
        {at "address/district", put_district, "persons.addresses.local_authority"},                \
        {at "address/postalCode", put_postal_code, "persons.addresses.postcode"},                  \
        {at "address/period/start", put_since, "persons.addresses.since"},                         \
        {at "address/text", nullptr, "said again: the lines are carried"}, {                       \
        at "address/type", nullptr, "for the post"                                                 \
    }
#define CAIRN_IDENTIFIER                                                                           \
    {"identifier/system", put_system, "persons.identifiers.scheme"},                               \
        {"identifier/value", put_number, "persons.identifiers.value"},                             \
        {"identifier/period/start", put_number_from, "persons.identifiers.valid_from"},            \
        {"identifier/period/end", put_number_until, "persons.identifiers.valid_until"},            \
        {"identifier/use", nullptr, "what the number is used for where it was given"}, {           \
        "identifier/extension/*", nullptr, "how the sender verified the number: not carried"       \
    }

// clang-format off
constexpr row<target> patient_rows[] = {
    {"meta/security/code", put_security, "persons.addresses.harm"},
    CAIRN_IDENTIFIER,
    CAIRN_NAME(""),
    CAIRN_TELECOM(""),
    CAIRN_ADDRESS(""),
    {"gender", put_gender, "persons.sex"},
    {"birthDate", put_birth_date, "persons.birth.born"},
    {"extension/valueDate", put_expected, "persons.birth.expected"},
    {"deceasedBoolean", put_deceased, "persons.deceased"},
    {"deceasedDateTime", put_death, "persons.deceased"},
    {"generalPractitioner/display", put_practice, "persons.health.general_practice"},
    {"communication/language/text", put_language, "persons.characteristics.language"},
    {"communication/language/coding/display", put_language, "persons.characteristics.language"},
    {"communication/*", nullptr, "codes of what is carried in words"},
    {"contact/relationship/coding/code", put_relationship, "persons.relations.kind"},
    {"contact/relationship/*", nullptr, "the words of a code"},
    CAIRN_NAME("contact/"),
    CAIRN_TELECOM("contact/"),
    CAIRN_ADDRESS("contact/"),
    {"contact/gender", put_gender, "persons.sex"},
    {"multipleBirthBoolean", nullptr, "says nothing of a concern"},
    {"multipleBirthInteger", nullptr, "says nothing of a concern"},
    {"active", nullptr, "of the record, not of the person"},
    {"extension/url", nullptr, "names what is beside it"},
    {"extension/extension/*", nullptr, "administrative: how a death or a number was notified"},
};

constexpr row<target> related_rows[] = {
    {"meta/security/code", put_security, "persons.addresses.harm"},
    {"patient/reference", put_patient, "whose relation it is"},
    {"patient/identifier/system", put_patient_system, "persons.identifiers.scheme"},
    {"patient/identifier/value", put_patient_number, "persons.identifiers.value"},
    {"patient/type", nullptr, "the kind of what is referred to"},
    {"patient/display", nullptr, "said again: the patient's own name is carried"},
    {"relationship/coding/code", put_relationship, "persons.role, persons.relations.kind"},
    {"relationship/*", nullptr, "the words of a code"},
    CAIRN_IDENTIFIER,
    CAIRN_NAME(""),
    CAIRN_TELECOM(""),
    CAIRN_ADDRESS(""),
    {"gender", put_gender, "persons.sex"},
    {"birthDate", put_birth_date, "persons.birth.born"},
    {"active", nullptr, "of the record, not of the person"},
};
// clang-format on

} // namespace

std::span<const row<fhir_target>> fhir_patient_rows() {
    return patient_rows;
}

std::span<const row<fhir_target>> fhir_related_rows() {
    return related_rows;
}

} // namespace cairn::agents::profiles

#include "agents/profiles/cin_values.hpp"
#include "agents/profiles/court.hpp"
#include "agents/profiles/dirty_values.hpp"

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;
using formats::leaf;
using target = defendant_target;

constexpr leaf_outcome taken{};
constexpr leaf_outcome second_value{false, "a second value: only the first is carried"};
constexpr leaf_outcome not_a_date{false, "not a date of the form YYYY-MM-DD"};

std::string lower(std::string_view text) {
    std::string out;
    for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

template <class Facts>
leaf_outcome put_once(Facts& to, std::string Facts::*field, const leaf& l) {
    if (!(to.*field).empty()) return second_value;
    to.*field = l.value;
    return taken;
}

leaf_outcome put_court(hearing_facts& to, const leaf& l) {
    return put_once(to, &hearing_facts::court, l);
}

leaf_outcome put_day(hearing_facts& to, const leaf& l) {
    if (!census_date(l.value)) return not_a_date;
    return put_once(to, &hearing_facts::day, l);
}

// A court sentences who is convicted.
leaf_outcome put_hearing_type(hearing_facts& to, const leaf& l) {
    to.sentence = lower(l.value).find("sentence") != std::string::npos;
    if (to.sentence) return taken;
    return {false, "a kind of hearing that says nothing about a conviction"};
}

leaf_outcome put_reference(prosecution_case& to, const leaf& l) {
    return put_once(to, &prosecution_case::reference, l);
}

template <v1::Identifier::Scheme scheme>
leaf_outcome put_identifier(target& to, const leaf& l) {
    auto& id = *to.adult.add_identifiers();
    id.set_scheme(scheme);
    id.set_value(l.value);
    return {true, identifier_note(scheme, l.value, to.year_now)};
}

leaf_outcome put_first_name(target& to, const leaf& l) {
    to.person = true;
    return put_given(to.adult, l.value);
}

leaf_outcome put_last_name(target& to, const leaf& l) {
    to.person = true;
    return put_family(to.adult, l.value);
}

leaf_outcome put_middle_name(target& to, const leaf& l) {
    if (to.adult.names().empty()) to.adult.add_names();
    auto& given = *to.adult.mutable_names(0)->mutable_given();
    given += (given.empty() ? "" : " ") + l.value;
    return taken;
}

leaf_outcome put_born(target& to, const leaf& l) {
    const auto date = census_date(l.value);
    return date ? put_birth(to.adult, *date) : not_a_date;
}

leaf_outcome put_sex(target& to, const leaf& l) {
    const auto word = lower(l.value);
    if (word != "male" && word != "female") return {false, "not a code of the set"};
    to.adult.set_sex(word == "male" ? v1::SEX_MALE : v1::SEX_FEMALE);
    return taken;
}

leaf_outcome put_line(target& to, const leaf& l) {
    to.address.add_lines(l.value);
    return taken;
}

leaf_outcome put_code(target& to, const leaf& l) {
    return put_postcode(to.address, l.value);
}

template <v1::ContactPoint::System system>
leaf_outcome put_contact(target& to, const leaf& l) {
    auto& c = *to.adult.add_contacts();
    c.set_system(system);
    c.set_value(l.value);
    return taken;
}

leaf_outcome put_bail(target& to, const leaf& l) {
    auto& order = *to.adult.add_orders();
    order.set_kind(v1::Order::KIND_BAIL);
    order.set_conditions(l.value);
    return taken;
}

v1::Conviction& offence(target& to, const leaf& l) {
    // hearing/prosecutionCases/defendants/offences
    constexpr std::size_t of_offences = 3;
    const auto [at, fresh] =
        to.offences.try_emplace(l.path.at(of_offences).nth, to.adult.convictions().size());
    if (fresh) to.adult.add_convictions();
    return *to.adult.mutable_convictions(at->second);
}

leaf_outcome put_offence(target& to, const leaf& l) {
    offence(to, l).set_offence(l.value);
    return taken;
}

// By the act, where the act says it. The wording would say it too, and names victims.
leaf_outcome put_class(target& to, const leaf& l) {
    const std::pair<std::string_view, v1::Conviction::OffenceClass> acts[] = {
        {"children and young persons act 1933", v1::Conviction::OFFENCE_CLASS_AGAINST_CHILD},
        {"sexual offences act", v1::Conviction::OFFENCE_CLASS_SEXUAL},
        {"protection of children act 1978", v1::Conviction::OFFENCE_CLASS_SEXUAL},
        {"offences against the person act 1861", v1::Conviction::OFFENCE_CLASS_VIOLENCE},
        {"serious crime act 2015", v1::Conviction::OFFENCE_CLASS_DOMESTIC_ABUSE},
        {"misuse of drugs act 1971", v1::Conviction::OFFENCE_CLASS_DRUGS}};
    // The courts write runs of blanks.
    std::string text;
    for (const char c : lower(l.value))
        if (c != ' ' || text.empty() || text.back() != ' ') text += c;
    for (const auto& [act, kind] : acts) {
        if (text.find(act) == std::string::npos) continue;
        offence(to, l).set_offence_class(kind);
        return taken;
    }
    return {false, "an act whose class of offence is not known here"};
}

leaf_outcome put_plea(target& to, const leaf& l) {
    if (l.value == "GUILTY") offence(to, l).set_disposal(v1::Conviction::DISPOSAL_CONVICTED);
    return taken;
}

leaf_outcome put_verdict(target& to, const leaf& l) {
    const bool not_guilty = l.value.rfind("NOT_GUILTY", 0) == 0;
    if (!not_guilty && l.value.rfind("GUILTY", 0) != 0) return {false, "not a code of the set"};
    offence(to, l).set_disposal(
        not_guilty ? v1::Conviction::DISPOSAL_ACQUITTED : v1::Conviction::DISPOSAL_CONVICTED
    );
    return taken;
}

leaf_outcome put_convicted(target& to, const leaf& l) {
    if (l.value == "true") offence(to, l).set_disposal(v1::Conviction::DISPOSAL_CONVICTED);
    return taken;
}

constexpr std::string_view own_key = "a key of the courts' own";

#define CAIRN_PERSON "personDefendant/personDetails/"

// clang-format off
constexpr row<hearing_facts> hearing[] = {
    {"hearing/type/description", put_hearing_type, "persons.convictions.disposal"},
    {"hearing/courtCentre/name", put_court, "persons.convictions.court"},
    {"hearing/courtCentre/roomName", put_court, "persons.convictions.court"},
    {"hearing/hearingDays/sittingDay", put_day, "notification.happened_at"},
    {"hearing/type/id", nullptr, own_key},
    {"hearing/courtCentre/*", nullptr, own_key},
    {"hearing/hearingDays/*", nullptr, "how the day is listed"},
    {"hearing/id", nullptr, own_key},
    {"hearing/jurisdictionType", nullptr, "the court's name says it"},
    {"sharedTime", nullptr, "when the file was written, not what it says"},
};

constexpr row<prosecution_case> cases[] = {
    {"prosecutionCaseIdentifier/caseURN", put_reference, "notification.incident_reference"},
    {"id", nullptr, own_key},
    {"prosecutionCaseIdentifier/*", nullptr, "who prosecutes"},
};

constexpr row<target> defendants[] = {
    {"pncId", put_identifier<v1::Identifier::SCHEME_PNC>, "persons.identifiers.value"},
    {"croNumber", put_identifier<v1::Identifier::SCHEME_CRO>, "persons.identifiers.value"},
    {CAIRN_PERSON "nationalInsuranceNumber", put_identifier<v1::Identifier::SCHEME_NINO>,
     "persons.identifiers.value"},
    {CAIRN_PERSON "firstName", put_first_name, "persons.names.given"},
    {CAIRN_PERSON "middleName", put_middle_name, "persons.names.given"},
    {CAIRN_PERSON "lastName", put_last_name, "persons.names.family"},
    {CAIRN_PERSON "dateOfBirth", put_born, "persons.birth.born"},
    {CAIRN_PERSON "gender", put_sex, "persons.sex"},
    {CAIRN_PERSON "address/address1", put_line, "persons.addresses.lines"},
    {CAIRN_PERSON "address/address2", put_line, "persons.addresses.lines"},
    {CAIRN_PERSON "address/address3", put_line, "persons.addresses.lines"},
    {CAIRN_PERSON "address/address4", put_line, "persons.addresses.lines"},
    {CAIRN_PERSON "address/address5", put_line, "persons.addresses.lines"},
    {CAIRN_PERSON "address/postcode", put_code, "persons.addresses.postcode"},
    {CAIRN_PERSON "contact/home", put_contact<v1::ContactPoint::SYSTEM_PHONE>,
     "persons.contacts.value"},
    {CAIRN_PERSON "contact/mobile", put_contact<v1::ContactPoint::SYSTEM_PHONE>,
     "persons.contacts.value"},
    {CAIRN_PERSON "contact/primaryEmail", put_contact<v1::ContactPoint::SYSTEM_EMAIL>,
     "persons.contacts.value"},
    {CAIRN_PERSON "title", nullptr, "says nothing the name does not"},
    {"personDefendant/bailConditions", put_bail, "persons.orders.conditions"},
    {"offences/offenceTitle", put_offence, "persons.convictions.offence"},
    {"offences/offenceLegislation", put_class, "persons.convictions.offence_class"},
    {"offences/plea/pleaValue", put_plea, "persons.convictions.disposal"},
    {"offences/verdict/verdictType/categoryType", put_verdict, "persons.convictions.disposal"},
    {"offences/judicialResults/isConvictedResult", put_convicted, "persons.convictions.disposal"},
    {"offences/wording", nullptr, "names victims and places: to be asked for"},
    {"offences/id", nullptr, own_key},
    {"offences/offenceCode", nullptr, "the title and the act say it"},
    {"offences/listingNumber", nullptr, "how the case is listed"},
    {"id", nullptr, own_key},
    {"prosecutionCaseId", nullptr, own_key},
};
// clang-format on

} // namespace

std::span<const row<hearing_facts>> hearing_rows() {
    return hearing;
}
std::span<const row<prosecution_case>> case_rows() {
    return cases;
}
std::span<const row<defendant_target>> defendant_rows() {
    return defendants;
}

} // namespace cairn::agents::profiles

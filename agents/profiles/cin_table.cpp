#include "agents/profiles/cin_table.hpp"

#include "agents/profiles/cin_values.hpp"
#include "agents/profiles/dirty_values.hpp"

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;
using abuse = v1::CategoryOfAbuse;

constexpr leaf_outcome taken{};
constexpr leaf_outcome not_a_date{false, "not a date of the form YYYY-MM-DD"};
constexpr leaf_outcome not_a_code{false, "not a code of the set"};
constexpr leaf_outcome not_a_bool{false, "neither yes nor no: 0, 1, true, false"};
constexpr leaf_outcome not_a_number{false, "not a number from 0 to 1000"};
constexpr leaf_outcome second_value{false, "a second value: only the first is carried"};

// The element of a repeated field that belongs to the group this leaf stands in: the first `depth`
// steps under Child, numbers included.
template <class Element>
Element& element_of(
    cin_target& to,
    const formats::leaf& leaf,
    std::size_t depth,
    google::protobuf::RepeatedPtrField<Element>& all
) {
    std::string key;
    for (std::size_t i = 3; i < 3 + depth && i < leaf.path.size(); ++i)
        key += leaf.path[i].name + "[" + std::to_string(leaf.path[i].nth) + "]/";
    const auto [at, fresh] = to.groups.try_emplace(key, all.size());
    if (fresh) all.Add();
    return *all.Mutable(at->second);
}

v1::CaseStatus& status_of(cin_target& to, const formats::leaf&) {
    return *to.child.mutable_case_status();
}

v1::BirthDetails& birth_of(cin_target& to, const formats::leaf&) {
    return *to.child.mutable_birth();
}

v1::CaseStatus::Assessment& assessment(cin_target& to, const formats::leaf& leaf) {
    return element_of(to, leaf, 2, *status_of(to, leaf).mutable_assessments());
}

v1::CaseStatus::Enquiry& enquiry(cin_target& to, const formats::leaf& leaf) {
    return element_of(to, leaf, 2, *status_of(to, leaf).mutable_enquiries());
}

template <v1::CaseStatus::Plan::Kind kind>
v1::CaseStatus::Plan& plan(cin_target& to, const formats::leaf& leaf) {
    auto& made = element_of(to, leaf, 2, *status_of(to, leaf).mutable_plans());
    made.set_kind(kind);
    return made;
}
constexpr auto& protection_plan = plan<v1::CaseStatus::Plan::KIND_CHILD_PROTECTION>;
constexpr auto& need_plan = plan<v1::CaseStatus::Plan::KIND_CHILD_IN_NEED>;

v1::CaseStatus::PreProceedings& proceedings(cin_target& to, const formats::leaf& leaf) {
    return *status_of(to, leaf).mutable_pre_proceedings();
}

leaf_outcome put_date(bool there, v1::PartialDate* field, const formats::leaf& leaf) {
    if (there && field->year() != 0) return second_value;
    const auto date = census_date(leaf.value);
    if (!date) return not_a_date;
    *field = *date;
    return taken;
}

// A protobuf date field of an object, by name.
#define CAIRN_DATE(object, name)                                                                   \
    [](cin_target& to, const formats::leaf& leaf) -> leaf_outcome {                                \
        if (!census_date(leaf.value)) return not_a_date;                                           \
        auto& o = object(to, leaf);                                                                \
        return put_date(o.has_##name(), o.mutable_##name(), leaf);                                 \
    }

// A code of a set. Parsed by the set's own names, so the schema is the only list.
#define CAIRN_CODE(object, name, type)                                                             \
    [](cin_target& to, const formats::leaf& leaf) -> leaf_outcome {                                \
        const auto code = census_code(*v1::type##_descriptor(), leaf.value);                       \
        if (!code) return not_a_code;                                                              \
        auto& o = object(to, leaf);                                                                \
        if (o.name() != 0) return second_value;                                                    \
        o.set_##name(static_cast<v1::type>(*code));                                                \
        return taken;                                                                              \
    }

#define CAIRN_ANSWER(object, name)                                                                 \
    [](cin_target& to, const formats::leaf& leaf) -> leaf_outcome {                                \
        const auto yes = census_bool(leaf.value);                                                  \
        if (!yes) return not_a_bool;                                                               \
        auto& o = object(to, leaf);                                                                \
        if (o.name() != 0) return second_value;                                                    \
        o.set_##name(*yes ? v1::Relation::ANSWER_YES : v1::Relation::ANSWER_NO);                   \
        return taken;                                                                              \
    }

#define CAIRN_COUNT(object, name)                                                                  \
    [](cin_target& to, const formats::leaf& leaf) -> leaf_outcome {                                \
        const auto count = census_count(leaf.value);                                               \
        if (!count) return not_a_number;                                                           \
        object(to, leaf).set_##name(*count);                                                       \
        return taken;                                                                              \
    }

v1::Identifier& identifier(cin_target& to, v1::Identifier::Scheme scheme) {
    for (auto& known : *to.child.mutable_identifiers())
        if (known.scheme() == scheme) return known;
    auto& made = *to.child.add_identifiers();
    made.set_scheme(scheme);
    return made;
}

template <v1::Identifier::Scheme scheme>
leaf_outcome put_identifier(cin_target& to, const formats::leaf& leaf) {
    auto& id = identifier(to, scheme);
    if (!id.value().empty()) return second_value;
    id.set_value(leaf.value);
    constexpr int no_police_number = 0;
    return {true, identifier_note(scheme, leaf.value, no_police_number)};
}

leaf_outcome put_upn_unknown(cin_target& to, const formats::leaf& leaf) {
    const auto code = census_code(*v1::UpnUnknown_descriptor(), leaf.value);
    if (!code) return not_a_code;
    auto& id = identifier(to, v1::Identifier::SCHEME_UPN);
    id.set_upn_unknown(static_cast<v1::UpnUnknown>(*code));
    if (id.value().empty()) return taken;
    return {true, "a pupil number is given as well"};
}

leaf_outcome put_sex(cin_target& to, const formats::leaf& leaf) {
    if (to.child.sex() != v1::SEX_UNSPECIFIED || to.sex_is_zero) return second_value;
    static constexpr std::pair<std::string_view, v1::Sex> words[] = {
        {"1", v1::SEX_MALE},
        {"M", v1::SEX_MALE},
        {"2", v1::SEX_FEMALE},
        {"F", v1::SEX_FEMALE},
        {"9", v1::SEX_UNKNOWN},
        {"U", v1::SEX_UNKNOWN}};
    if (leaf.value == "0") {
        to.sex_is_zero = true;
        return taken;
    }
    for (const auto& [word, sex] : words) {
        if (leaf.value != word) continue;
        to.child.set_sex(sex);
        return taken;
    }
    return not_a_code;
}

leaf_outcome put_born(cin_target& to, const formats::leaf& leaf) {
    const auto date = census_date(leaf.value);
    return date ? put_birth(to.child, *date) : not_a_date;
}

leaf_outcome put_death(cin_target& to, const formats::leaf& leaf) {
    if (!census_date(leaf.value)) return not_a_date;
    to.child.set_deceased(true);
    return {true, "carried as the fact alone, without the date"};
}

leaf_outcome put_disability(cin_target& to, const formats::leaf& leaf) {
    const auto code = census_code(*v1::Disability_descriptor(), leaf.value);
    if (!code) return not_a_code;
    to.child.mutable_health()->add_disabilities(static_cast<v1::Disability>(*code));
    return taken;
}

leaf_outcome put_ethnicity(cin_target& to, const formats::leaf& leaf) {
    to.child.mutable_characteristics()->set_ethnicity(leaf.value);
    return taken;
}

leaf_outcome put_factor(cin_target& to, const formats::leaf& leaf) {
    const auto code = census_code(*v1::AssessmentFactor_descriptor(), leaf.value);
    if (!code) return not_a_code;
    assessment(to, leaf).add_factors(static_cast<v1::AssessmentFactor>(*code));
    return taken;
}

leaf_outcome put_review(cin_target& to, const formats::leaf& leaf) {
    const auto date = census_date(leaf.value);
    if (!date) return not_a_date;
    *protection_plan(to, leaf).add_reviewed_on() = *date;
    return taken;
}

leaf_outcome put_outcome(cin_target& to, const formats::leaf& leaf) {
    proceedings(to, leaf).set_outcome_code(leaf.value);
    return taken;
}

leaf_outcome put_as_of(cin_target& to, const formats::leaf& leaf) {
    const auto date = census_date(leaf.value);
    if (!date) return not_a_date;
    *to.concern.mutable_status()->mutable_as_of() = *date;
    return taken;
}

leaf_outcome put_council(cin_target& to, const formats::leaf& leaf) {
    status_of(to, leaf).set_local_authority(leaf.value);
    return taken;
}

#define CAIRN_DETAILS "CINdetails/"
#define CAIRN_CPP "CINdetails/ChildProtectionPlans/"
#define CAIRN_PP "CINdetails/PreProceedingsandFGDM/"
#define CAIRN_S47 "CINdetails/Section47/"
#define CAIRN_ABUSE(name) CAIRN_CODE(protection_plan, name, CategoryOfAbuse)

// clang-format off
constexpr row<cin_target> child_rows[] = {
    {"ChildIdentifiers/LAchildID", put_identifier<v1::Identifier::SCHEME_LA_CHILD_ID>,
     "persons.identifiers.value"},
    {"ChildIdentifiers/UPN", put_identifier<v1::Identifier::SCHEME_UPN>,
     "persons.identifiers.value"},
    {"ChildIdentifiers/FormerUPN", put_identifier<v1::Identifier::SCHEME_FORMER_UPN>,
     "persons.identifiers.value"},
    {"ChildIdentifiers/UPNunknown", put_upn_unknown, "persons.identifiers.upn_unknown"},
    {"ChildIdentifiers/PersonBirthDate", put_born, "persons.birth.born"},
    {"ChildIdentifiers/ExpectedPersonBirthDate", CAIRN_DATE(birth_of, expected),
     "persons.birth.expected"},
    {"ChildIdentifiers/Sex", put_sex, "persons.sex"},
    {"ChildIdentifiers/GenderCurrent", put_sex, "persons.sex"},
    {"ChildIdentifiers/PersonDeathDate", put_death, "persons.deceased"},
    {"ChildCharacteristics/Ethnicity", put_ethnicity, "persons.characteristics.ethnicity"},
    {"ChildCharacteristics/Disabilities/Disability", put_disability, "persons.health.disabilities"},
    {CAIRN_DETAILS "CINreferralDate", CAIRN_DATE(status_of, referred_on),
     "persons.case_status.referred_on"},
    {CAIRN_DETAILS "ReferralSource", CAIRN_CODE(status_of, referral_source, ReferralSource),
     "persons.case_status.referral_source"},
    {CAIRN_DETAILS "PrimaryNeedCode", CAIRN_CODE(status_of, primary_need, PrimaryNeed),
     "persons.case_status.primary_need"},
    {CAIRN_DETAILS "CINclosureDate", CAIRN_DATE(status_of, closed_on),
     "persons.case_status.closed_on"},
    {CAIRN_DETAILS "ReasonForClosure", CAIRN_CODE(status_of, closed_because, ReasonForClosure),
     "persons.case_status.closed_because"},
    {CAIRN_DETAILS "DateOfInitialCPC", CAIRN_DATE(status_of, first_conference_on),
     "persons.case_status.first_conference_on"},
    {CAIRN_DETAILS "ReferralNFA", CAIRN_ANSWER(status_of, no_further_action),
     "persons.case_status.no_further_action"},
    {CAIRN_DETAILS "Assessments/AssessmentActualStartDate", CAIRN_DATE(assessment, started),
     "persons.case_status.assessments.started"},
    {CAIRN_DETAILS "Assessments/AssessmentAuthorisationDate", CAIRN_DATE(assessment, authorised),
     "persons.case_status.assessments.authorised"},
    {CAIRN_DETAILS "Assessments/FactorsIdentifiedAtAssessment/AssessmentFactors", put_factor,
     "persons.case_status.assessments.factors"},
    {CAIRN_DETAILS "Assessments/AssessmentFactors", put_factor,
     "persons.case_status.assessments.factors"},
    {CAIRN_DETAILS "CINPlanDates/CINPlanStartDate", CAIRN_DATE(need_plan, from),
     "persons.case_status.plans.from"},
    {CAIRN_DETAILS "CINPlanDates/CINPlanEndDate", CAIRN_DATE(need_plan, until),
     "persons.case_status.plans.until"},
    {CAIRN_S47 "S47ActualStartDate", CAIRN_DATE(enquiry, started),
     "persons.case_status.enquiries.started"},
    {CAIRN_S47 "InitialCPCtarget", CAIRN_DATE(enquiry, conference_target),
     "persons.case_status.enquiries.conference_target"},
    {CAIRN_S47 "DateOfInitialCPC", CAIRN_DATE(enquiry, conference_on),
     "persons.case_status.enquiries.conference_on"},
    {CAIRN_S47 "ICPCnotRequired", CAIRN_ANSWER(enquiry, conference_not_required),
     "persons.case_status.enquiries.conference_not_required"},
    {CAIRN_CPP "CPPstartDate", CAIRN_DATE(protection_plan, from), "persons.case_status.plans.from"},
    {CAIRN_CPP "CPPendDate", CAIRN_DATE(protection_plan, until), "persons.case_status.plans.until"},
    {CAIRN_CPP "InitialCategoryOfAbuse", CAIRN_ABUSE(initial_category),
     "persons.case_status.plans.initial_category"},
    {CAIRN_CPP "LatestCategoryOfAbuse", CAIRN_ABUSE(latest_category),
     "persons.case_status.plans.latest_category"},
    {CAIRN_CPP "NumberOfPreviousCPP", CAIRN_COUNT(protection_plan, previous_plans),
     "persons.case_status.plans.previous_plans"},
    {CAIRN_CPP "Reviews/CPPreviewDate", put_review, "persons.case_status.plans.reviewed_on"},
    {CAIRN_PP "PPStartDate", CAIRN_DATE(proceedings, started),
     "persons.case_status.pre_proceedings.started"},
    {CAIRN_PP "LBPSentDate", CAIRN_DATE(proceedings, letter_before_sent),
     "persons.case_status.pre_proceedings.letter_before_sent"},
    {CAIRN_PP "FGDMMeetingOffer", CAIRN_ANSWER(proceedings, family_meeting_offered),
     "persons.case_status.pre_proceedings.family_meeting_offered"},
    {CAIRN_PP "FGDMMeetingFac", CAIRN_ANSWER(proceedings, family_meeting_held),
     "persons.case_status.pre_proceedings.family_meeting_held"},
    {CAIRN_PP "InitialPPMeetingDate", CAIRN_DATE(proceedings, first_meeting),
     "persons.case_status.pre_proceedings.first_meeting"},
    {CAIRN_PP "ReviewMeetingsCount", CAIRN_COUNT(proceedings, review_meetings),
     "persons.case_status.pre_proceedings.review_meetings"},
    {CAIRN_PP "StepDecisionDate", CAIRN_DATE(proceedings, step_decided),
     "persons.case_status.pre_proceedings.step_decided"},
    {CAIRN_PP "PPOutcome", put_outcome, "persons.case_status.pre_proceedings.outcome_code"},
    {CAIRN_PP "CourtAppDate", CAIRN_DATE(proceedings, court_application),
     "persons.case_status.pre_proceedings.court_application"},
    {CAIRN_PP "LetterInitCPDate", CAIRN_DATE(proceedings, letter_of_issue),
     "persons.case_status.pre_proceedings.letter_of_issue"},
};
// clang-format on

constexpr row<cin_target> header_rows[] = {
    {"Header/CollectionDetails/Collection", nullptr, "names the return; it was checked"},
    {"Header/CollectionDetails/Year", nullptr, "of the return, not of a child"},
    {"Header/CollectionDetails/ReferenceDate", put_as_of, "status.as_of"},
    {"Header/Source/SourceLevel", nullptr, "always the council's own level"},
    {"Header/Source/LEA", put_council, "persons.case_status.local_authority"},
    {"Header/Source/SoftwareCode", nullptr, "says nothing about a child"},
    {"Header/Source/Release", nullptr, "says nothing about a child"},
    {"Header/Source/SerialNo", nullptr, "counts the council's files"},
    {"Header/Source/DateTime", nullptr, "when the file was written, not what it says"},
};

} // namespace

std::span<const row<cin_target>> cin_child_rows() {
    return child_rows;
}

std::span<const row<cin_target>> cin_header_rows() {
    return header_rows;
}

} // namespace cairn::agents::profiles

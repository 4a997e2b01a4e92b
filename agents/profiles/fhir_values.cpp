#include "agents/profiles/fhir_values.hpp"

#include "agents/profiles/cin_values.hpp"

#include <algorithm>

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;

bool in_contact(const fhir_target& to, const formats::leaf& l) {
    return to.resource.type == "Patient" && l.path[to.resource.depth].name == "contact";
}

// "reference", "identifier/value": of the element of the resource that a leaf is in.
std::string_view part_of(const fhir_target& to, const formats::leaf& l, std::string_view name) {
    const auto path = l.path[to.resource.depth].name + "/" + std::string(name);
    for (const auto& other : to.resource.leaves)
        if (to.resource.holds(other) && to.resource.element(other) == path) return other.value;
    return {};
}

// Whether exactly one patient of the file bears the number that is given of the one meant.
bool is_known_by_number(const fhir_target& to, const formats::leaf& l) {
    return to.graph.bears(part_of(to, l, "identifier/system"), part_of(to, l, "identifier/value"));
}

} // namespace

std::optional<v1::PartialDate> read_fhir_date(std::string_view text) {
    constexpr std::size_t year = 4;
    constexpr std::size_t month = 7;
    if (text.size() > month) return census_date(text);
    // What is missing is read as its first and not kept.
    const bool has_month = text.size() == month;
    if (text.size() != year && !has_month) return {};
    auto out = census_date(std::string(text) + (has_month ? "-01" : "-01-01"));
    if (!out) return {};
    out->clear_day();
    if (!has_month) out->clear_month();
    return out;
}

std::string element_key(const fhir_target& to, const formats::leaf& l, std::size_t below) {
    std::string out;
    const auto end = std::min(l.path.size(), to.resource.depth + below);
    for (auto i = to.resource.depth; i < end; ++i)
        out += l.path[i].name + "[" + std::to_string(l.path[i].nth) + "]";
    return out;
}

leaf_outcome put_fhir_date(v1::PartialDate& field, const formats::leaf& l) {
    const auto date = read_fhir_date(l.value);
    if (!date) return fhir_not_a_date;
    if (field.year() != 0) return fhir_second;
    field = *date;
    return fhir_taken;
}

leaf_outcome add_text(std::string& text, std::string_view more, std::string_view between) {
    if (text == more) return fhir_taken;
    if (!text.empty()) text += between;
    text += more;
    return fhir_taken;
}

std::string_view sibling(const fhir_target& to, const formats::leaf& l, std::string_view name) {
    return formats::beside(to.resource.leaves, l, name);
}

leaf_outcome put_patient(fhir_target& to, const formats::leaf& l) {
    if (to.graph.known(to.resource.ordinal, l.value)) return fhir_taken;
    if (is_known_by_number(to, l))
        return {true, "refers to nothing in the file: found by the number beside it"};
    return {
        true, "the patient is not in the file: what is said beside the reference is all there is"};
}

leaf_outcome put_patient_system(fhir_target&, const formats::leaf& l) {
    if (l.value == fhir::nhs_number_system) return fhir_taken;
    return {true, "not the NHS number's: carried as the sender's own number"};
}

leaf_outcome put_patient_number(fhir_target& to, const formats::leaf& l) {
    const bool alone = part_of(to, l, "reference").empty();
    const bool lost = alone && !is_known_by_number(to, l);
    const auto done =
        lost ? leaf_outcome{true, "no one patient of the file bears the number"} : fhir_taken;
    for (const auto& known : child_of(to).identifiers())
        if (known.value() == l.value) return done;
    auto& id = *child_of(to).add_identifiers();
    const bool nhs = sibling(to, l, "system") == fhir::nhs_number_system;
    id.set_scheme(nhs ? v1::Identifier::SCHEME_NHS_NUMBER : v1::Identifier::SCHEME_LOCAL);
    id.set_value(l.value);
    return done;
}

v1::Person& child_of(fhir_target& to) {
    return *to.to.concern.mutable_persons(0);
}

v1::CaseStatus& status_of(fhir_target& to) {
    return *child_of(to).mutable_case_status();
}

int person_index(fhir_target& to, const formats::leaf& l) {
    auto key = std::to_string(to.resource.ordinal);
    if (in_contact(to, l))
        key += " " + element_key(to, l);
    else if (to.resource.type == "Patient")
        return 0;
    auto& c = to.to.concern;
    const auto [it, fresh] = to.to.persons.emplace(std::move(key), c.persons_size());
    if (fresh) {
        auto& made = *c.add_persons();
        made.set_ref("person-" + std::to_string(c.persons_size()));
        made.set_role(v1::SUBJECT_THIRD_PARTY);
        made.add_relations()->set_to_ref(c.persons(0).ref());
    }
    return it->second;
}

v1::Person& person_of(fhir_target& to, const formats::leaf& l) {
    return *to.to.concern.mutable_persons(person_index(to, l));
}

} // namespace cairn::agents::profiles

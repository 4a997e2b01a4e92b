// Values as FHIR writes them, and finding the place a leaf belongs to.
#pragma once

#include "agents/profiles/fhir_codes.hpp"
#include "agents/profiles/fhir_table.hpp"

namespace cairn::agents::profiles {

inline constexpr leaf_outcome fhir_taken{};
inline constexpr leaf_outcome fhir_second{false, "a second value: only the first is carried"};
inline constexpr leaf_outcome fhir_not_a_date{false, "not a date of FHIR"};
inline constexpr leaf_outcome fhir_not_a_code{false, "not a code of the set"};

// YYYY, YYYY-MM, YYYY-MM-DD, or a moment, of which the day is kept.
std::optional<::cairn::v1::PartialDate> read_fhir_date(std::string_view text);

// "identifier[2]" of "identifier[2]/value": the resource's own element that a leaf is in, `below`
// steps deep.
std::string element_key(const fhir_target& to, const formats::leaf& l, std::size_t below = 1);

// The element of a list that was made for the leaf's own element of FHIR, or a new one.
template <class List>
auto& element_of(fhir_target& to, const formats::leaf& l, List& list, std::size_t below = 1) {
    const auto [it, fresh] = to.groups.emplace(element_key(to, l, below), list.size());
    if (fresh) return *list.Add();
    return *list.Mutable(it->second);
}

// A date into a field that has none.
leaf_outcome put_fhir_date(::cairn::v1::PartialDate& field, const formats::leaf& l);

// Adds to a text, apart from what is there; once where it is the same.
leaf_outcome add_text(std::string& text, std::string_view more, std::string_view between = "; ");

// The value beside a leaf, in the same element: an extension's url. Empty: there is none.
std::string_view sibling(const fhir_target& to, const formats::leaf& l, std::string_view name);

// Of what refers to the patient it is about, as "subject" or "patient": the reference, and the
// number given beside it or alone. A patient who is not in the file is known by these.
leaf_outcome put_patient(fhir_target& to, const formats::leaf& l);
leaf_outcome put_patient_system(fhir_target& to, const formats::leaf& l);
leaf_outcome put_patient_number(fhir_target& to, const formats::leaf& l);

// The child of the concern.
::cairn::v1::Person& child_of(fhir_target& to);
::cairn::v1::CaseStatus& status_of(fhir_target& to);
// The person of the resource itself: the child of a Patient, somebody else of another; or of the
// contact of a Patient that the leaf is in.
::cairn::v1::Person& person_of(fhir_target& to, const formats::leaf& l);
int person_index(fhir_target& to, const formats::leaf& l);

} // namespace cairn::agents::profiles

// Codes of FHIR R4 and of the national systems beside ours: one table for both ways, so that what
// is written is what is read.
#pragma once

#include "cairn/v1/concern.pb.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cairn::agents::profiles::fhir {

template <class Value>
struct code {
    std::string_view word;
    Value value;
};

// HL7 http://hl7.org/fhir/R4/valueset-administrative-gender.html
std::span<const code<::cairn::v1::Sex>> genders();
// HL7 name-use. Of several words for one value the first is written.
std::span<const code<::cairn::v1::PersonName::Use>> name_uses();
// HL7 address-use.
std::span<const code<::cairn::v1::Address::Use>> address_uses();
// HL7 contact-point-system.
std::span<const code<::cairn::v1::ContactPoint::System>> contact_systems();
// HL7 v3-RoleCode, of a RelatedPerson to the patient.
std::span<const code<::cairn::v1::Relation::Kind>> relations();
// SNOMED CT UK, as CP-IS uses it for a CarePlan's category.
std::span<const code<::cairn::v1::CaseStatus::Plan::Kind>> plans();
// HL7 request-priority.
std::span<const code<::cairn::v1::Urgency>> priorities();

template <class Value>
std::optional<Value> value_of(std::span<const code<Value>> table, std::string_view word) {
    for (const auto& c : table)
        if (c.word == word) return c.value;
    return {};
}

// Empty: FHIR has no word for it.
template <class Value>
std::string_view word_of(std::span<const code<Value>> table, Value value) {
    for (const auto& c : table)
        if (c.value == value) return c.word;
    return {};
}

inline constexpr std::string_view nhs_number_system = "https://fhir.nhs.uk/Id/nhs-number";
inline constexpr std::string_view snomed_system = "http://snomed.info/sct";
inline constexpr std::string_view role_system = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";
inline constexpr std::string_view confidentiality_system =
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
inline constexpr std::string_view absent_url =
    "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
inline constexpr std::string_view flag_detail_url =
    "http://hl7.org/fhir/StructureDefinition/flag-detail";
// Of business identifiers that are URIs: a concern's id is written as urn:uuid.
inline constexpr std::string_view uri_system = "urn:ietf:rfc:3986";

// What FHIR has no place for is written under names of our own: urn:x-cairn:v1: and a name, or the
// name of an enum of proto/cairn/v1 with its values as codes.
inline constexpr std::string_view own = "urn:x-cairn:v1:";
inline constexpr std::string_view path_url = "urn:x-cairn:v1:path";
inline constexpr std::string_view withheld_url = "urn:x-cairn:v1:withheld";
inline constexpr std::string_view expected_birth_url = "urn:x-cairn:v1:expected-birth";
inline constexpr std::string_view decision_system = "urn:x-cairn:v1:Outcome.Decision";

// "urn:uuid:" and the 32 digits of an id in groups, and back; empty where it is none.
std::string uuid_urn(std::string_view hex);
std::string hex_of_urn(std::string_view urn);

// YYYY, YYYY-MM or YYYY-MM-DD, as far as it is known. Empty where not even the year is.
std::string fhir_date(const ::cairn::v1::PartialDate& d);

} // namespace cairn::agents::profiles::fhir

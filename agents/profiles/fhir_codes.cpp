#include "agents/profiles/fhir_codes.hpp"

#include <array>

namespace cairn::agents::profiles::fhir {
namespace {

namespace v1 = ::cairn::v1;

constexpr std::size_t hex_digits = 32;
constexpr std::string_view uuid_prefix = "urn:uuid:";

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

std::string padded(std::uint32_t number, std::size_t digits) {
    auto text = std::to_string(number);
    if (text.size() < digits) text.insert(0, digits - text.size(), '0');
    return text;
}

constexpr code<v1::Sex> gender_table[] = {
    {"male", v1::SEX_MALE},
    {"female", v1::SEX_FEMALE},
    {"unknown", v1::SEX_UNKNOWN},
    {"unknown", v1::SEX_UNBORN},
    {"other", v1::SEX_UNKNOWN},
};

constexpr code<v1::PersonName::Use> name_table[] = {
    {"usual", v1::PersonName::USE_USUAL},
    {"official", v1::PersonName::USE_LEGAL},
    {"nickname", v1::PersonName::USE_ALIAS},
    {"anonymous", v1::PersonName::USE_ALIAS},
    {"old", v1::PersonName::USE_FORMER},
    {"maiden", v1::PersonName::USE_FORMER},
    {"temp", v1::PersonName::USE_PLACEHOLDER},
};

constexpr code<v1::Address::Use> address_table[] = {
    {"home", v1::Address::USE_HOME},
    {"temp", v1::Address::USE_TEMPORARY},
    {"work", v1::Address::USE_WORK},
    {"old", v1::Address::USE_FORMER},
};

constexpr code<v1::ContactPoint::System> contact_table[] = {
    {"phone", v1::ContactPoint::SYSTEM_PHONE},
    {"sms", v1::ContactPoint::SYSTEM_PHONE},
    {"email", v1::ContactPoint::SYSTEM_EMAIL},
};

constexpr code<v1::Relation::Kind> relation_table[] = {
    {"PRN", v1::Relation::KIND_PARENT},           {"MTH", v1::Relation::KIND_PARENT},
    {"FTH", v1::Relation::KIND_PARENT},           {"NMTH", v1::Relation::KIND_PARENT},
    {"NFTH", v1::Relation::KIND_PARENT},          {"ADOPTP", v1::Relation::KIND_PARENT},
    {"GESTM", v1::Relation::KIND_PARENT},         {"STPPRN", v1::Relation::KIND_STEP_PARENT},
    {"STPMTH", v1::Relation::KIND_STEP_PARENT},   {"STPFTH", v1::Relation::KIND_STEP_PARENT},
    {"SIB", v1::Relation::KIND_SIBLING},          {"BRO", v1::Relation::KIND_SIBLING},
    {"SIS", v1::Relation::KIND_SIBLING},          {"HSIB", v1::Relation::KIND_SIBLING},
    {"HBRO", v1::Relation::KIND_SIBLING},         {"HSIS", v1::Relation::KIND_SIBLING},
    {"STPSIB", v1::Relation::KIND_SIBLING},       {"GRPRN", v1::Relation::KIND_GRANDPARENT},
    {"GRMTH", v1::Relation::KIND_GRANDPARENT},    {"GRFTH", v1::Relation::KIND_GRANDPARENT},
    {"PRNFOST", v1::Relation::KIND_FOSTER_CARER}, {"FAMMEMB", v1::Relation::KIND_OTHER_FAMILY},
    {"EXT", v1::Relation::KIND_OTHER_FAMILY},     {"AUNT", v1::Relation::KIND_OTHER_FAMILY},
    {"UNCLE", v1::Relation::KIND_OTHER_FAMILY},   {"COUSN", v1::Relation::KIND_OTHER_FAMILY},
    {"FRND", v1::Relation::KIND_FRIEND},          {"NBOR", v1::Relation::KIND_NEIGHBOUR},
};

constexpr code<v1::CaseStatus::Plan::Kind> plan_table[] = {
    {"342191000000101", v1::CaseStatus::Plan::KIND_CHILD_PROTECTION},
    {"764841000000100", v1::CaseStatus::Plan::KIND_LOOKED_AFTER},
    {"818901000000100", v1::CaseStatus::Plan::KIND_UNBORN},
};

constexpr code<v1::Urgency> priority_table[] = {
    {"routine", v1::URGENCY_ROUTINE},
    {"urgent", v1::URGENCY_SAME_DAY},
    {"stat", v1::URGENCY_IMMEDIATE},
    {"asap", v1::URGENCY_IMMEDIATE},
};

} // namespace

std::span<const code<v1::Sex>> genders() {
    return gender_table;
}

std::span<const code<v1::PersonName::Use>> name_uses() {
    return name_table;
}

std::span<const code<v1::Address::Use>> address_uses() {
    return address_table;
}

std::span<const code<v1::ContactPoint::System>> contact_systems() {
    return contact_table;
}

std::span<const code<v1::Relation::Kind>> relations() {
    return relation_table;
}

std::span<const code<v1::CaseStatus::Plan::Kind>> plans() {
    return plan_table;
}

std::span<const code<v1::Urgency>> priorities() {
    return priority_table;
}

std::string uuid_urn(std::string_view hex) {
    if (hex.size() != hex_digits) return {};
    std::string out(uuid_prefix);
    for (std::size_t i = 0; i < hex.size(); ++i) {
        if (!is_hex(hex[i])) return {};
        // RFC 9562: 8-4-4-4-12.
        if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
        out += hex[i];
    }
    return out;
}

std::string hex_of_urn(std::string_view urn) {
    if (urn.substr(0, uuid_prefix.size()) != uuid_prefix) return {};
    std::string hex;
    for (const char c : urn.substr(uuid_prefix.size()))
        if (c != '-') hex += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    return uuid_urn(hex).empty() ? std::string{} : hex;
}

std::string fhir_date(const v1::PartialDate& d) {
    constexpr std::size_t year_digits = 4;
    if (d.year() == 0) return {};
    auto out = padded(d.year(), year_digits);
    if (d.month() == 0) return out;
    out += '-' + padded(d.month(), 2);
    if (d.day() == 0) return out;
    return out + '-' + padded(d.day(), 2);
}

} // namespace cairn::agents::profiles::fhir

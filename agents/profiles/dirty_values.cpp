#include "agents/profiles/dirty_values.hpp"

#include "agents/profiles/cin_values.hpp"
#include "core/identifiers.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <array>

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string folded(std::string_view text, bool spaces) {
    std::string out;
    for (const char c : text)
        if (spaces || c != ' ') out += upper(c);
    return out;
}

bool letter(char c) {
    return c >= 'A' && c <= 'Z';
}
bool digit(char c) {
    return c >= '0' && c <= '9';
}

bool begins(std::string_view text, std::string_view with) {
    return text.substr(0, with.size()) == with;
}

template <std::size_t n>
bool among(const std::array<std::string_view, n>& all, std::string_view text) {
    return std::find(all.begin(), all.end(), text) != all.end();
}

constexpr leaf_outcome a_placeholder{true, "a placeholder, not a name; carried and marked as one"};

v1::PersonName& first_name(v1::Person& person) {
    return person.names().empty() ? *person.add_names() : *person.mutable_names(0);
}

leaf_outcome put_part(v1::Person& person, std::string_view name, std::string* part) {
    if (!part->empty()) return {false, "a second value: only the first is carried"};
    *part = std::string(name);
    if (!is_placeholder_name(name)) return {};
    first_name(person).set_use(v1::PersonName::USE_PLACEHOLDER);
    return a_placeholder;
}

} // namespace

std::string_view
identifier_note(v1::Identifier::Scheme scheme, std::string_view value, int year_now) {
    switch (scheme) {
    case v1::Identifier::SCHEME_NHS_NUMBER:
        return nhs_number_ok(value) ? "" : "the check digit does not fit; carried as it is";
    case v1::Identifier::SCHEME_UPN:
    case v1::Identifier::SCHEME_FORMER_UPN:
        return upn_ok(value) ? "" : "the check letter does not fit; carried as it is";
    case v1::Identifier::SCHEME_PNC:
        return pnc_ok(value, year_now) ? "" : "the check letter does not fit; carried as it is";
    case v1::Identifier::SCHEME_CRO:
        return cro_ok(value) ? "" : "the check letter does not fit; carried as it is";
    case v1::Identifier::SCHEME_NINO:
        return nino_shape_ok(value) ? "" : "not the shape of such a number; carried as it is";
    default:
        return "";
    }
}

bool nino_shape_ok(std::string_view text) {
    const auto n = folded(text, false);
    constexpr std::string_view never_first = "DFIQUV";
    constexpr std::string_view never_second = "DFIQUVO";
    constexpr std::array<std::string_view, 7> unused{"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"};
    if (n.size() != 9 || !letter(n[0]) || !letter(n[1])) return false;
    if (never_first.find(n[0]) != std::string_view::npos) return false;
    if (never_second.find(n[1]) != std::string_view::npos) return false;
    if (among(unused, std::string_view(n).substr(0, 2))) return false;
    return std::all_of(n.begin() + 2, n.begin() + 8, digit) && n[8] >= 'A' && n[8] <= 'D';
}

bool is_placeholder_name(std::string_view name) {
    constexpr std::array<std::string_view, 13> whole{
        "BABY",
        "INFANT",
        "UNBORN",
        "UNKNOWN",
        "NOT KNOWN",
        "N/K",
        "NK",
        "N/A",
        "REDACTED",
        "NO NAME",
        "NOT RECORDED",
        "ANONYMOUS",
        "TBC"};
    const auto text = folded(name, true);
    return among(whole, text) || begins(text, "BABY OF ") || begins(text, "B/O ") ||
           begins(text, "UNBORN ") || begins(text, "BABY BOY") || begins(text, "BABY GIRL");
}

leaf_outcome put_given(v1::Person& person, std::string_view name) {
    return put_part(person, name, first_name(person).mutable_given());
}

leaf_outcome put_family(v1::Person& person, std::string_view name) {
    return put_part(person, name, first_name(person).mutable_family());
}

leaf_outcome put_birth(v1::Person& person, const v1::PartialDate& date) {
    auto carried = date;
    const bool year_alone = date.month() == 1 && date.day() == 1;
    if (year_alone) {
        carried.clear_month();
        carried.clear_day();
    }
    if (person.birth().has_born()) {
        using google::protobuf::util::MessageDifferencer;
        if (MessageDifferencer::Equals(person.birth().born(), carried)) return {};
        return {false, "another date than the one carried"};
    }
    *person.mutable_birth()->mutable_born() = carried;
    if (!year_alone) return {};
    return {true, "1 January often stands for a year alone: carried as the year"};
}

leaf_outcome put_postcode(v1::Address& address, std::string_view postcode) {
    const auto text = folded(postcode, false);
    if (!begins(text, "ZZ99")) {
        address.set_postcode(std::string(postcode));
        return {};
    }
    address.add_lines(text == "ZZ993VZ" ? "no fixed abode" : "address not known");
    return {true, "a postcode that stands for no place: written out"};
}

std::optional<v1::PartialDate> english_date(std::string_view text) {
    const auto space = text.find(' ');
    if (space != std::string_view::npos) text = text.substr(0, space);
    if (text.size() != 10 || text[2] != '/' || text[5] != '/') return census_date(text);
    std::string iso(text.substr(6));
    iso += '-';
    iso += text.substr(3, 2);
    iso += '-';
    iso += text.substr(0, 2);
    return census_date(iso);
}

} // namespace cairn::agents::profiles

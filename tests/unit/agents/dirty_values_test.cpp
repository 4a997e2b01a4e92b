#include "agents/profiles/dirty_values.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents::profiles;
namespace v1 = cairn::v1;

namespace {

v1::PartialDate date(std::uint32_t y, std::uint32_t m, std::uint32_t d) {
    v1::PartialDate out;
    out.set_year(y);
    out.set_month(m);
    out.set_day(d);
    return out;
}

} // namespace

TEST_CASE("the published vectors of each identifier warn where they are wrong and only there") {
    using id = v1::Identifier;
    const auto noted = [](id::Scheme s, std::string_view value) {
        return !identifier_note(s, value, 2026).empty();
    };
    for (const auto* good : {"9000000009", "9000000025", "9449305552", "9691914913", "9434765919"})
        CHECK_FALSE(noted(id::SCHEME_NHS_NUMBER, good));
    for (const auto* bad : {"0449310999", "9912003890"}) CHECK(noted(id::SCHEME_NHS_NUMBER, bad));
    CHECK_FALSE(noted(id::SCHEME_UPN, "H801200001001"));
    CHECK(noted(id::SCHEME_UPN, "A123456789123"));
    CHECK(noted(id::SCHEME_FORMER_UPN, "A123456789123"));
    for (const auto* good :
         {"1979/0163001B", "2002/0073319Z", "81/34U", "1981/0000034U", "00/223R"})
        CHECK_FALSE(noted(id::SCHEME_PNC, good));
    CHECK(noted(id::SCHEME_PNC, "2001/0171310S"));
    for (const auto* good : {"065656/91H", "SF05/482703J", "SF83/50058Z"})
        CHECK_FALSE(noted(id::SCHEME_CRO, good));
    CHECK(noted(id::SCHEME_CRO, "85227/65G"));
    CHECK_FALSE(noted(id::SCHEME_NINO, "AA111111A"));
    CHECK(noted(id::SCHEME_NINO, "QQ123456A"));
    CHECK_FALSE(noted(id::SCHEME_LOCAL, "anything"));
}

TEST_CASE("a National Insurance number has a shape and no check digit") {
    CHECK(nino_shape_ok("aa 11 11 11 a"));
    for (const auto* bad :
         {"",
          "AA11111A",
          "AA111111E",
          "AA1111111",
          "GB111111A",
          "ZZ111111A",
          "AO111111A",
          "D1111111A",
          "AA11111XA"})
        CHECK_FALSE(nino_shape_ok(bad));
}

TEST_CASE("what stands for a name and is none is carried and marked") {
    for (const auto* name :
         {"Baby of Hartley", "baby", "UNBORN", "Unknown", "b/o Hartley", "REDACTED", "Baby Girl"})
        CHECK(is_placeholder_name(name));
    for (const auto* name : {"Babylon", "Unborne", "Tamsin", "", "Knowles"})
        CHECK_FALSE(is_placeholder_name(name));
    v1::Person person;
    CHECK(put_given(person, "Baby of Hartley").note.find("placeholder") != std::string::npos);
    CHECK(put_family(person, "Hartley").note.empty());
    REQUIRE(person.names().size() == 1);
    CHECK(person.names(0).use() == v1::PersonName::USE_PLACEHOLDER);
    CHECK(person.names(0).given() == "Baby of Hartley");
    CHECK_FALSE(put_given(person, "Other").taken);
}

TEST_CASE("1 January is carried as the year, with a note, and any other day as it is") {
    v1::Person person;
    CHECK(put_birth(person, date(2016, 1, 1)).note.find("1 January") == 0);
    CHECK(person.birth().born().year() == 2016);
    CHECK(person.birth().born().month() == 0);
    CHECK(put_birth(person, date(2016, 1, 1)).taken);
    CHECK_FALSE(put_birth(person, date(2016, 1, 2)).taken);
    v1::Person other;
    CHECK(put_birth(other, date(2016, 1, 2)).note.empty());
    CHECK(other.birth().born().day() == 2);
}

TEST_CASE("postcodes that stand for no place are written out") {
    v1::Address address;
    CHECK(put_postcode(address, "zz99 3vz").note.find("stands for no place") != std::string::npos);
    CHECK(address.postcode().empty());
    CHECK(address.lines(0) == "no fixed abode");
    v1::Address unknown;
    (void) put_postcode(unknown, "ZZ993WZ");
    CHECK(unknown.lines(0) == "address not known");
    v1::Address real;
    CHECK(put_postcode(real, "ZZ9 8QP").note.empty());
    CHECK(real.postcode() == "ZZ9 8QP");
}

TEST_CASE("English and ISO dates are read, with and without a time, and others are not") {
    CHECK(english_date("29/02/2024")->day() == 29);
    CHECK(english_date("03/12/2017 00:00")->month() == 12);
    CHECK(english_date("2017-12-03")->month() == 12);
    for (const auto* bad : {"29/02/2023", "13/13/2020", "1/2/2020", "01-02-2020", "", "01/02/20"})
        CHECK_FALSE(english_date(bad));
}

#include "core/identifiers.hpp"

#include <catch2/catch.hpp>

using namespace cairn;

TEST_CASE("NHS numbers are checked by modulo 11") {
    for (const char* good :
         {"9000000009",
          "9000000025",
          "9449305552",
          "9691914913",
          "9434765919",
          "900 000 0009",
          "900-000-0009"}) {
        CAPTURE(good);
        CHECK(nhs_number_ok(good));
    }
    for (const char* bad :
         {"0449310999", "9912003890", "900000000", "90000000090", "900000000X", "", "9000000008"}) {
        CAPTURE(bad);
        CHECK_FALSE(nhs_number_ok(bad));
    }
}

TEST_CASE("an NHS number whose check digit would be ten is wrong") {
    // search.
    int impossible = 0;
    for (int serial = 400000000; serial < 400000100; ++serial) {
        int passing = 0;
        for (int check = 0; check < 10; ++check) {
            if (nhs_number_ok(std::to_string(serial) + std::to_string(check))) ++passing;
        }
        REQUIRE(passing <= 1);
        if (passing == 0) ++impossible;
    }
    CHECK(impossible > 0);
}

TEST_CASE("pupil numbers carry their check letter in front") {
    CHECK(upn_ok("H801200001001"));
    CHECK(upn_ok("h801200001001"));
    CHECK(upn_ok("P123456789123"));
    CHECK_FALSE(upn_ok("A123456789123"));
    CHECK_FALSE(upn_ok("H80120000100"));
    CHECK_FALSE(upn_ok("H8012000010011"));
    CHECK_FALSE(upn_ok("H80120000A001"));
    CHECK_FALSE(upn_ok(""));
    // I, O and S are never used.
    CHECK_FALSE(upn_ok("H80120000100S"));
}

TEST_CASE("police numbers pass with two and four digit years") {
    CHECK(pnc_ok("1979/0163001B", 2026));
    CHECK(pnc_ok("2002/0073319Z", 2026));
    CHECK(pnc_ok("81/34U", 2026));
    CHECK(pnc_ok("1981/0000034U", 2026));
    CHECK(pnc_ok("00/223R", 2026));
    CHECK_FALSE(pnc_ok("2001/0171310S", 2026));
    CHECK(pnc_ok("2001/0171310W", 2026));
    CHECK_FALSE(pnc_ok("2002/0073319Z", 2001)); // not yet
    CHECK_FALSE(pnc_ok("2002/", 2026));
    CHECK_FALSE(pnc_ok("2002/Z", 2026));
    CHECK_FALSE(pnc_ok("", 2026));
    CHECK_FALSE(pnc_ok("202/0073319Z", 2026));
    CHECK_FALSE(pnc_ok("2002/00733190Z", 2026));
}

TEST_CASE("criminal record numbers pad the serial in the long form only") {
    CHECK(cro_ok("065656/91H"));
    CHECK(cro_ok("SF05/482703J"));
    CHECK(cro_ok("SF83/50058Z"));
    CHECK_FALSE(cro_ok("85227/65G"));
    CHECK(cro_ok("85227/65L"));
    CHECK_FALSE(cro_ok("SF/482703J"));
    CHECK_FALSE(cro_ok("065656/9H"));
    CHECK_FALSE(cro_ok("/91H"));
    CHECK_FALSE(cro_ok(""));
}

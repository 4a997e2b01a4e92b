// The Children in Need census's own lists of codes against ours, both ways: a council writes its
// codes as they are, and a code that we lack would cost a field of a child without anybody saying.
#include "agents/core/labels.hpp"
#include "agents/profiles/cin.hpp"
#include "agents/profiles/cin_values.hpp"

#include "cairn/v1/codes.pb.h"
#include "formats_support.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <sstream>

using namespace cairn;
using namespace cairn::agents;
namespace v1 = cairn::v1;
namespace pb = google::protobuf;

namespace {

struct code_set {
    const pb::EnumDescriptor* ours;
    // The census's, as its guidance and the councils' validator list them.
    const char* codes;
};

const std::vector<code_set> same_codes = {
    {v1::ReferralSource_descriptor(),
     "1A 1B 1C 1D 2A 2B 3A 3B 3C 3D 3E 3F 4 5A 5B 5C 5D 6 7 8 9 10"},
    {v1::AssessmentFactor_descriptor(),
     "1A 1B 1C 2A 2B 2C 3A 3B 3C 4A 4B 4C 5A 5B 5C 6A 6B 6C 7A 8B 8C 8D 8E 8F 9A 10A 11A 12A 13A "
     "14A 15A 16A 17A 18B 18C 19B 19C 20 21 22A 23A 24A"},
    {v1::PrimaryNeed_descriptor(), "N1 N2 N3 N4 N5 N6 N7 N8 N9 N0"},
    {v1::CategoryOfAbuse_descriptor(), "NEG PHY SAB EMO MUL"},
    {v1::ReasonForClosure_descriptor(), "RC1 RC2 RC3 RC4 RC5 RC6 RC7 RC8 RC9"},
    {v1::UpnUnknown_descriptor(), "UN1 UN2 UN3 UN4 UN5"},
    {v1::Disability_descriptor(), "NONE MOB HAND PC INC COMM LD HEAR VIS BEH CON AUT DDA"},
};

constexpr const char* ethnicities =
    "ABAN AIND AOTH APKN BAFR BCRB BOTH CHNE MOTH MWAS MWBA MWBC NOBT OOTH REFU WBRI WIRI WIRT "
    "WOTH WROM";

std::set<std::string> words(const char* text) {
    std::istringstream in(text);
    std::set<std::string> out;
    for (std::string word; in >> word;) REQUIRE(out.insert(word).second);
    return out;
}

// What stands behind the prefix that all values of the set share.
std::set<std::string> ends_of_names(const pb::EnumDescriptor& set) {
    const std::string first = set.value(0)->name();
    const std::size_t prefix = first.size() - std::string_view("UNSPECIFIED").size();
    std::set<std::string> out;
    for (int i = 1; i < set.value_count(); ++i) out.insert(set.value(i)->name().substr(prefix));
    return out;
}

// The census tells apart what it writes in two ways, and calls two things "0".
v1::Sex sex_of(const std::string& code, const char* birth) {
    const std::string child = "<ChildIdentifiers><Sex>" + code + "</Sex><" + birth +
                              ">2026-12-01</" + birth + "></ChildIdentifiers>";
    const auto mapped = agents_test::map_all(
        profiles::map_cin,
        "<Message><Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails>"
        "</Header><Children><Child>" +
            child + "</Child></Children></Message>"
    );
    REQUIRE_OK(mapped);
    REQUIRE(mapped->concerns.size() == 1);
    return mapped->concerns[0].persons(0).sex();
}

} // namespace

TEST_CASE("no code of the census is without a value of ours, and no value without a code") {
    for (const code_set& s : same_codes) {
        INFO(s.ours->full_name());
        CHECK(ends_of_names(*s.ours) == words(s.codes));
        for (const std::string& code : words(s.codes)) {
            INFO(code);
            const auto read = profiles::census_code(*s.ours, code);
            REQUIRE(read);
            CHECK(s.ours->FindValueByNumber(*read)->name().ends_with("_" + code));
        }
    }
}

TEST_CASE("every set of codes that the schema has is held against the census") {
    std::set<const pb::EnumDescriptor*> known{v1::Sex_descriptor()};
    for (const code_set& s : same_codes) known.insert(s.ours);
    const pb::FileDescriptor& file = *v1::Disability_descriptor()->file();
    for (int i = 0; i < file.enum_type_count(); ++i) {
        INFO(file.enum_type(i)->full_name() << ": give its codes in this test");
        CHECK(known.contains(file.enum_type(i)));
    }
    CHECK(known.size() == static_cast<std::size_t>(file.enum_type_count()));
}

TEST_CASE("each way the census writes a sex is read, and each of ours is written there") {
    constexpr const char* born = "PersonBirthDate";
    constexpr const char* expected = "ExpectedPersonBirthDate";
    CHECK(sex_of("1", born) == v1::SEX_MALE);
    CHECK(sex_of("M", born) == v1::SEX_MALE);
    CHECK(sex_of("2", born) == v1::SEX_FEMALE);
    CHECK(sex_of("F", born) == v1::SEX_FEMALE);
    CHECK(sex_of("9", born) == v1::SEX_UNKNOWN);
    CHECK(sex_of("U", born) == v1::SEX_UNKNOWN);
    CHECK(sex_of("0", born) == v1::SEX_UNKNOWN);
    CHECK(sex_of("0", expected) == v1::SEX_UNBORN);
    // Four and the unspecified one: what comes later needs its code above.
    CHECK(v1::Sex_descriptor()->value_count() == 5);
}

TEST_CASE("ethnicities are the census's codes, each with words and no other with any") {
    const auto codes = words(ethnicities);
    for (const std::string& code : codes) {
        INFO(code);
        CHECK(ethnicity_label(code).ends_with(" (" + code + ")"));
    }
    // The field is a text, so the words are the only list of ours; every code has four letters.
    std::set<std::string> worded;
    std::string code(4, 'A');
    const auto next = [&code] {
        for (auto at = code.rbegin(); at != code.rend(); ++at) {
            if (++*at <= 'Z') return true;
            *at = 'A';
        }
        return false;
    };
    do {
        if (ethnicity_label(code) != code) worded.insert(code);
    } while (next());
    CHECK(worded == codes);
}

// The worked example of docs/formats/keyed-names.md is what stands in a notice.
#include "support/paths.hpp"
#include "unit/redaction/made.hpp"

#include <fstream>
#include <map>
#include <sstream>

using namespace cairn;
using namespace cairn::redaction;
using namespace cairn::redaction::testing;

namespace {

std::map<std::string, std::string> vectors_of_page() {
    std::ifstream in{std::string{CAIRN_SOURCE_DIR} + "/docs/formats/keyed-names.md"};
    std::map<std::string, std::string> out;
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (line.rfind("```", 0) == 0) {
            inside = line == "```vector";
            continue;
        }
        const auto space = line.find(' ');
        if (inside) out[line.substr(0, space)] = line.substr(space + 1);
    }
    return out;
}

key256 key_of_example() {
    key256 partnership{};
    partnership.fill(7);
    return derive_key(partnership, "cairn hash v1 pseudonym");
}

redacted notice_of_example(const policy::table& rules) {
    const v1::Concern c = test::school_concern();
    concern_context s = shared();
    s.pseudonym_key = key_of_example();
    return make_notice(c, analyse(c), rules, s, desk());
}

std::string short_hash(const std::string& input_hex) {
    const auto input = from_hex(input_hex);
    REQUIRE(input);
    return to_hex(view(hmac_sha256(key_of_example(), {*input})).substr(0, 8));
}

} // namespace

TEST_CASE("the page on keyed names shows the challenge ids of a notice and what they are made of") {
    auto page = vectors_of_page();
    const key256 key = key_of_example();
    CHECK(page["key"] == to_hex({reinterpret_cast<const char*>(key.data()), key.size()}));

    auto rules = all_but({v1::CATEGORY_INJURY, v1::CATEGORY_INTELLIGENCE});
    rules.veil(v1::CATEGORY_INTELLIGENCE);
    const redacted r = notice_of_example(rules);
    const v1::Withheld* injury = withheld(r, "child-1", v1::CATEGORY_INJURY);
    REQUIRE(injury != nullptr);
    CHECK(page["challenge_id"] == injury->challenge_id());
    CHECK(page["challenge_id"] == short_hash(page["challenge_input"]));
    const v1::Withheld* merged = withheld(r, "", v1::CATEGORY_UNSPECIFIED);
    REQUIRE(merged != nullptr);
    CHECK(page["merged_id"] == merged->challenge_id());
    CHECK(page["merged_id"] == short_hash(page["merged_input"]));
}

TEST_CASE("the page on keyed names shows the pseudonym of a notice and what it is made of") {
    auto page = vectors_of_page();
    const redacted r = notice_of_example(all_but({v1::CATEGORY_IDENTITY}, v1::FORM_PSEUDONYM));
    CHECK(page["pseudonym"] == r.notice.content().persons(0).names(0).given());
    CHECK(page["pseudonym"] == "p-" + short_hash(page["pseudonym_input"]));
}

#include "policy/dates.hpp"
#include "policy/render/page.hpp"
#include "policy/render/records.hpp"
#include "support.hpp"
#include "support/golden.hpp"

#include <catch2/catch.hpp>
#include <google/protobuf/text_format.h>

#include <regex>
#include <set>

using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

const auto day = *parse_day(today);

// The shipped text with something added at its end.
std::shared_ptr<const table> with(const std::string& more) {
    auto made = table::compile(std::string(template_policy()) + more, today);
    if (!made) FAIL(made.error().public_text());
    return *made;
}

std::size_t times(const std::string& text, const std::string& what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
    return n;
}

std::string between(const std::string& text, const std::string& from, const std::string& to) {
    const auto begin = text.find(from);
    REQUIRE(begin != std::string::npos);
    const auto end = text.find(to, begin + from.size());
    REQUIRE(end != std::string::npos);
    return text.substr(begin, end - begin);
}

const char* const additions = R"(
questions {
  title: "Whether <b>bold</b> is asked"
  text: "Where two pages contradict each other."
  meanwhile: "The stricter one holds." owner: "Nobody yet"
}
invariants {
  name: "T1" title: "Housing gets no health" guarantee: GUARANTEE_AT_MOST
  categories: [CATEGORY_HEALTH] roles: [ROLE_HOUSING] form: FORM_MASKED sentence: "Never."
  authority: "a" owner: "o" harm: "h"
}
invariants {
  name: "T2" title: "Police get identity" guarantee: GUARANTEE_AT_LEAST
  categories: [CATEGORY_IDENTITY] roles: [ROLE_MASH] form: FORM_FULL sentence: "Always."
  authority: "a" owner: "o" harm: "h"
}
)";

} // namespace

TEST_CASE("the page puts what is open first, then what is proved, then the rest") {
    const auto text = with(additions);
    const auto page = policy_page(*text, std::nullopt, today);
    const auto at = [&](const char* id) {
        const auto found = page.find(std::string("id=\"") + id + "\"");
        INFO(id);
        REQUIRE(found != std::string::npos);
        return found;
    };
    CHECK(at("open") < at("proof"));
    CHECK(at("proof") < at("who"));
    CHECK(at("who") < at("cases"));
    CHECK(at("cases") < at("rules"));
    CHECK(at("rules") < at("sign"));
    CHECK(page.find("Whether &lt;b&gt;bold&lt;/b&gt; is asked") != std::string::npos);
    CHECK(page.find("<b>") == std::string::npos);
    CHECK(page.find("180, of which 180 are not verified by anybody") != std::string::npos);
    CHECK(times(page, text->digest_hex()) == 2);
}

TEST_CASE("a page without a proof says of every promise that it is not proved here") {
    const auto page = policy_page(*with(additions), std::nullopt, today);
    CHECK(times(page, "Not proved here:</span>") == times(page, "class=\"verdict\""));
    CHECK(times(page, "class=\"verdict\"") >= 2);
    CHECK(page.find("Holds everywhere") == std::string::npos);
}

TEST_CASE(
    "a broken promise is told with its counterexample, another holds, and so one of the program"
) {
    proof_result proof;
    proof.prover = 3;
    proof.points = 1'300'000'007;
    proof.broken = {{"T1", "Housing reads <what> it must not"}, {"built-in", "A bar was raised"}};
    const auto page = policy_page(*with(additions), proof, today);
    const auto proved = between(page, "id=\"proof\"", "</section>");
    CHECK(proved.find("1,300,000,007 points") != std::string::npos);
    CHECK(proved.find("is not to be used") != std::string::npos);
    const auto of_t1 = between(proved, "T1: ", "</li>");
    CHECK(of_t1.find("Housing reads &lt;what&gt; it must not") != std::string::npos);
    CHECK(times(proved, "BROKEN:") == 2);
    CHECK(proved.find("A bar was raised") != std::string::npos);
    CHECK(times(proved, "Holds everywhere:") == times(proved, "class=\"verdict\"") - 2);
    CHECK(proved.find("Not proved here") == std::string::npos);
}

TEST_CASE("every cell of the page is what the table decides, in words, and leads to its case") {
    const auto page = policy_page(shipped(), std::nullopt, today);
    const auto who = between(page, "id=\"who\"", "</section>");
    // Ways to check one cell by hand: a table of one category, its row, its column.
    const auto convictions = between(who, "<h3>Convictions and cautions</h3>", "</table>");
    std::smatch m;
    const std::regex cell(
        "About[^<]*a parent or carer[^<]*</span><span class=\"what\">for enquiry into significant "
        "harm.*?</tr>"
    );
    REQUIRE(std::regex_search(convictions, m, cell));
    const std::string row = m.str();
    CHECK(row.find("data-desk=\"School&#39;s safeguarding lead\"") != std::string::npos);
    const auto school = between(row, "School&#39;s safeguarding lead", "</td>");
    CHECK(school.find(">shorter*<") != std::string::npos);
    CHECK(school.find("rule 112") != std::string::npos);
    // Each mark is a word in a colour of its own, and every link leads somewhere.
    const std::regex td(
        "<td role=\"cell\" class=\"(\\w+)\" data-desk=\"[^\"]*\"><a href=\"#(case-\\d+)\" "
        "title=\"[^\"]+\">(\\w+)\\*?</a></td>"
    );
    std::size_t cells = 0;
    std::set<std::string> cases;
    for (std::sregex_iterator i(who.begin(), who.end(), td), end; i != end; ++i, ++cells) {
        CHECK((*i)[1] == (*i)[3]);
        cases.insert((*i)[2]);
    }
    CHECK(cells == times(who, "<td"));
    CHECK(cells > 5000);
    for (const auto& c : cases) CHECK(times(page, "id=\"" + c + "\"") == 1);
    const std::regex link("href=\"#(rule-\\d+)\"");
    std::set<std::string> rules;
    for (std::sregex_iterator i(page.begin(), page.end(), link), end; i != end; ++i)
        rules.insert((*i)[1]);
    CHECK(rules.size() > 150);
    for (const auto& r : rules) CHECK(times(page, "id=\"" + r + "\"") == 1);
}

TEST_CASE("the page has a name of each desk, category and purpose and none of our code") {
    const auto page = policy_page(shipped(), std::nullopt, today);
    for (const auto& w : shipped().source().words()) {
        const bool spoken = w.name().rfind("ROLE_", 0) == 0 || w.name().rfind("PURPOSE_", 0) == 0;
        INFO(w.name());
        if (spoken) CHECK(page.find(w.text().substr(0, w.text().find('\''))) != std::string::npos);
    }
    CHECK_FALSE(
        std::regex_search(page, std::regex("(CATEGORY|SUBJECT|ROLE|PURPOSE|FORM|FLAG|TIER)_"))
    );
    CHECK(page.find("<script") == std::string::npos);
}

TEST_CASE("the record of processing and the policy document are the ones on file") {
    auto ropa = record_of_processing(shipped(), day);
    // Of the purposes one narrow one is kept on file; the others are as long as they are alike.
    const auto first = ropa.find("## Purpose: ");
    const auto kept = between(ropa, "## Purpose: telling the school", "## Purpose: ");
    CHECK(
        times(ropa, "## Purpose: ") +
            (ropa.find("nothing is shown") == std::string::npos ? 0 : 1) >=
        12
    );
    ropa = ropa.substr(0, first) + kept + ropa.substr(ropa.find("## Retention"));
    auto apd = appropriate_policy_document(shipped(), day);
    for (const auto& [name, text] :
         {std::pair("policy_ropa.md", ropa), std::pair("policy_apd.md", apd)}) {
        // A golden file that moves with every letter of the template would be read by nobody.
        auto now = text;
        const auto digest = now.find(shipped().digest_hex());
        REQUIRE(digest != std::string::npos);
        now.replace(digest, shipped().digest_hex().size(), "DIGEST");
        const auto r = cairn::test::golden(name, now);
        INFO(r.difference);
        CHECK(r.same);
    }
}

TEST_CASE("what no text can know is to be filled in, by somebody") {
    for (const auto& text :
         {record_of_processing(shipped(), day), appropriate_policy_document(shipped(), day)}) {
        CHECK(times(text, "**To be filled in by ") >= 4);
        CHECK(text.find("PROPOSED") != std::string::npos);
        CHECK(text.find("Not built yet") != std::string::npos);
    }
}

TEST_CASE("a protected address stands in the record with its final list alone") {
    const auto ropa = record_of_processing(shipped(), day);
    std::size_t rows = 0;
    for (auto at = ropa.find("\n| "); at != std::string::npos; at = ropa.find("\n| ", at + 1)) {
        const auto line = ropa.substr(at + 1, ropa.find('\n', at + 1) - at - 1);
        if (times(line, " | ") < 3 ||
            line.find("an address or telephone number") == std::string::npos) {
            continue;
        }
        ++rows;
        const auto desk = line.substr(0, line.find(" | ", 2));
        for (const char* other :
             {"hub", "front door", "school", "housing", "every desk", "chair"}) {
            INFO(desk);
            CHECK(desk.find(other) == std::string::npos);
        }
    }
    CHECK(rows > 5);
}

TEST_CASE("a text that words its desks in markup makes no markup") {
    std::string text(template_policy());
    const std::string word = "text: \"housing\"";
    text.replace(text.find(word), word.size(), "text: \"a|b<i>\\n# c\"");
    const auto made = table::compile(text, today);
    REQUIRE(made);
    const auto ropa = record_of_processing(**made, day);
    CHECK(ropa.find("a\\|b\\<i\\> \\# c") != std::string::npos);
    CHECK(ropa.find("<i>") == std::string::npos);
    const auto page = policy_page(**made, std::nullopt, today);
    CHECK(page.find("<i>") == std::string::npos);
    CHECK(page.find("a|b&lt;i&gt;") != std::string::npos);
}

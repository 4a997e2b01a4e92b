// What an author reads who made a mistake: the place, what is wrong, and what was meant.
#include "core/limits.hpp"
#include "policy/nearest.hpp"
#include "policy/parse.hpp"
#include "unit/policy/support.hpp"

#include <cstdio>
#include <regex>

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

// The shipped text with the first `what` behind `after` replaced.
std::string with(std::string_view after, std::string_view what, std::string_view by) {
    std::string text(template_policy());
    const auto at = text.find(what, text.find(after));
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), by);
}

int line_of(const std::string& text, std::string_view what) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(text.find(what));
    return 1 + static_cast<int>(std::count(text.begin(), end, '\n'));
}

failure refusal(std::string_view text) {
    const auto made = table::compile(text, today);
    if (made) FAIL("it was taken");
    return made.error();
}

} // namespace

TEST_CASE("a typo in a field's name is told with line, column and the nearest name") {
    const auto text = with("number: 310", "categories:", "categorys:");
    const auto f = refusal(text);
    CHECK(f.code == errc::policy_invalid);
    CHECK(has(f.where, "line " + std::to_string(line_of(text, "categorys:")) + ", column "));
    CHECK(has(f.where, "categorys"));
    CHECK(has(f.where, "Nearest: categories."));
}

TEST_CASE("an unknown category is told with line, column and the nearest one") {
    const auto text = with("number: 360", "CATEGORY_HEALTH", "CATEGORY_HELTH");
    const auto f = refusal(text);
    CHECK(f.code == errc::policy_invalid);
    CHECK(has(f.where, "line " + std::to_string(line_of(text, "CATEGORY_HELTH")) + ", column "));
    CHECK(has(f.where, "Nearest: CATEGORY_HEALTH."));
    const auto far = refusal(with("number: 360", "CATEGORY_HEALTH", "XYZZY"));
    CHECK_FALSE(has(far.where, "Nearest"));
}

TEST_CASE("the nearest name is one that a text may hold, and none where none is near") {
    CHECK(nearest_name("ROLE_FRONTDOOR") == "ROLE_FRONT_DOOR");
    CHECK(nearest_name("guarantie") == "guarantee");
    CHECK(nearest_name("FLAG_DETRIMENTS") == "FLAG_DETRIMENT");
    CHECK(nearest_name("password").empty());
    CHECK(nearest_name("").empty());
    CHECK(nearest_name(std::string(10'000'000, 'A')).empty());
}

TEST_CASE("a text of ten megabytes is refused by its size with the limit, unread") {
    std::string text(template_policy());
    // Not even text format: nobody looked.
    text.resize(10'000'000, '}');
    const auto f = refusal(text);
    CHECK(f.code == errc::policy_invalid);
    CHECK(has(f.where, ": longer than " + std::to_string(limits::policy_bytes) + " bytes"));
    // Where it becomes too long.
    const auto before = text.substr(0, limits::policy_bytes);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto column = before.size() - before.rfind('\n');
    const auto place = "line " + std::to_string(line) + ", column " + std::to_string(column);
    CHECK(f.where.rfind(place + ": ", 0) == 0);
}

TEST_CASE("a text cut in half says where it ends") {
    const std::string text(template_policy().substr(0, template_policy().size() / 2));
    const auto f = refusal(text);
    CHECK(f.code == errc::policy_invalid);
    CHECK(f.where.rfind("line ", 0) == 0);
}

TEST_CASE("a number used twice, a rule without authority: told with the line of the row") {
    const auto twice = refusal(with("number: 310", "number: 310", "number: 311"));
    CHECK(twice.code == errc::policy_contradiction);
    CHECK(twice.where.rfind("line ", 0) == 0);
    CHECK(has(twice.where, "column 3: rule 311: another rule has this number"));
    const auto bare = refusal(with("number: 313", "  authority:", "  approver:"));
    CHECK(bare.code == errc::policy_invalid);
    CHECK(bare.where.rfind("line ", 0) == 0);
    CHECK(has(bare.where, "rule 313: authority is missing"));
}

TEST_CASE("a review before the rule began is refused, one that has passed is not") {
    const auto f =
        refusal(with("number: 310", "review_by: \"2027-06-30\"", "review_by: \"2024-06-30\""));
    CHECK(has(f.where, "rule 310: review_by is before in_force"));
    const auto past = with("number: 310", "review_by: \"2027-06-30\"", "review_by: \"2026-06-30\"");
    CHECK(table::compile(past, today));
}

TEST_CASE(
    "what is wrong in a field is told at the field, what is missing at its row, how to mend it"
) {
    struct bad {
        const char* after;
        const char* what;
        const char* by;
        // What stands at the place named.
        const char* at;
        const char* told;
    };
    const bad all[] = {
        {"number: 310",
         "2027-06-30",
         "30 June 2027",
         "review_by:",
         "review_by is not a day: write"},
        {"number: 310", "2027-06-30", "2024-06-30", "review_by:", "so give a later day"},
        {"number: 310",
         "form: FORM_FULL",
         "form: FORM_MASKED",
         "form:",
         "form does not fit the tier"},
        {"number: 310", "SUBJECT_CHILD", "SUBJECT_OF_PERSON", "subjects:", "take it out"},
        {"number: 310", "number: 310", "number: 311", "number: 311", "that no rule ever had"},
        {"number: 310", "  title:", "  # title:", "rules {", "say in a few words"},
        {"number: 313", "  authority:", "  approver:", "rules {", "name the section and paragraph"},
        {"", "valid_until: \"", "valid_until: \"x", "valid_until:", "write it as 2026-11-22"},
        {"", "version: \"", "partnership: \"\" # \"", "", "version is missing"},
    };
    for (const auto& b : all) {
        auto text = with(b.after, b.what, b.by);
        const auto f = refusal(text);
        INFO(b.told << ": " << f.where);
        CHECK(has(f.where, b.told));
        int line = 0;
        int column = 0;
        REQUIRE(std::sscanf(f.where.c_str(), "line %d, column %d: ", &line, &column) == 2);
        std::size_t from = 0;
        for (int n = 1; n < line; ++n) from = text.find('\n', from) + 1;
        const auto there = text.substr(from + static_cast<std::size_t>(column) - 1, 40);
        INFO(there);
        CHECK(there.rfind(b.at, 0) == 0);
    }
}

TEST_CASE("a must rule that opens what the law bars is told where its exceptions stand") {
    const auto text = with("number: 110", "unless: [FLAG_DETRIMENT]", "unless: [FLAG_SENDER_DESK]");
    // Without the bar of the law above it nothing stands over the must.
    auto p = parse(text);
    REQUIRE(p);
    std::string bare = text;
    const auto bar = bare.find("  number: 3\n");
    const auto begin = bare.rfind("rules {", bar);
    bare.erase(begin, bare.find("\n}\n", bar) + 3 - begin);
    const auto f = refusal(bare);
    CHECK(f.code == errc::policy_contradiction);
    CHECK(std::regex_search(
        f.where,
        std::regex("^line [0-9]+, column [0-9]+: rule [0-9]+: would open "
                   "what the law bars: put FLAG_STATUTORY_BAR")
    ));
}

TEST_CASE("an invariant that says nothing, or more than it is asked, is refused with its line") {
    const struct {
        const char* what;
        const char* by;
        const char* told;
    } faults[] = {
        {"  guarantee: GUARANTEE_AT_LEAST\n", "", "invariant U1: guarantee is missing"},
        {"  form: FORM_FULL\n", "", "invariant U1: form is missing"},
        {"  form: FORM_FULL\n",
         "  form: FORM_FULL routes: [LAWFUL_BASIS_6E]\n",
         "routes is not read"},
        {"  form: FORM_FULL\n", "  form: FORM_FULL flags: [FLAG_RELEASED]\n", "flags is not read"},
        {"FLAG_CONFLICT", "FLAG_CONFLICT, FLAG_CONFLICT", "unless names one value twice"},
        {"  form: FORM_FULL\n", "  form: FORM_FULL when: [FLAG_CONFLICT]\n", "can never apply"},
        {"  form: FORM_FULL\n",
         "  form: FORM_FULL min_risk: RISK_LEVEL_NEED max_risk: RISK_LEVEL_UNIVERSAL\n",
         "max_risk is below min_risk"},
        {"  harm:", "  # harm\n  title:", "line "},
        {"name: \"U1\"", "name: \"U2\"", "another invariant has this name"},
        {"name: \"U1\"", "name: \"\"", "name is missing"},
    };
    for (const auto& x : faults) {
        const auto f = refusal(with("  name: \"U1\"", x.what, x.by));
        INFO(x.told << ": " << f.where);
        CHECK((f.code == errc::policy_invalid || f.code == errc::policy_contradiction));
        CHECK(f.where.rfind("line ", 0) == 0);
        CHECK(has(f.where, x.told));
    }
    const auto same =
        refusal(with("  name: \"F1\"", "flags: [", "when: [FLAG_DETRIMENT]\n  flags: ["));
    CHECK(has(same.where, "it would never change"));
    const auto open = refusal(with("questions {", "  meanwhile:", "  owner:"));
    CHECK(open.code == errc::policy_invalid);
}

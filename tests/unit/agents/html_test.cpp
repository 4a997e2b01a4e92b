#include "agents/core/html.hpp"
#include "agents/core/html_rows.hpp"
#include "agents/core/html_text.hpp"
#include "agents/core/outline.hpp"

#include "support.hpp"
#include "support/full_notice.hpp"
#include "support/golden.hpp"
#include "support/paths.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>

using namespace cairn;
using namespace cairn::agents;
using namespace agents_test;
namespace v1 = cairn::v1;

namespace {

v1::Notice example() {
    v1::Notice n;
    n.set_concern_id("0123456789abcdef0123456789abcdef");
    n.set_thread("0123456789abcdef0123456789abcdef");
    n.set_desk("oakfield/dsl");
    n.set_sender("northshire-police");
    n.set_kind(v1::CONCERN_KIND_NOTIFICATION);
    n.set_decided_at_us(1'795'305'600'000'000);
    n.set_policy_digest("aa11");
    auto& c = *n.mutable_content();
    c.set_purpose(v1::PURPOSE_ENCOMPASS);
    c.add_bases(v1::LAWFUL_BASIS_6C);
    auto& what = *c.mutable_notification();
    what.set_incident(v1::Notification::INCIDENT_DOMESTIC_ABUSE);
    what.set_summary("Police were called to the home; the child was upstairs.");
    auto& asked = *what.add_requested();
    asked.set_kind(v1::RequestedAction::KIND_SUPPORT_IN_SCHOOL);
    c.mutable_risk()->set_level(v1::RISK_LEVEL_NEED);
    auto& child = *c.add_persons();
    child.set_ref("child-1");
    child.set_role(v1::SUBJECT_CHILD);
    auto& name = *child.add_names();
    name.set_given("Asha");
    name.set_family("Example");
    child.mutable_birth()->mutable_born()->set_year(2015);
    auto& relation = *child.add_relations();
    relation.set_to_ref("carer-1");
    relation.set_kind(v1::Relation::KIND_PARENT);
    auto& carer = *c.add_persons();
    carer.set_ref("carer-1");
    carer.set_role(v1::SUBJECT_CARER);
    auto& w = *n.add_withheld();
    w.set_person_ref("carer-1");
    w.set_category(v1::CATEGORY_PROTECTED_ADDRESS);
    w.set_reason(v1::REASON_ADDRESS_CAN_HARM);
    w.set_ask("northshire-council/front_door");
    w.set_challenge_id("00112233aabbccdd");
    w.set_sentence("The address is kept back because showing it could put somebody in danger.");
    auto& vague = *n.add_withheld();
    vague.set_ask("the sender");
    vague.set_challenge_id("ffeeddccbbaa0011");
    n.add_also_told("northshire-council/front_door");
    return n;
}

std::size_t count(const std::string& in, const std::string& what) {
    std::size_t n = 0;
    for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) ++n;
    return n;
}

} // namespace

TEST_CASE("the page of a notice is the golden one") {
    const auto page =
        render_notice_html(example(), {1234, 1'795'305'600'000'000, 1'795'392'000'000'000});
    const auto golden =
        std::filesystem::path(CAIRN_SOURCE_DIR) / "tests/unit/agents/notice.golden.html";
    if (test::updating_golden()) write_file(golden, page);
    CHECK(page == read_file(golden));
}

TEST_CASE("the page says what to do by when, what is hidden, whom to ask and who else knows") {
    const auto page = render_notice_html(example(), {1234, 0, 1'795'392'000'000'000});
    for (const auto* text :
         {"Concern about Asha Example, aged 10 or 11",
          "Read and acknowledge by the end of Sunday 22 November 2026 (midnight, UK time)",
          "Support the child in school",
          "Asha Example (child)",
          "could put somebody in danger",
          "Other information is held",
          "00112233aabbccdd",
          "Front door, Northshire Council"}) {
        INFO(text);
        CHECK(page.find(text) != std::string::npos);
    }
    // No names of fields, enums or rules.
    for (const auto* text : {"CATEGORY_", "SUBJECT_", "persons[", "child_present", "rule "})
        CHECK(page.find(text) == std::string::npos);
}

TEST_CASE("a blank of a child's voice is a line of the page unless it is hidden") {
    auto n = example();
    n.mutable_withheld()->DeleteSubrange(1, 1); // nothing is held without its kind
    const auto not_said = [&n] { return count(render_notice_html(n, {}), ": not said</bdi>"); };
    CHECK(not_said() == 4);
    auto& voice = *n.mutable_content()->mutable_persons(0)->mutable_voice();
    voice.set_seen(v1::Relation::ANSWER_NO);
    voice.set_own_words("I hide");
    CHECK(not_said() == 2);
    // The free text was held: its blank would be untrue, the other blanks are not.
    voice.clear_own_words();
    auto& held = *n.add_withheld();
    held.set_person_ref("child-1");
    held.set_category(v1::CATEGORY_CHILD_VOICE);
    held.set_partly_shown(true);
    CHECK(not_said() == 2);
    CHECK(render_notice_html(n, {}).find("not told to this desk") == std::string::npos);
    n.mutable_withheld(n.withheld_size() - 1)->set_partly_shown(false);
    CHECK(not_said() == 0);
    // Only children have these lines, and nobody asks whether an unborn one was seen.
    n.mutable_withheld()->RemoveLast();
    CHECK(not_said() == 3);
    n.mutable_content()->mutable_persons(0)->set_sex(v1::SEX_UNBORN);
    CHECK(not_said() == 0);
    n.mutable_content()->mutable_persons(0)->clear_sex();
    n.mutable_content()->mutable_persons(0)->set_role(v1::SUBJECT_SIBLING);
    CHECK(not_said() == 0);
}

TEST_CASE("a blank is not said to be one where the notice holds something without its kind") {
    auto n = example();
    CHECK(count(render_notice_html(n, {}), "not said, or not told to this desk") == 4);
    // What was decided of the voice is told: so it is not what is held.
    auto& group = *n.add_decisions();
    group.add_cells(64 + v1::CATEGORY_CHILD_VOICE);
    CHECK(count(render_notice_html(n, {}), "not told to this desk") == 0);
    CHECK(count(render_notice_html(n, {}), ": not said</bdi>") == 4);
}

TEST_CASE("the page is one accessible document without anything fetched or run") {
    const auto page = render_notice_html(example(), {});
    CHECK(page.find("<html lang=\"en-GB\">") != std::string::npos);
    CHECK(count(page, "<h1") == 1);
    for (const auto* text : {"<script", "src=", "href=", "url(", "@import", " onclick"})
        CHECK(page.find(text) == std::string::npos);
    for (const auto* tag :
         {"section", "dl", "div", "dt", "dd", "ul", "li", "bdi", "main", "header", "footer"}) {
        INFO(tag);
        const auto open =
            count(page, "<" + std::string(tag) + ">") + count(page, "<" + std::string(tag) + " ");
        CHECK(open == count(page, "</" + std::string(tag) + ">"));
    }
}

TEST_CASE("no value of a notice of any kind is lost on the way to its page") {
    for (int kind = v1::CONCERN_KIND_NOTIFICATION; kind <= v1::CONCERN_KIND_STATUS; ++kind) {
        const auto n = test::full_notice(static_cast<v1::ConcernKind>(kind));
        const auto page = render_notice_html(n, {});
        auto lines = outline_of_concern(n.content());
        for (const auto& p : n.content().persons())
            for (auto& line : outline_of_person(p, n.content())) lines.push_back(std::move(line));
        REQUIRE(lines.size() > 200);
        for (const auto& line : lines) {
            const auto text = escape(line.value);
            const auto upper = escape(capital(line.value));
            const bool there =
                page.find(text) != std::string::npos || page.find(upper) != std::string::npos;
            INFO(kind << " " << line.path << ": " << line.value);
            CHECK(there);
        }
        for (const auto& w : n.withheld()) CHECK(page.find(w.challenge_id()) != std::string::npos);
    }
}

TEST_CASE("what goes wrong at night when nobody says it stands before the details") {
    auto n = example();
    auto& c = *n.mutable_content();
    c.set_urgency(v1::URGENCY_IMMEDIATE);
    c.mutable_family_informed()->set_answer(v1::FamilyInformed::ANSWER_NO_UNSAFE);
    auto& relation = *c.mutable_persons(1)->add_relations();
    relation.set_to_ref("child-1");
    relation.set_may_collect(v1::Relation::ANSWER_NO);
    auto& order = *c.mutable_persons(1)->add_orders();
    order.set_to_enforce("not to come near the school");
    const auto page = render_notice_html(n, {});
    const auto details = page.find("id=\"details\"");
    for (const auto* text :
         {"Immediate: act now",
          "Safe address: do not look for it.",
          "The family has not been told.",
          "may not collect <bdi>Asha Example (child)</bdi>",
          "not to come near the school"}) {
        INFO(text);
        CHECK(page.find(text) < details);
    }
    // The same address shown to a desk that may have it is not to go further.
    n.clear_withheld();
    c.mutable_persons(1)->add_addresses()->set_harm(v1::Address::HARM_PROTECTED);
    const auto shown_to_us = render_notice_html(n, {});
    CHECK(
        shown_to_us.find("Safe address: do not pass it on.") < shown_to_us.find("id=\"details\"")
    );
    CHECK(shown_to_us.find("do not look for it") == std::string::npos);
}

TEST_CASE("a safe home address stands with the child, one that can harm only where it is marked") {
    auto n = example();
    auto& child = *n.mutable_content()->mutable_persons(0);
    auto& home = *child.add_addresses();
    home.set_use(v1::Address::USE_HOME);
    home.add_lines("3 Larkspur Way");
    CHECK(count(render_notice_html(n, {}), "3 Larkspur Way") == 1);
    home.set_harm(v1::Address::HARM_SAFE);
    CHECK(count(render_notice_html(n, {}), "3 Larkspur Way") == 2);
}

TEST_CASE("one category of one person, shown here and hidden there, is said to be two places") {
    auto n = example();
    auto& own = *n.add_withheld();
    own.set_person_ref("carer-1");
    own.set_category(v1::CATEGORY_MENTAL_HEALTH);
    own.set_partly_shown(true);
    auto& elsewhere = *n.add_withheld();
    elsewhere.set_category(v1::CATEGORY_MENTAL_HEALTH);
    elsewhere.set_about(v1::SUBJECT_CARER);
    const auto page = render_notice_html(n, {});
    CHECK(
        page.find("Mental health: part of it, or a shorter form, is shown.") != std::string::npos
    );
    CHECK(
        page.find("Mental health of another person (parent or carer), where the concern itself "
                  "mentions it, for example as a risk factor: this mention is not shown."
        ) != std::string::npos
    );
    CHECK(page.find("This is apart from what is said above about") != std::string::npos);
}

TEST_CASE("the title of a page names no person, for browsers keep titles") {
    const auto page = render_notice_html(example(), {1234, 0, 0});
    const auto title = page.substr(0, page.find("</title>"));
    CHECK(title.find("Notice 0123 4567, 1234") != std::string::npos);
    CHECK(title.find("Asha") == std::string::npos);
}

TEST_CASE("a notice of a conformance run says on top that no child is concerned") {
    v1::Notice n = example();
    const std::string_view mark = "Test: no child, nothing to do";
    CHECK(render_notice_html(n, {}).find(mark) == std::string::npos);
    n.set_test(true);
    const auto page = render_notice_html(n, {});
    CHECK(page.find(mark) < page.find("<h1>Test: Concern"));
    CHECK(page.find("about a child who may be at risk") == std::string::npos);
}

TEST_CASE("hostile text in any field stays text") {
    auto n = example();
    const std::string hostile =
        "</td><script>alert(1)</script>\" onmouseover='x' \x01 \xe2\x80\xae";
    auto& c = *n.mutable_content();
    c.mutable_notification()->set_summary(hostile);
    c.mutable_persons(0)->mutable_names(0)->set_given(hostile);
    c.mutable_persons(1)->set_ref(hostile);
    n.mutable_withheld(0)->set_sentence(hostile);
    n.mutable_withheld(0)->set_ask(hostile);
    n.mutable_withheld(0)->set_person_ref(hostile);
    n.mutable_withheld(0)->set_challenge_id(hostile);
    n.set_sender(hostile);
    n.set_desk(hostile + "/" + hostile);
    n.set_thread(hostile);
    n.set_also_told(0, hostile);
    const auto page = render_notice_html(n, {});
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find("' \x01") == std::string::npos);
    CHECK(page.find('\x01') == std::string::npos);
    CHECK(count(page, "onmouseover='") == 0);
    // Quoted, it cannot leave an attribute either.
    CHECK(escape("\"'<>&") == "&quot;&#39;&lt;&gt;&amp;");
}

TEST_CASE("an empty notice and one of unknown kinds still make a page") {
    v1::Notice n;
    CHECK(render_notice_html(n, {}).find("No person is shown") != std::string::npos);
    n.set_kind(static_cast<v1::ConcernKind>(99));
    n.mutable_content()->set_purpose(static_cast<v1::Purpose>(99));
    n.add_withheld()->set_reason(static_cast<v1::ReasonCode>(99));
    n.mutable_withheld(0)->set_category(static_cast<v1::Category>(99));
    CHECK(render_notice_html(n, {}).find("code 99") != std::string::npos);
}

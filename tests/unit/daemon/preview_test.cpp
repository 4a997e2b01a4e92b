// What a preview tells before a submit is what Explain tells after it.
#include "exchange.hpp"

#include "support/people.hpp"

#include <set>

namespace cairn::daemon {
namespace {

using namespace testing;

// Both lists of explanations alike, byte for byte; the forms said in them.
std::set<std::string> same_explanations(
    const result<v1::PreviewResponse>& seen, const result<v1::ExplainResponse>& said
) {
    REQUIRE(seen);
    REQUIRE(said);
    CHECK(rows(seen) == rows(said));
    std::set<std::string> forms;
    for (int i = 0; i < seen->desks_size() && i < said->desks_size(); ++i) {
        const v1::PreviewResponse::Desk& before = seen->desks(i);
        const v1::DeskExplanation& after = said->desks(i);
        CAPTURE(before.desk());
        // Of "routed by policy" neither says more than the name.
        const bool told = before.desk() != "routed by policy";
        CHECK(before.has_explanation() == told);
        CHECK(before.has_notice() == told);
        CHECK((after.cells_size() > 0) == told);
        if (!told) continue;
        CHECK(before.explanation().SerializeAsString() == after.SerializeAsString());
        for (const auto& cell : after.cells()) forms.insert(cell.form());
    }
    return forms;
}

std::set<std::string> same_after_submit(exchange& x, const std::string& who, const v1::Concern& c) {
    const auto seen = x.preview(who, c);
    const auto sent = x.submit(who, c);
    REQUIRE(sent);
    return same_explanations(seen, x.explain(who, sent->concern_id()));
}

} // namespace

TEST_CASE("a preview explains each desk as Explain does after the submit, hidden ones not at all") {
    exchange x;
    v1::Concern c = against_a_man();
    c.add_desks(ppu);
    c.add_desks(elmwood);
    c.add_conflicts_of_interest(mash);
    test::add_protected_address(*c.mutable_persons(0));
    auto& a = *c.add_assertions();
    a.set_ref("a-1");
    a.set_kind(v1::Assertion::KIND_ALLEGATION);
    a.mutable_allegation()->set_works_with_children(true);
    a.mutable_allegation()->set_employer_agency("oakfield");
    const auto seen = x.preview("oakfield", c);
    REQUIRE(seen);
    REQUIRE_FALSE(seen->has_refused());
    CHECK(rows(seen).find("routed by policy") != std::string::npos);
    CHECK(rows(seen).find(mash) == std::string::npos);
    const auto forms = same_after_submit(x, "oakfield", c);
    // Shown, shortened, held, and not told of at all: each says why.
    CHECK(
        forms ==
        std::set<std::string>{
            "in full", "in a shorter form", "as a token", "not shown", "not mentioned"}
    );
    for (const auto& d : seen->desks()) {
        for (const auto& cell : d.explanation().cells()) CHECK_FALSE(cell.sentence().empty());
    }
}

TEST_CASE("a preview says what is challenged, as Explain does") {
    exchange x;
    v1::Concern c = against_a_man();
    auto& d = *c.add_detriments();
    d.set_category(v1::CATEGORY_CONVICTION);
    d.set_person_ref("man-1");
    d.set_reason("GDPR");
    d.set_decided_by_role("practice manager");
    d.mutable_review_on()->set_year(2026);
    d.mutable_review_on()->set_month(11);
    d.mutable_review_on()->set_day(23);
    const auto seen = x.preview("oakfield", c);
    REQUIRE(seen);
    REQUIRE_FALSE(seen->has_refused());
    CHECK(seen->SerializeAsString().find("Challenged") != std::string::npos);
    same_after_submit(x, "oakfield", c);
}

TEST_CASE("a preview of a reply explains the reply's own way") {
    exchange x;
    const auto first = x.submit("oakfield", against_a_man());
    REQUIRE(first);
    v1::Concern answer = reply_to(*first);
    answer.mutable_answer()->set_result(v1::Answer::RESULT_HELD);
    auto& man = *answer.add_persons();
    man.set_ref("man-1");
    man.set_role(v1::SUBJECT_ALLEGED_PERPETRATOR);
    man.add_convictions()->set_offence("assault occasioning actual bodily harm");
    const auto forms = same_after_submit(x, "police", answer);
    CHECK_FALSE(forms.empty());
    CHECK(x.waiting("oakfield", oakfield).size() == 1);
}

TEST_CASE("a preview that would be refused explains no desk") {
    exchange x;
    const auto first = x.submit("oakfield", referral({mash}));
    REQUIRE(first);
    v1::Concern answer = reply_to(*first);
    answer.mutable_answer()->set_result(v1::Answer::RESULT_NOTHING_HELD);
    const auto seen = x.preview("elmwood", answer);
    REQUIRE(seen);
    CHECK(seen->has_refused());
    CHECK(seen->desks().empty());
}

} // namespace cairn::daemon

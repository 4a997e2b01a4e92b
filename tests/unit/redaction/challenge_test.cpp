// "Because of GDPR", under the policy that is shipped: what is challenged, what is not, and what a
// challenge says.
#include "redaction/challenge.hpp"

#include "redaction/detriment_reason.hpp"
#include "redaction/explain.hpp"
#include "support/people.hpp"
#include "unit/redaction/shipped.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace cairn;
using namespace cairn::redaction;

namespace {

const desk_context front_door = test::desk_of(v1::ROLE_FRONT_DOOR, "northshire-council/front_door");
const desk_context school = test::desk_of(v1::ROLE_DSL, "oakfield/dsl");
const desk_context mash = test::desk_of(v1::ROLE_MASH, "northshire-police/mash");

v1::Detriment&
hide(v1::Concern& c, const std::string& reason, v1::Category category, const std::string& person) {
    v1::Detriment& d = *c.add_detriments();
    d.set_category(category);
    d.set_person_ref(person);
    d.set_reason(reason);
    d.set_decided_by_role("practice manager");
    return d;
}

// The school's referral, with the man's conviction hidden for this reason.
v1::Concern hidden(const std::string& reason) {
    v1::Concern c = test::school_concern();
    for (v1::Person& p : *c.mutable_persons()) {
        if (p.role() != v1::SUBJECT_ALLEGED_PERPETRATOR) continue;
        if (p.convictions().empty()) {
            p.add_convictions()->set_relevant_to_child(v1::Relation::ANSWER_YES);
        }
        hide(c, reason, v1::CATEGORY_CONVICTION, p.ref());
    }
    REQUIRE(c.detriments_size() == 1);
    return c;
}

std::vector<v1::Warning> asked(const v1::Concern& c, const std::vector<desk_context>& desks) {
    return challenges(c, analyse(c), test::shipped_rules(), desks);
}

} // namespace

TEST_CASE("data protection, privacy, confidentiality and consent are no harm, however they are put"
) {
    const auto* said = GENERATE(
        "GDPR",
        "because of GDPR",
        "Cannot be shared due to G.D.P.R.",
        "uk-gdpr",
        "GPDR rules",
        "gdprrestrictions",
        "\xef\xbc\xa7\xef\xbc\xa4\xef\xbc\xb0\xef\xbc\xb2", // full width
        "Data Protection Act 2018",
        "data-protection",
        "DATA\nPROTECTION",
        "data\xc2\xa0protection",
        "The DPA does not let us",
        "our DPO said no",
        "the ICO would fine us",
        "IG team has not signed it off",
        "patient confidentiality",
        "It is confidential.",
        "CONFIDENTIAL information",
        "confidental",
        "doctor-patient privilege and privacy",
        "his right to privacy",
        "right to private life (Article 8)",
        "Human Rights Act",
        "personal data of a third party",
        "special category data",
        "no lawful basis to share",
        "no information-sharing agreement is in place",
        "consent refused",
        "Consent was refused by the mother",
        "no consent",
        "mother does not consent",
        "Parent hasn\xe2\x80\x99t given permission",
        "the family did not agree to us sharing it",
        "Dad asked us not to tell anybody",
        "she does not want it shared",
        "mum declined to have this disclosed",
        "Caldicott Guardian advised against it",
        "not ours to share",
        // Harm is named and taken back, or is nobody's.
        "GDPR; there is no risk of violence",
        "confidential, nobody would be hurt",
        "Data protection: no known self-harm or suicide risk",
        "data protection breach would harm the trust's reputation",
        "GDPR risk",
        "Sharing without consent would endanger our registration"
    );
    CAPTURE(said);
    CHECK(rests_on_data_protection(said));
}

TEST_CASE("a harm that somebody could come to is a reason, whatever else is named beside it") {
    const auto* said = GENERATE(
        "he would kill her",
        "would drive the family away",
        "The father would beat her if he learned of it",
        "Confidential: he has attacked her each time an agency told him",
        "She told us in confidence and would run away, and she has not consented",
        "No consent, because he would find her",
        "Privacy of the girl: threat of forced marriage",
        "honour-based abuse by the uncles; she asked us not to tell",
        "GDPR aside, he would retaliate against the mother",
        "self-harm: she overdosed after the last letter, and refuses consent",
        "the patient would stop attending the clinic if confidentiality is broken",
        "They would flee the country",
        "risk of abduction",
        "he HIT her when the school rang; confidential",
        "Suicidal. Not to be shared without her consent."
    );
    CAPTURE(said);
    CHECK_FALSE(rests_on_data_protection(said));
}

TEST_CASE("a reason that names neither is not challenged, and neither are chance letters") {
    const auto* said = GENERATE(
        "",
        " ",
        "old matter",
        "children and parents know of it",
        "the panel decided",
        "\xff\xfe not text",
        "big drop prior to it",
        "ignition keys were found"
    );
    CAPTURE(said);
    CHECK_FALSE(rests_on_data_protection(said));
}

TEST_CASE("what a must rule shows and data protection hides is challenged by that rule") {
    const auto got = asked(hidden("Cannot share under GDPR"), {front_door, school});
    REQUIRE(got.size() == 1);
    CHECK(got[0].code() == "gdpr_is_no_reason");
    CHECK(got[0].where() == "concern.detriments[0].reason");
    const std::string& text = got[0].text();
    CAPTURE(text);
    const auto has = [&text](std::string_view part) {
        return text.find(part) != std::string::npos;
    };
    const v1::Rule& rule = *test::shipped_rules().rule(110);
    CHECK(has(rule.title()));
    CHECK(has(rule.authority()));
    CHECK(has(rule.sentence()));
    CHECK(has(rule.owner()));
    CHECK(has(rule.verified_by()));
    CHECK(has(test::shipped_rules().source().version()));
    CHECK(has("UK GDPR Art 6(1)(e), public task"));
    CHECK(has("Children Act 2004 s.16LA(3)"));
    CHECK(has(test::shipped_rules().word("ROLE_FRONT_DOOR")));
    CHECK(has(test::shipped_rules().word("ROLE_DSL")));
    CHECK(has("Say what harm"));
    // To the school by a rule of its own, and less of it.
    const auto second = text.find("By rule 112");
    REQUIRE(second != std::string::npos);
    CHECK(text.find(test::shipped_rules().word("ROLE_DSL")) > second);
    CHECK(text.find(test::shipped_rules().word("ROLE_FRONT_DOOR")) < second);
}

TEST_CASE("the declaration is honoured though it is challenged") {
    const v1::Concern c = hidden("GDPR");
    concern_context shared;
    shared.concern_id = std::string(32, 'a');
    for (const auto& d : {front_door, school, mash}) {
        const auto made = make_notice(c, analyse(c), test::shipped_rules(), shared, d);
        for (const v1::Person& p : made.notice.content().persons()) CHECK(p.convictions().empty());
    }
}

TEST_CASE("nothing of the reason and no value is in a challenge") {
    v1::Concern c = hidden("GDPR canary-reason");
    const auto got = asked(c, {front_door, school, mash});
    REQUIRE(got.size() == 1);
    for (const auto* canary : {"canary", "practice manager", "Tamsin", "Oakley", "child-1"}) {
        CHECK(got[0].text().find(canary) == std::string::npos);
        CHECK(got[0].where().find(canary) == std::string::npos);
    }
    CHECK(got[0].text().find('_') == std::string::npos);
    CHECK(
        got[0].text() ==
        asked(hidden("confidential, other words"), {front_door, school, mash})[0].text()
    );
}

TEST_CASE("only what a must rule shows to a desk told is challenged") {
    // No desk of those told is owed it.
    CHECK(asked(hidden("GDPR"), {test::desk_of(v1::ROLE_HOUSING, "northshire/housing")}).empty());
    CHECK(asked(hidden("GDPR"), {}).empty());
    // An allow rule shows it: the sender may weigh that.
    v1::Concern c = test::school_concern();
    hide(c, "GDPR", v1::CATEGORY_EDUCATION, "child-1");
    CHECK(asked(c, {front_door, mash}).empty());
    // Nothing of it is there.
    v1::Concern none = test::school_concern();
    for (v1::Person& p : *none.mutable_persons()) p.clear_convictions();
    hide(none, "GDPR", v1::CATEGORY_CONVICTION, "child-1");
    CHECK(asked(none, {front_door}).empty());
    // In imminent danger it is shown all the same: nothing was hidden.
    v1::Concern danger = test::school_concern();
    hide(danger, "GDPR", v1::CATEGORY_IDENTITY, "child-1");
    CHECK(asked(danger, {front_door}).size() == 1);
    danger.mutable_risk()->set_level(v1::RISK_LEVEL_IMMINENT_DANGER);
    CHECK(asked(danger, {front_door}).empty());
}

TEST_CASE("a real harm beside it is enough to hide, and another person's is not") {
    v1::Concern c = hidden("GDPR");
    hide(c, "he would kill her", v1::CATEGORY_CONVICTION, "");
    CHECK(asked(c, {front_door}).empty());
    c.mutable_detriments(1)->set_person_ref("child-1");
    CHECK(asked(c, {front_door}).size() == 1);
    // Twice for data protection: each is told.
    c.mutable_detriments(1)->set_person_ref("");
    c.mutable_detriments(1)->set_reason("consent refused");
    const auto both = asked(c, {front_door});
    REQUIRE(both.size() == 2);
    CHECK(both[1].where() == "concern.detriments[1].reason");
}

TEST_CASE("every floor of the shipped text is defended, whichever it is") {
    // Rules of tier must that a detriment lowers, each by a point it decides.
    std::size_t defended = 0;
    for (const v1::Rule& rule : test::shipped_rules().source().rules()) {
        const auto& unless = rule.unless();
        const bool lowered =
            std::find(unless.begin(), unless.end(), v1::FLAG_DETRIMENT) != unless.end();
        if (rule.tier() != v1::TIER_MUST || !lowered) continue;
        CAPTURE(rule.number(), rule.title());
        v1::Concern c;
        c.add_detriments()->set_category(rule.categories(0));
        c.mutable_detriments(0)->set_reason("GDPR");
        analysis a;
        a.purpose = rule.purposes(0);
        a.risk = rule.min_risk();
        cell_input in;
        in.id = cell(0, rule.categories(0));
        in.subject = rule.subjects().empty() ? v1::SUBJECT_CONCERN : rule.subjects(0);
        in.flags = policy::bit(v1::FLAG_DETRIMENT);
        for (const int f : rule.when()) in.flags |= policy::bit(static_cast<v1::Flag>(f));
        a.cells.push_back(in);
        const auto got =
            declared(c).challenged(a, test::shipped_rules(), test::desk_of(rule.roles(0), "a/b"));
        REQUIRE(got.size() == 1);
        CHECK(test::shipped_rules().rule(got[0].rule)->tier() == v1::TIER_MUST);
        CHECK(
            test::shipped_rules().rule(got[0].hidden_by)->reason() == v1::REASON_DETRIMENT_DECLARED
        );
        ++defended;
    }
    CHECK(defended >= 10);
}

TEST_CASE("an answer refused for data protection is asked for the harm") {
    v1::Concern c;
    c.mutable_answer()->set_result(v1::Answer::RESULT_REFUSED);
    c.mutable_answer()->set_refusal_reason("Patient refused consent");
    const auto got = asked(c, {});
    REQUIRE(got.size() == 1);
    CHECK(got[0].code() == "gdpr_is_no_reason");
    CHECK(got[0].where() == "concern.answer.refusal_reason");
    CHECK(got[0].text().find("Art 6(1)(e)") != std::string::npos);
    CHECK(got[0].text().find("Sch 1 para 18") != std::string::npos);
    CHECK(got[0].text().find("Patient") == std::string::npos);
    c.mutable_answer()->set_refusal_reason("she would run away");
    CHECK(asked(c, {}).empty());
    c.mutable_answer()->set_refusal_reason("GDPR");
    c.mutable_answer()->set_result(v1::Answer::RESULT_NOTHING_HELD);
    CHECK(asked(c, {}).empty());
}

TEST_CASE("sender and auditor read the challenge beside the cell, and the desk nothing of it") {
    const v1::Concern c = hidden("GDPR canary-reason");
    const analysis a = analyse(c);
    concern_context shared;
    shared.concern_id = std::string(32, 'a');
    const auto made = make_notice(c, a, test::shipped_rules(), shared, front_door);
    explained_desk d;
    d.desk = front_door.desk;
    d.role = front_door.role;
    d.flags = made.desk_flags;
    d.challenged = declared(c).challenged(a, test::shipped_rules(), front_door);
    REQUIRE(d.challenged.size() == 1);
    const google::protobuf::RepeatedPtrField<v1::DecisionGroup> all{
        made.decisions.begin(), made.decisions.end()};
    for (const auto to : {audience::sender, audience::auditor}) {
        const auto told =
            explain(test::shipped_rules(), to, d, all, a, to == audience::sender ? &c : nullptr);
        int challenged = 0;
        int in_full = 0;
        for (const v1::ExplainedCell& cell : told.cells()) {
            CHECK(cell.sentence().find("canary") == std::string::npos);
            challenged += cell.sentence().find("Challenged") != std::string::npos ? 1 : 0;
            in_full += cell.sentence().find(" decides, because ") != std::string::npos ? 1 : 0;
            const bool purpose = cell.sentence().find(", for ") != std::string::npos;
            if (to == audience::auditor && cell.sentence().find(" decides,") != std::string::npos) {
                CHECK(purpose);
            }
        }
        CHECK(challenged == 1);
        // Form, tier, rule, route and what would change it: of every cell but those that became
        // something else in the notice.
        CHECK(in_full * 10 >= told.cells_size() * 8);
    }
    // Of too many cells each is told what its rule says, and still what is challenged.
    d.each_in_words = false;
    const auto brief = explain(test::shipped_rules(), audience::sender, d, all, a, &c);
    CHECK(brief.DebugString().find(" decides, because ") == std::string::npos);
    CHECK(brief.DebugString().find("Challenged") != std::string::npos);
    const auto theirs =
        explain(test::shipped_rules(), d.desk, 0, made.notice.decisions(), &made.notice.content());
    CHECK(theirs.DebugString().find("Challenged") == std::string::npos);
    CHECK(made.notice.DebugString().find("canary") == std::string::npos);
}

TEST_CASE("breaking glass shows nobody anything") {
    const v1::Concern plain = test::school_concern();
    v1::Concern broken = plain;
    v1::BreakGlass& b = *broken.mutable_break_glass();
    b.set_told("northshire-police/mash");
    b.set_reason("canary-reason");
    b.set_decided_by_role("duty manager");
    b.mutable_review_on()->set_year(2026);
    for (int category = v1::Category_MIN + 1; category <= v1::Category_MAX; ++category) {
        b.set_category(static_cast<v1::Category>(category));
        for (int role = v1::Role_MIN + 1; role <= v1::Role_MAX; ++role) {
            const auto d = test::desk_of(static_cast<v1::Role>(role), "a/b");
            concern_context shared;
            shared.concern_id = std::string(32, 'a');
            const auto with =
                make_notice(broken, analyse(broken), test::shipped_rules(), shared, d);
            const auto without =
                make_notice(plain, analyse(plain), test::shipped_rules(), shared, d);
            CHECK(encode(with.notice) == encode(without.notice));
        }
    }
}

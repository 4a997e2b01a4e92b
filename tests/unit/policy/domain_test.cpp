// Rows of the disclosure matrix that the shipped policy once had otherwise, each as a case.
#include "unit/policy/support.hpp"

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

constexpr auto relevant = bit(v1::FLAG_RELEVANT_CONVICTION);
constexpr auto all_seen = bit(v1::FLAG_SEES_ALL);
constexpr auto own_pupil = bit(v1::FLAG_OWN_PUPIL);

v1::Form form(v1::Category c, v1::Subject s, v1::Role r, v1::Purpose p, std::uint32_t set = 0) {
    return shipped().decide({c, s, r, p, v1::RISK_LEVEL_SIGNIFICANT_HARM, set}).form;
}

} // namespace

TEST_CASE("row 1: a school gets the NHS number as a token, police, health and social care whole") {
    for (const auto p : {v1::PURPOSE_S47, v1::PURPOSE_CIN17, v1::PURPOSE_MISSING}) {
        const auto number = [p](v1::Role r) {
            return form(v1::CATEGORY_CONSISTENT_IDENTIFIER, v1::SUBJECT_CHILD, r, p);
        };
        CHECK(number(v1::ROLE_DSL) == v1::FORM_PSEUDONYM);
        for (const auto r : {v1::ROLE_MASH, v1::ROLE_NAMED, v1::ROLE_FRONT_DOOR}) {
            CHECK(number(r) == v1::FORM_FULL);
        }
    }
    sweep(0, {v1::CATEGORY_CONSISTENT_IDENTIFIER}, [](const point& p) {
        if (p.role != v1::ROLE_DSL) return;
        if (shipped().decide(p).form == v1::FORM_FULL) FAIL(words(p));
    });
}

TEST_CASE("row 7: a school sees of the child's mental health the effect, of a carer's nothing") {
    const auto mental = [](v1::Subject s) {
        return form(v1::CATEGORY_MENTAL_HEALTH, s, v1::ROLE_DSL, v1::PURPOSE_S47);
    };
    CHECK(mental(v1::SUBJECT_CHILD) == v1::FORM_GENERALISED);
    CHECK(mental(v1::SUBJECT_CARER) == v1::FORM_MASKED);
}

TEST_CASE("row 9: police and social care see convictions, relevant or not") {
    for (const auto p : {v1::PURPOSE_S47, v1::PURPOSE_CIN17}) {
        for (const auto s : {v1::SUBJECT_CARER, v1::SUBJECT_ALLEGED_PERPETRATOR}) {
            for (const auto r : {v1::ROLE_MASH, v1::ROLE_PPU, v1::ROLE_FRONT_DOOR}) {
                CHECK(form(v1::CATEGORY_CONVICTION, s, r, p) == v1::FORM_FULL);
                CHECK(form(v1::CATEGORY_CONVICTION, s, r, p, relevant) == v1::FORM_FULL);
            }
            CHECK(form(v1::CATEGORY_CONVICTION, s, v1::ROLE_NAMED, p) == v1::FORM_MASKED);
            CHECK(form(v1::CATEGORY_CONVICTION, s, v1::ROLE_DSL, p) == v1::FORM_MASKED);
        }
    }
}

TEST_CASE("rows 5, 15 and 20: social care sees adults' schooling and plans, and ethnicity") {
    for (const auto r : social_care) {
        for (const auto s : {v1::SUBJECT_CARER, v1::SUBJECT_ALLEGED_PERPETRATOR}) {
            CHECK(form(v1::CATEGORY_EDUCATION, s, r, v1::PURPOSE_S47) == v1::FORM_FULL);
            CHECK(form(v1::CATEGORY_CASE_STATUS, s, r, v1::PURPOSE_S47) == v1::FORM_FULL);
        }
        CHECK(
            form(v1::CATEGORY_CHARACTERISTICS, v1::SUBJECT_CHILD, r, v1::PURPOSE_CSA_DUTY) ==
            v1::FORM_FULL
        );
    }
}

TEST_CASE("row 17: a school gets the summary, never the free text of a concern") {
    for (const auto p : purposes) {
        const auto got =
            form(v1::CATEGORY_NARRATIVE, v1::SUBJECT_CONCERN, v1::ROLE_DSL, p, all_seen);
        CAPTURE(v1::Purpose_Name(p));
        CHECK(got != v1::FORM_FULL);
    }
    CHECK(
        form(
            v1::CATEGORY_NARRATIVE, v1::SUBJECT_CONCERN, v1::ROLE_DSL, v1::PURPOSE_S47, all_seen
        ) == v1::FORM_GENERALISED
    );
}

TEST_CASE("early help: orders to nobody, allegations and convictions to social care alone") {
    for (const auto r : roles) {
        const auto orders = form(v1::CATEGORY_ORDERS, v1::SUBJECT_CARER, r, v1::PURPOSE_EARLY_HELP);
        CAPTURE(v1::Role_Name(r));
        if (r == v1::ROLE_AUDITOR) {
            CHECK(orders == v1::FORM_PSEUDONYM);
        } else {
            CHECK(orders == v1::FORM_MASKED);
        }
    }
    for (const auto c : {v1::CATEGORY_ALLEGATION, v1::CATEGORY_CONVICTION}) {
        for (const auto r : social_care) {
            CHECK(
                form(c, v1::SUBJECT_ALLEGED_PERPETRATOR, r, v1::PURPOSE_EARLY_HELP) == v1::FORM_FULL
            );
        }
        CHECK(
            form(c, v1::SUBJECT_ALLEGED_PERPETRATOR, v1::ROLE_MASH, v1::PURPOSE_EARLY_HELP) ==
            v1::FORM_MASKED
        );
    }
}

TEST_CASE("Encompass: a school gets the child, what happened and the child's voice only") {
    for (const auto set : {0U, own_pupil, own_pupil | bit(v1::FLAG_PROFESSIONAL_REFERRER)}) {
        sweep(set, [](const point& p) {
            if (p.role != v1::ROLE_DSL || p.purpose != v1::PURPOSE_ENCOMPASS) return;
            const bool child = p.subject == v1::SUBJECT_CHILD;
            const bool named =
                p.category == v1::CATEGORY_HEADER || p.category == v1::CATEGORY_FACTS ||
                (child &&
                 (p.category == v1::CATEGORY_IDENTITY || p.category == v1::CATEGORY_CHILD_VOICE));
            if (!named && shown(shipped().decide(p).form)) FAIL(words(p));
        });
    }
}

TEST_CASE("a status check gets the status, whose it is and the worker") {
    sweep(all_seen, [](const point& p) {
        if (p.purpose != v1::PURPOSE_DIRECT_CARE_READ || p.role == v1::ROLE_AUDITOR) return;
        if (p.risk == v1::RISK_LEVEL_IMMINENT_DANGER) return;
        const bool whose =
            p.subject == v1::SUBJECT_CHILD && (p.category == v1::CATEGORY_IDENTITY ||
                                               p.category == v1::CATEGORY_CONSISTENT_IDENTIFIER);
        const bool in_reply_to = p.category == v1::CATEGORY_HEADER;
        const bool fine = in_reply_to || whose || p.category == v1::CATEGORY_CASE_STATUS ||
                          p.subject == v1::SUBJECT_PROFESSIONAL;
        if (!fine && shown(shipped().decide(p).form)) FAIL(words(p));
    });
}

TEST_CASE("a learning review does not learn which school") {
    sweep(0, {v1::CATEGORY_EDUCATION}, [](const point& p) {
        if (p.role != v1::ROLE_REVIEWER || p.purpose != v1::PURPOSE_REVIEW_LEARNING) return;
        if (shown(shipped().decide(p).form)) FAIL(words(p));
    });
}

TEST_CASE("a text that leaves out the built-in bar has it all the same") {
    auto p = shipped().source();
    p.mutable_rules()->DeleteSubrange(0, 1);
    const auto made = table::compile(text_of(p), today);
    REQUIRE(made);
    const auto got = (*made)->decide(
        {v1::CATEGORY_PROTECTED_ADDRESS,
         v1::SUBJECT_CHILD,
         v1::ROLE_FRONT_DOOR,
         v1::PURPOSE_S47,
         v1::RISK_LEVEL_IMMINENT_DANGER,
         0}
    );
    CHECK(got.form == v1::FORM_MASKED);
    CHECK(got.rule == 1);
    CHECK((*made)->rule(1));
}

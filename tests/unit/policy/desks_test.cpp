// What single desks and purposes see of the shipped policy.
#include "unit/policy/matrix.hpp"

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

TEST_CASE("free text goes to nobody who may not see everything else, the front door included") {
    everywhere(
        [](const point& p, const decision& d) {
            if (p.category != v1::CATEGORY_NARRATIVE || (p.flags & bit(v1::FLAG_SEES_ALL)))
                return true;
            return !shown(d.form);
        },
        {v1::CATEGORY_NARRATIVE}
    );
    const auto d = shipped().decide(
        {v1::CATEGORY_NARRATIVE, v1::SUBJECT_CONCERN, v1::ROLE_FRONT_DOOR, v1::PURPOSE_S47, harm, 0}
    );
    CHECK(d.reason == v1::REASON_NARRATIVE_HELD);
    CHECK(
        form(
            v1::CATEGORY_NARRATIVE,
            v1::SUBJECT_CONCERN,
            v1::ROLE_FRONT_DOOR,
            v1::PURPOSE_S47,
            bit(v1::FLAG_SEES_ALL)
        ) == v1::FORM_FULL
    );
}

TEST_CASE("sensitive services open to social care at significant harm, and to nobody else") {
    everywhere(
        [](const point& p, const decision& d) {
            if (p.category != v1::CATEGORY_SENSITIVE_SERVICE || !shown(d.form)) return true;
            if (p.role == v1::ROLE_AUDITOR) return d.form == v1::FORM_PSEUDONYM;
            if (p.role == v1::ROLE_REVIEWER) return p.purpose == v1::PURPOSE_SERIOUS_INCIDENT;
            return among(social_care, p.role) && p.risk >= harm;
        },
        {v1::CATEGORY_SENSITIVE_SERVICE}
    );
    const auto c = v1::CATEGORY_SENSITIVE_SERVICE;
    CHECK(form(c, v1::SUBJECT_CARER, v1::ROLE_FRONT_DOOR, v1::PURPOSE_S47) == v1::FORM_FULL);
    CHECK(
        form(c, v1::SUBJECT_CARER, v1::ROLE_FRONT_DOOR, v1::PURPOSE_S47, 0, v1::RISK_LEVEL_NEED) ==
        v1::FORM_MASKED
    );
    CHECK(form(c, v1::SUBJECT_CARER, v1::ROLE_FRONT_DOOR, v1::PURPOSE_MISSING) == v1::FORM_MASKED);
}

TEST_CASE("Encompass tells the school of its own pupil and of nobody else's") {
    const auto own = bit(v1::FLAG_OWN_PUPIL);
    const auto e = v1::PURPOSE_ENCOMPASS;
    CHECK(form(v1::CATEGORY_IDENTITY, v1::SUBJECT_CHILD, v1::ROLE_DSL, e, own) == v1::FORM_FULL);
    CHECK(form(v1::CATEGORY_IDENTITY, v1::SUBJECT_CHILD, v1::ROLE_DSL, e) == v1::FORM_GENERALISED);
    CHECK(form(v1::CATEGORY_CHILD_VOICE, v1::SUBJECT_CHILD, v1::ROLE_DSL, e) == v1::FORM_MASKED);
    CHECK(form(v1::CATEGORY_FACTS, v1::SUBJECT_CONCERN, v1::ROLE_DSL, e) == v1::FORM_FULL);
    for (const auto c :
         {v1::CATEGORY_CONVICTION,
          v1::CATEGORY_INTELLIGENCE,
          v1::CATEGORY_HEALTH,
          v1::CATEGORY_CONTACT,
          v1::CATEGORY_ALLEGATION}) {
        for (const auto s : subjects) {
            const auto f = form(c, s, v1::ROLE_DSL, e, own | bit(v1::FLAG_RELEVANT_CONVICTION));
            if (c == v1::CATEGORY_CONTACT && s == v1::SUBJECT_PROFESSIONAL) continue;
            CHECK_FALSE(shown(f));
        }
    }
}

TEST_CASE("an allegation about staff is for the LADO and the police") {
    sweep(
        flags({v1::FLAG_RELEVANT_CONVICTION, v1::FLAG_PROFESSIONAL_REFERRER}),
        [](const point& p) {
            if (p.purpose != v1::PURPOSE_ALLEGATION || p.category == v1::CATEGORY_HEADER) return;
            if (!shown(shipped().decide(p).form)) return;
            if (p.role == v1::ROLE_LADO || p.role == v1::ROLE_AUDITOR || among(police, p.role))
                return;
            FAIL(words(p));
        }
    );
    CHECK(
        form(
            v1::CATEGORY_IDENTITY,
            v1::SUBJECT_ALLEGED_PERPETRATOR,
            v1::ROLE_LADO,
            v1::PURPOSE_ALLEGATION
        ) == v1::FORM_FULL
    );
}

TEST_CASE("the partnership's manager gets references and never content, and management information "
          "is counts") {
    everywhere([](const point& p, const decision& d) {
        if (p.role != v1::ROLE_MANAGER && p.purpose != v1::PURPOSE_MGMT_INFO) return true;
        return !shown(d.form) || p.category == v1::CATEGORY_HEADER;
    });
}

TEST_CASE("a learning review names nobody and reads no free text") {
    everywhere([](const point& p, const decision& d) {
        if (p.purpose != v1::PURPOSE_REVIEW_LEARNING || !shown(d.form)) return true;
        if (p.role == v1::ROLE_AUDITOR) return true;
        switch (p.category) {
        case v1::CATEGORY_HEADER:
            return true;
        case v1::CATEGORY_IDENTITY:
        case v1::CATEGORY_CONSISTENT_IDENTIFIER:
            return d.form == v1::FORM_PSEUDONYM;
        case v1::CATEGORY_CONTACT:
        case v1::CATEGORY_PROTECTED_ADDRESS:
        case v1::CATEGORY_NARRATIVE:
        case v1::CATEGORY_CHILD_VOICE:
            return false;
        default:
            return d.form == v1::FORM_GENERALISED;
        }
    });
}

TEST_CASE("the auditor reads no free text, no facts and no child's words") {
    everywhere([](const point& p, const decision& d) {
        const bool content =
            p.category == v1::CATEGORY_NARRATIVE || p.category == v1::CATEGORY_FACTS ||
            p.category == v1::CATEGORY_CHILD_VOICE || p.category == v1::CATEGORY_ATTACHMENT;
        return p.role != v1::ROLE_AUDITOR || !content || !shown(d.form);
    });
}

TEST_CASE("third parties are treated more strictly than the child, outside social care") {
    for (const auto r : roles) {
        if (among(social_care, r) || r == v1::ROLE_REVIEWER) continue;
        for (const auto c :
             {v1::CATEGORY_IDENTITY,
              v1::CATEGORY_CONTACT,
              v1::CATEGORY_HEALTH,
              v1::CATEGORY_EDUCATION,
              v1::CATEGORY_FAMILY}) {
            for (const auto p : {v1::PURPOSE_S47, v1::PURPOSE_CIN17, v1::PURPOSE_MISSING}) {
                const auto child = form(c, v1::SUBJECT_CHILD, r, p, bit(v1::FLAG_OWN_PUPIL));
                const auto other = form(c, v1::SUBJECT_THIRD_PARTY, r, p, bit(v1::FLAG_OWN_PUPIL));
                INFO(v1::Category_Name(c) << " to " << v1::Role_Name(r));
                CHECK(openness(other) <= openness(child));
            }
        }
    }
}

TEST_CASE("raising the risk never removes a field from anybody, lowering it never reveals more") {
    for (const auto set : relevant_flags()) {
        sweep(set, [](const point& p) {
            if (p.risk == v1::RISK_LEVEL_UNSPECIFIED) return;
            auto lower = p;
            lower.risk = static_cast<v1::RiskLevel>(p.risk - 1);
            if (openness(shipped().decide(lower).form) > openness(shipped().decide(p).form))
                FAIL(words(p));
        });
    }
}

TEST_CASE("whoever raised a concern gets its outcome") {
    for (const auto r : roles) {
        if (r == v1::ROLE_MANAGER) continue;
        for (const auto p :
             {v1::PURPOSE_FEEDBACK, v1::PURPOSE_S47, v1::PURPOSE_CIN17, v1::PURPOSE_EARLY_HELP}) {
            CHECK(
                form(v1::CATEGORY_CASE_STATUS, v1::SUBJECT_CONCERN, r, p, bit(v1::FLAG_IN_REPLY)) ==
                v1::FORM_FULL
            );
            CHECK(
                form(v1::CATEGORY_HEADER, v1::SUBJECT_CONCERN, r, p, bit(v1::FLAG_IN_REPLY)) ==
                v1::FORM_FULL
            );
        }
    }
}

TEST_CASE("who sees a risk level sees what happened, and the auditor neither in words") {
    everywhere(
        [](const point& p, const decision& d) {
            if (p.category != v1::CATEGORY_RISK || p.subject != v1::SUBJECT_CONCERN ||
                !shown(d.form))
                return true;
            if (p.role == v1::ROLE_AUDITOR) return true;
            auto facts = p;
            facts.category = v1::CATEGORY_FACTS;
            return shown(shipped().decide(facts).form);
        },
        {v1::CATEGORY_RISK}
    );
}

TEST_CASE("nothing is silent but by a rule that names its approver") {
    everywhere([](const point&, const decision& d) {
        return d.form != v1::FORM_SILENT || !shipped().rule(d.rule)->approver().empty();
    });
}

TEST_CASE("every decision names a rule that is there, and every rule decides somewhere") {
    std::vector<bool> decisive(1000);
    const auto note = [&](std::uint32_t set) {
        sweep(set, [&](const point& p) {
            const auto d = shipped().decide(p);
            if (d.rule != 0 && !shipped().rule(d.rule)) FAIL(words(p));
            decisive[d.rule] = true;
        });
    };
    for (const auto set : relevant_flags()) note(set);
    note(flags({v1::FLAG_SEES_ALL, v1::FLAG_IN_REPLY}));
    note(flags({v1::FLAG_RELEVANT_CONVICTION, v1::FLAG_OWN_PUPIL, v1::FLAG_PROFESSIONAL_REFERRER}));
    for (const auto& r : shipped().source().rules()) {
        INFO("rule " << r.number() << ": " << r.title());
        CHECK(decisive[r.number()]);
    }
}

TEST_CASE("every row is marked as not yet signed") {
    for (const auto& r : shipped().source().rules()) {
        CHECK(r.verified_by() == "PROPOSED, needs the partnership's signature");
    }
}

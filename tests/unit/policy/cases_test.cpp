// The shipped policy against the cases of the disclosure matrix, over the whole space wherever the
// case says "never" or "always".
#include "unit/policy/matrix.hpp"

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

TEST_CASE("the front door never gets a protected address, imminent danger included") {
    everywhere(
        [](const point& p, const decision& d) {
            if (p.category != v1::CATEGORY_PROTECTED_ADDRESS) return true;
            const bool listed = p.role == v1::ROLE_PPU || p.role == v1::ROLE_ALLOCATED ||
                                p.role == v1::ROLE_HV || p.role == v1::ROLE_MIDWIFE;
            return listed || (d.form == v1::FORM_MASKED && d.tier == v1::TIER_BAR && d.rule == 1 &&
                              d.reason == v1::REASON_ADDRESS_CAN_HARM);
        },
        {v1::CATEGORY_PROTECTED_ADDRESS}
    );
    CHECK(
        form(
            v1::CATEGORY_PROTECTED_ADDRESS,
            v1::SUBJECT_CHILD,
            v1::ROLE_FRONT_DOOR,
            v1::PURPOSE_S47,
            0,
            danger
        ) == v1::FORM_MASKED
    );
    for (const auto r : {v1::ROLE_PPU, v1::ROLE_ALLOCATED, v1::ROLE_HV, v1::ROLE_MIDWIFE}) {
        CHECK(
            form(v1::CATEGORY_PROTECTED_ADDRESS, v1::SUBJECT_CHILD, r, v1::PURPOSE_S47) ==
            v1::FORM_FULL
        );
    }
}

TEST_CASE("a protected address is not shown for Encompass or early help, to nobody") {
    everywhere(
        [](const point& p, const decision& d) {
            const bool narrow =
                p.purpose == v1::PURPOSE_ENCOMPASS || p.purpose == v1::PURPOSE_EARLY_HELP;
            return p.category != v1::CATEGORY_PROTECTED_ADDRESS || !narrow || !shown(d.form);
        },
        {v1::CATEGORY_PROTECTED_ADDRESS}
    );
}

TEST_CASE("a desk in conflict learns nothing at all") {
    sweep(
        flags(
            {v1::FLAG_CONFLICT, v1::FLAG_IN_REPLY, v1::FLAG_SEES_ALL, v1::FLAG_RELEVANT_CONVICTION}
        ),
        [](const point& p) {
            const auto d = shipped().decide(p);
            if (p.category == v1::CATEGORY_SEALED || d.rule == 1) return;
            if (d.form != v1::FORM_SILENT || d.tier != v1::TIER_BAR) FAIL(words(p));
        }
    );
}

TEST_CASE("what the law bars is never shown, imminent danger included") {
    everywhere([](const point& p, const decision& d) {
        return !(p.flags & bit(v1::FLAG_STATUTORY_BAR)) || !shown(d.form);
    });
}

TEST_CASE("sealed fields are in no notice") {
    everywhere(
        [](const point& p, const decision& d) {
            return p.category != v1::CATEGORY_SEALED || !shown(d.form);
        },
        {v1::CATEGORY_SEALED}
    );
}

TEST_CASE(
    "a relevant conviction is never withheld from social care or police, whatever else is said"
) {
    const auto relevant = bit(v1::FLAG_RELEVANT_CONVICTION);
    const v1::Role who[] = {
        v1::ROLE_MASH,
        v1::ROLE_PPU,
        v1::ROLE_ENCOMPASS,
        v1::ROLE_FRONT_DOOR,
        v1::ROLE_ALLOCATED,
        v1::ROLE_CP_CHAIR};
    for (const auto r : who) {
        for (const auto p : {v1::PURPOSE_S47, v1::PURPOSE_CIN17, v1::PURPOSE_MISSING}) {
            for (const auto s : {v1::SUBJECT_CARER, v1::SUBJECT_ALLEGED_PERPETRATOR}) {
                for (const auto k : risks) {
                    CHECK(form(v1::CATEGORY_CONVICTION, s, r, p, relevant, k) == v1::FORM_FULL);
                    // Declared detriment: masked with its reason, never silent.
                    const auto d = shipped().decide(
                        {v1::CATEGORY_CONVICTION, s, r, p, k, relevant | bit(v1::FLAG_DETRIMENT)}
                    );
                    CHECK(d.form == v1::FORM_MASKED);
                    CHECK(d.reason == v1::REASON_DETRIMENT_DECLARED);
                }
            }
        }
    }
}

TEST_CASE("a court result reaches the school as a contact ban, and social care in full") {
    const auto relevant = bit(v1::FLAG_RELEVANT_CONVICTION);
    const auto perpetrator = v1::SUBJECT_ALLEGED_PERPETRATOR;
    CHECK(
        form(v1::CATEGORY_CONVICTION, perpetrator, v1::ROLE_DSL, v1::PURPOSE_S47, relevant) ==
        v1::FORM_GENERALISED
    );
    CHECK(
        form(
            v1::CATEGORY_CONVICTION, perpetrator, v1::ROLE_FRONT_DOOR, v1::PURPOSE_S47, relevant
        ) == v1::FORM_FULL
    );
    CHECK(
        form(v1::CATEGORY_CONVICTION, perpetrator, v1::ROLE_DSL, v1::PURPOSE_CIN17, relevant) ==
        v1::FORM_MASKED
    );
    // One that is said not to matter to the child, too: social care weighs it.
    CHECK(
        form(v1::CATEGORY_CONVICTION, perpetrator, v1::ROLE_FRONT_DOOR, v1::PURPOSE_S47, 0) ==
        v1::FORM_FULL
    );
}

TEST_CASE("consent refused changes nothing: it is no input of a decision") {
    const auto* all = v1::Flag_descriptor();
    for (int i = 0; i < all->value_count(); ++i) {
        CHECK(all->value(i)->name().find("CONSENT") == std::string::npos);
    }
    CHECK(
        form(v1::CATEGORY_HEALTH, v1::SUBJECT_CHILD, v1::ROLE_FRONT_DOOR, v1::PURPOSE_S47) ==
        v1::FORM_FULL
    );
}

TEST_CASE("identity and injuries of the child reach police and social care in an enquiry") {
    for (const auto& group : {police, social_care}) {
        for (const auto r : group) {
            for (const auto k : risks) {
                CHECK(
                    form(v1::CATEGORY_IDENTITY, v1::SUBJECT_CHILD, r, v1::PURPOSE_S47, 0, k) ==
                    v1::FORM_FULL
                );
                CHECK(
                    form(v1::CATEGORY_INJURY, v1::SUBJECT_CHILD, r, v1::PURPOSE_S47, 0, k) ==
                    v1::FORM_FULL
                );
            }
        }
    }
}

TEST_CASE("in imminent danger police, emergency department and social care see the floors despite "
          "a declared detriment") {
    const v1::Role who[] = {
        v1::ROLE_MASH,
        v1::ROLE_PPU,
        v1::ROLE_ED,
        v1::ROLE_FRONT_DOOR,
        v1::ROLE_ALLOCATED,
        v1::ROLE_CP_CHAIR};
    for (const auto r : who) {
        for (const auto p :
             {v1::PURPOSE_S47, v1::PURPOSE_CIN17, v1::PURPOSE_EARLY_HELP, v1::PURPOSE_MISSING}) {
            for (const auto set : {0U, bit(v1::FLAG_DETRIMENT)}) {
                for (const auto c :
                     {v1::CATEGORY_IDENTITY,
                      v1::CATEGORY_CONTACT,
                      v1::CATEGORY_FAMILY,
                      v1::CATEGORY_HEALTH,
                      v1::CATEGORY_CASE_STATUS}) {
                    const auto d = shipped().decide({c, v1::SUBJECT_CHILD, r, p, danger, set});
                    CHECK(d.form == v1::FORM_FULL);
                    CHECK(d.tier == v1::TIER_MUST);
                }
                CHECK(
                    form(
                        v1::CATEGORY_IDENTITY, v1::SUBJECT_ALLEGED_PERPETRATOR, r, p, set, danger
                    ) == v1::FORM_FULL
                );
            }
        }
    }
}

TEST_CASE("a declared detriment hides everything else, with its reason") {
    sweep(bit(v1::FLAG_DETRIMENT), [](const point& p) {
        const auto d = shipped().decide(p);
        if (shown(d.form) && d.reason != v1::REASON_IMMINENT_DANGER) FAIL(words(p));
    });
}

TEST_CASE("a school never gets anything of health in full, and nothing of an adult's") {
    everywhere([](const point& p, const decision& d) {
        if (p.role != v1::ROLE_DSL) return true;
        if (p.category == v1::CATEGORY_SENSITIVE_SERVICE) return !shown(d.form);
        const bool health = p.category == v1::CATEGORY_HEALTH ||
                            p.category == v1::CATEGORY_INJURY ||
                            p.category == v1::CATEGORY_MENTAL_HEALTH;
        if (!health) return true;
        return d.form != v1::FORM_FULL && (p.subject == v1::SUBJECT_CHILD || !shown(d.form));
    });
}

TEST_CASE(
    "intelligence that was not released leaves the police only as the graded line, to social care"
) {
    everywhere(
        [](const point& p, const decision& d) {
            if (p.category != v1::CATEGORY_INTELLIGENCE || (p.flags & bit(v1::FLAG_RELEASED)))
                return true;
            if (!shown(d.form) || among(police, p.role)) return true;
            return among(social_care, p.role) && d.form == v1::FORM_GENERALISED;
        },
        {v1::CATEGORY_INTELLIGENCE}
    );
    CHECK(
        form(
            v1::CATEGORY_INTELLIGENCE, v1::SUBJECT_CONCERN, v1::ROLE_FRONT_DOOR, v1::PURPOSE_S47
        ) == v1::FORM_GENERALISED
    );
    CHECK(
        form(
            v1::CATEGORY_INTELLIGENCE,
            v1::SUBJECT_CONCERN,
            v1::ROLE_FRONT_DOOR,
            v1::PURPOSE_S47,
            bit(v1::FLAG_RELEASED)
        ) == v1::FORM_FULL
    );
    CHECK(
        form(v1::CATEGORY_INTELLIGENCE, v1::SUBJECT_CONCERN, v1::ROLE_ED, v1::PURPOSE_S47) ==
        v1::FORM_MASKED
    );
}

TEST_CASE("a neighbour who asked for anonymity is known to whoever receives the referral only") {
    const auto anonymous = bit(v1::FLAG_ANONYMOUS_REFERRER);
    for (const auto extra : {0U, bit(v1::FLAG_PROFESSIONAL_REFERRER), bit(v1::FLAG_IN_REPLY)}) {
        sweep(anonymous | extra, [](const point& p) {
            const bool who =
                p.category == v1::CATEGORY_REFERRER ||
                (p.subject == v1::SUBJECT_REFERRER &&
                 (p.category == v1::CATEGORY_IDENTITY || p.category == v1::CATEGORY_CONTACT));
            if (!who) return;
            const auto d = shipped().decide(p);
            if (!shown(d.form) || p.role == v1::ROLE_FRONT_DOOR || p.role == v1::ROLE_ALLOCATED)
                return;
            if (p.role == v1::ROLE_LADO && p.purpose == v1::PURPOSE_ALLEGATION) return;
            if (p.role == v1::ROLE_AUDITOR && d.form != v1::FORM_FULL) return;
            FAIL(words(p) << " by rule " << d.rule);
        });
    }
    CHECK(
        form(
            v1::CATEGORY_IDENTITY,
            v1::SUBJECT_REFERRER,
            v1::ROLE_FRONT_DOOR,
            v1::PURPOSE_S47,
            anonymous
        ) == v1::FORM_FULL
    );
    // To a school or a GP it is not even said that there is somebody.
    CHECK(
        form(
            v1::CATEGORY_IDENTITY, v1::SUBJECT_REFERRER, v1::ROLE_DSL, v1::PURPOSE_S47, anonymous
        ) == v1::FORM_SILENT
    );
    CHECK(
        form(
            v1::CATEGORY_IDENTITY, v1::SUBJECT_REFERRER, v1::ROLE_MASH, v1::PURPOSE_S47, anonymous
        ) == v1::FORM_MASKED
    );
}

TEST_CASE("a referrer nobody called a professional is protected as an anonymous one") {
    CHECK(
        form(v1::CATEGORY_REFERRER, v1::SUBJECT_CONCERN, v1::ROLE_ED, v1::PURPOSE_S47) ==
        v1::FORM_MASKED
    );
    CHECK(
        form(
            v1::CATEGORY_REFERRER,
            v1::SUBJECT_CONCERN,
            v1::ROLE_ED,
            v1::PURPOSE_S47,
            bit(v1::FLAG_PROFESSIONAL_REFERRER)
        ) == v1::FORM_FULL
    );
}

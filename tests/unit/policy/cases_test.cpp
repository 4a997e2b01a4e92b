// The shipped policy against the cases of the disclosure matrix, over the whole space wherever the
// case says "never" or "always".
#include "unit/policy/support.hpp"

#include <algorithm>

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

constexpr auto danger = v1::RISK_LEVEL_IMMINENT_DANGER;
constexpr auto harm = v1::RISK_LEVEL_SIGNIFICANT_HARM;

// Sets of flags a sweep over "everything" uses: each alone, none, and all but the bars.
std::vector<std::uint32_t> relevant_flags() {
    std::vector<std::uint32_t> out = {0};
    std::uint32_t all = 0;
    for (int f = 1; f <= v1::Flag_MAX; ++f) {
        out.push_back(bit(static_cast<v1::Flag>(f)));
        all |= out.back();
    }
    out.push_back(all);
    out.push_back(all & ~flags({v1::FLAG_CONFLICT, v1::FLAG_STATUTORY_BAR}));
    out.push_back(
        all & ~flags(
                  {v1::FLAG_CONFLICT,
                   v1::FLAG_STATUTORY_BAR,
                   v1::FLAG_DETRIMENT,
                   v1::FLAG_ANONYMOUS_REFERRER}
              )
    );
    return out;
}

template <class Check>
void everywhere(Check&& check, const std::vector<v1::Category>& of = categories) {
    for (const auto set : relevant_flags()) {
        sweep(set, of, [&](const point& p) {
            const auto d = shipped().decide(p);
            if (!check(p, d))
                FAIL(words(p) << " is " << v1::Form_Name(d.form) << " by rule " << d.rule);
        });
    }
}

v1::Form form(
    v1::Category c,
    v1::Subject s,
    v1::Role r,
    v1::Purpose p,
    std::uint32_t set = 0,
    v1::RiskLevel k = harm
) {
    return shipped().decide({c, s, r, p, k, set}).form;
}

template <class Set, class Value>
bool among(const Set& set, Value v) {
    return std::find(set.begin(), set.end(), v) != set.end();
}

} // namespace

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

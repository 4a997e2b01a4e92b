// The words of a text: what people read of a decision.
#include "unit/policy/support.hpp"

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

TEST_CASE("sentences say whose data it is, why, and whom to ask, and never a name of our code") {
    const auto& t = shipped();
    for (int r = 0; r <= v1::ReasonCode_MAX; ++r) {
        if (!v1::ReasonCode_IsValid(r)) continue;
        for (const auto c : categories) {
            for (const auto s : subjects) {
                const auto text =
                    t.sentence(static_cast<v1::ReasonCode>(r), c, s, "Northshire front door");
                for (const char* no :
                     {"REASON_", "CATEGORY_", "SUBJECT_", "ROLE_", "{", "}", "something else"}) {
                    if (has(text, no)) FAIL(text);
                }
                if (r >= v1::REASON_ADDRESS_CAN_HARM) CHECK(has(text, "Northshire front door"));
                CHECK(text.size() < 250);
                const auto part = t.sentence_of_part(
                    static_cast<v1::ReasonCode>(r), c, s, "Northshire front door"
                );
                CHECK((part == text || has(part, "Shown")));
                CHECK(part.size() < 300);
            }
        }
    }
    CHECK(
        t.sentence(
            v1::REASON_NOT_NEEDED_FOR_PURPOSE, v1::CATEGORY_MENTAL_HEALTH, v1::SUBJECT_CARER, "Ann"
        ) == "Held about a parent or carer but not shown: mental health. It is not needed for this "
             "purpose "
             "(UK GDPR Art 5(1)(c)). To challenge, ask Ann."
    );
}

TEST_CASE("a veiled category has one sentence whatever the reason is") {
    const auto& t = shipped();
    for (const auto c :
         {v1::CATEGORY_SENSITIVE_SERVICE,
          v1::CATEGORY_INTELLIGENCE,
          v1::CATEGORY_REFERRER,
          v1::CATEGORY_IMMIGRATION}) {
        CHECK(t.veiled(c));
        for (int r = 0; r <= v1::ReasonCode_MAX; ++r) {
            if (!v1::ReasonCode_IsValid(r)) continue;
            CHECK(
                t.sentence(static_cast<v1::ReasonCode>(r), c, v1::SUBJECT_CARER, "Ann") ==
                "Other information about a parent or carer is held and is not shown: to name its "
                "kind would tell what it is (UK GDPR Art 5(1)(f)). To challenge, ask Ann."
            );
        }
    }
    CHECK_FALSE(t.veiled(v1::CATEGORY_HEALTH));
    CHECK(t.veiled(static_cast<v1::Category>(99)));
    CHECK(
        t.sentence(
            v1::REASON_SENSITIVE_SERVICE, v1::CATEGORY_UNSPECIFIED, v1::SUBJECT_UNSPECIFIED, "{ask}"
        ) ==
        "Other information about this concern is held and is not shown: to name its kind would "
        "tell what it is (UK GDPR Art 5(1)(f)). To challenge, ask {ask}."
    );
}

TEST_CASE("what is shown in part is said to be, a veiled category by its name") {
    const auto& t = shipped();
    for (const auto r :
         {v1::REASON_NARRATIVE_HELD,
          v1::REASON_ADDRESS_CAN_HARM,
          v1::REASON_SUMMARY_IS_ENOUGH,
          v1::REASON_MUST_SHARE}) {
        const auto said = t.sentence_of_part(
            r, v1::CATEGORY_INTELLIGENCE, v1::SUBJECT_ALLEGED_PERPETRATOR, "Ann"
        );
        CHECK(has(said, "police intelligence"));
        CHECK(has(said, "Shown"));
        CHECK(has(said, "ask Ann."));
        CHECK_FALSE(has(said, "not shown"));
    }
}

TEST_CASE("a word nobody wrote is never the name of an enum") {
    CHECK(shipped().word("CATEGORY_HEALTH") == "physical health");
    CHECK(shipped().word("SYSTEM_PHONE") == "something else");
}

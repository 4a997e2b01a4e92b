// What a notice does not speak of: silent, veiled, and people nobody may know of.
#include "unit/redaction/made.hpp"

using namespace cairn;
using namespace cairn::redaction;
using test::fake_table;
using namespace cairn::redaction::testing;

TEST_CASE("silence is silent: nothing in the content, the list or the decisions") {
    const redacted r =
        make(test::school_concern(), all_but({v1::CATEGORY_SENSITIVE_SERVICE}, v1::FORM_SILENT));
    CHECK(r.notice.content().persons(0).sensitive_services_size() == 0);
    for (const v1::Withheld& w : r.notice.withheld()) {
        CHECK(w.category() != v1::CATEGORY_SENSITIVE_SERVICE);
        CHECK(w.category() != v1::CATEGORY_UNSPECIFIED);
    }
    CHECK_FALSE(decided(r.notice.decisions(), cell(1, v1::CATEGORY_SENSITIVE_SERVICE)));
    bool recorded = false;
    for (const v1::DecisionGroup& g : r.decisions) {
        for (const auto id : g.cells()) {
            recorded = recorded || id == cell(1, v1::CATEGORY_SENSITIVE_SERVICE);
        }
    }
    CHECK(recorded);
}

TEST_CASE("veiled cells become one entry that names nothing") {
    auto table = all_but({v1::CATEGORY_SENSITIVE_SERVICE, v1::CATEGORY_INTELLIGENCE});
    table.veil(v1::CATEGORY_SENSITIVE_SERVICE).veil(v1::CATEGORY_INTELLIGENCE);
    const redacted r = make(test::school_concern(), table);
    int merged = 0;
    for (const v1::Withheld& w : r.notice.withheld()) {
        CHECK(w.category() != v1::CATEGORY_SENSITIVE_SERVICE);
        CHECK(w.category() != v1::CATEGORY_INTELLIGENCE);
        if (w.category() != v1::CATEGORY_UNSPECIFIED) continue;
        ++merged;
        CHECK(w.person_ref().empty());
        CHECK(w.reason() == v1::REASON_UNSPECIFIED);
        CHECK(w.sentence() == "Other information is held.");
        CHECK(w.challenge_id().size() == 16);
    }
    CHECK(merged == 1);
    CHECK_FALSE(decided(r.notice.decisions(), cell(1, v1::CATEGORY_SENSITIVE_SERVICE)));
    CHECK_FALSE(decided(r.notice.decisions(), cell(3, v1::CATEGORY_INTELLIGENCE)));
}

TEST_CASE("somebody whose existence is veiled leaves no trace and no gap") {
    fake_table table{[](const policy::point& p) {
        if (p.subject == v1::SUBJECT_REFERRER && p.category != v1::CATEGORY_HEADER) {
            return fake_table::masked();
        }
        return p.category == v1::CATEGORY_REFERRER ? fake_table::masked() : fake_table::full();
    }};
    table.veil(v1::CATEGORY_REFERRER);
    v1::Concern c = test::school_concern();
    // The referrer stands in the middle, so that a gap in the numbers would show.
    c.mutable_persons()->SwapElements(1, 3);
    const redacted r = make(c, table);
    REQUIRE(r.notice.content().persons_size() == 3);
    CHECK(r.notice.content().persons(1).ref() == "man-1");
    const std::string bytes = encode(r.notice);
    CHECK(bytes.find("referrer-1") == std::string::npos);
    CHECK(bytes.find("Vellacott") == std::string::npos);
    // The relation to a neighbour who is not there would tell of one.
    CHECK(r.notice.content().persons(0).relations_size() == 1);
    for (const v1::DecisionGroup& g : r.notice.decisions()) {
        for (const auto id : g.cells()) CHECK(person_of(id) <= 3);
    }
}

TEST_CASE("somebody hidden but not veiled appears by ref and role where the header may be seen") {
    const auto hide_carer = [](v1::Form header) {
        return fake_table{[header](const policy::point& p) {
            if (p.subject != v1::SUBJECT_CARER) return fake_table::full();
            if (p.category == v1::CATEGORY_HEADER && header == v1::FORM_FULL) {
                return fake_table::full();
            }
            return fake_table::masked();
        }};
    };
    const v1::Concern c = test::school_concern();
    const redacted open = make(c, hide_carer(v1::FORM_FULL));
    REQUIRE(open.notice.content().persons_size() == 4);
    CHECK(open.notice.content().persons(1).ref() == "carer-1");
    CHECK(open.notice.content().persons(1).names_size() == 0);
    CHECK(withheld(open, "carer-1", v1::CATEGORY_IDENTITY) != nullptr);
    const redacted closed = make(c, hide_carer(v1::FORM_MASKED));
    CHECK(closed.notice.content().persons_size() == 3);
    CHECK(encode(closed.notice).find("carer-1") == std::string::npos);
    CHECK(withheld(closed, "", v1::CATEGORY_IDENTITY) != nullptr);
}

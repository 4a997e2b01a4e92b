#include "exchange.hpp"

#include "daemon/names.hpp"

#include <algorithm>

namespace cairn::daemon {
namespace {

using namespace testing;

std::string where(const result<v1::SubmitResponse>& r) {
    return r ? "accepted" : std::string(describe(r.error().code).symbol) + " " + r.error().where;
}

} // namespace

TEST_CASE("a conflict with somebody nobody knows is refused, and who was meant is named") {
    exchange x;
    auto c = referral({mash});
    c.add_conflicts_of_interest("northshire-police");
    c.add_conflicts_of_interest("oakfeild");
    CHECK(
        where(x.submit("oakfield", c)) ==
        "bad_value concern.conflicts_of_interest[1]; did you mean oakfield"
    );
    CHECK(x.waiting("police", mash).empty());
    c.set_conflicts_of_interest(1, "northshire-police/mesh");
    CHECK(
        where(x.submit("oakfield", c)) ==
        "bad_value concern.conflicts_of_interest[1]; did you mean northshire-police/mash"
    );
    c.set_conflicts_of_interest(1, "somewhere-else");
    CHECK(where(x.submit("oakfield", c)) == "bad_value concern.conflicts_of_interest[1]");
}

TEST_CASE("an employer nobody knows is refused: its desks would not be bound") {
    exchange x;
    CHECK(
        where(x.submit("elmwood", allegation("oakfeld"))) ==
        "bad_value concern.assertions[0].allegation.employer_agency; did you mean oakfield"
    );
    auto c = referral({mash});
    c.mutable_persons(0)->mutable_professional()->set_employer_agency("northshire-polise");
    CHECK(
        where(x.submit("elmwood", c)) ==
        "bad_value concern.persons[0].professional.employer_agency; did you mean northshire-police"
    );
}

TEST_CASE("a lead practitioner's desk must be one") {
    exchange x;
    auto c = referral();
    c.set_lead_practitioner_desk("northshire-health/name");
    CHECK(
        where(x.submit("oakfield", c)) ==
        "unknown_desk concern.lead_practitioner_desk; did you mean northshire-health/named"
    );
    c.set_lead_practitioner_desk(named);
    CHECK(where(x.submit("oakfield", c)) == "accepted");
}

TEST_CASE("an agency that nobody can answer is told so") {
    exchange x;
    const auto warned = [](const result<v1::SubmitResponse>& r) {
        REQUIRE(r);
        return std::any_of(r->warnings().begin(), r->warnings().end(), [](const auto& w) {
            return w.code() == "no_desk_for_answers";
        });
    };
    CHECK(warned(x.submit("vendor", referral())));
    CHECK_FALSE(warned(x.submit("vendor", referral(), "elmwood")));
}

} // namespace cairn::daemon

// Originator control: who may release intelligence, whatever a concern says.
#include "exchange.hpp"

#include "support/people.hpp"

namespace cairn::daemon {
namespace {

using namespace testing;

const std::string line = "sanitised-line";

v1::Concern with_intelligence(bool released) {
    v1::Concern c = referral({front_door, elmwood});
    auto& man = *c.add_persons();
    man.set_ref("man-1");
    man.set_role(v1::SUBJECT_ALLEGED_PERPETRATOR);
    auto& a = *c.add_assertions();
    a.set_ref("a-1");
    a.set_about("man-1");
    a.set_kind(v1::Assertion::KIND_INTELLIGENCE);
    a.mutable_intelligence()->set_sanitised(line);
    a.mutable_intelligence()->set_released_by_originator(released);
    return c;
}

std::string form_at(const v1::DeskExplanation& desk) {
    for (const auto& cell : desk.cells()) {
        if (cell.category() == "police intelligence") return cell.form();
    }
    return "none";
}

const v1::DeskExplanation& at(const v1::ExplainResponse& e, const std::string& desk) {
    for (const auto& d : e.desks()) {
        if (d.desk() == desk) return d;
    }
    FAIL("nothing of " << desk);
    return e.desks(0);
}

struct outcome {
    std::vector<std::string> warned;
    std::string at_school;
    // The school's notice has the line that a release shows it.
    bool read = false;
    bool flagged = false;
};

outcome sent(
    exchange& x, const std::string& who, const v1::Concern& c, const std::string& on_behalf_of = {}
) {
    const auto done = x.submit(who, c, on_behalf_of);
    REQUIRE(done);
    outcome out;
    for (const auto& w : done->warnings()) {
        if (w.code() != "release_not_yours") continue;
        out.warned.push_back(w.where());
        CHECK(w.text().find("ignored") != std::string::npos);
        CHECK(w.text().find("Ask the police") != std::string::npos);
    }
    const auto said = x.explain(who, done->concern_id());
    REQUIRE(said);
    out.at_school = form_at(at(*said, elmwood));
    const auto notice = x.notice("elmwood", elmwood, done->concern_id()).SerializeAsString();
    out.read = notice.find(line) != std::string::npos;
    const auto record = x.record(done->concern_id());
    for (const auto& cell : record.inputs().cells()) {
        out.flagged = out.flagged || (cell.flags() & policy::bit(v1::FLAG_RELEASED)) != 0;
    }
    return out;
}

} // namespace

TEST_CASE("the police release their intelligence, and a school sees its line") {
    exchange x;
    const auto held = sent(x, "police", with_intelligence(false));
    CHECK(held.warned.empty());
    CHECK(held.at_school == "not shown");
    CHECK_FALSE(held.read);
    const auto released = sent(x, "police", with_intelligence(true));
    CHECK(released.warned.empty());
    CHECK(released.flagged);
    CHECK(released.at_school == "in a shorter form");
    CHECK(released.read);
}

TEST_CASE("a school that says the police released it is not believed, and is told so") {
    exchange x;
    const auto c = with_intelligence(true);
    const auto claimed = sent(x, "oakfield", c);
    CHECK(
        claimed.warned ==
        std::vector<std::string>{"concern.assertions[0].intelligence.released_by_originator"}
    );
    CHECK_FALSE(claimed.flagged);
    CHECK(claimed.at_school == "not shown");
    CHECK_FALSE(claimed.read);
    // As if it had not been said; without a warning, for nothing was ignored.
    const auto silent = sent(x, "oakfield", with_intelligence(false));
    CHECK(silent.warned.empty());
    CHECK(silent.at_school == claimed.at_school);
    // Social care gets the graded line either way, and not that it was released.
    for (const auto& d : x.waiting("front-door", front_door)) {
        const auto& piece = d.notice().content().assertions(0).intelligence();
        CHECK(piece.sanitised() == line);
        CHECK_FALSE(piece.released_by_originator());
    }
    // A preview warns alike.
    const auto seen = x.preview("oakfield", c);
    REQUIRE(seen);
    CHECK(seen->SerializeAsString().find("release_not_yours") != std::string::npos);
}

TEST_CASE("whoever holds a mandate of the police releases for them, and no other does") {
    exchange x;
    v1::RegistryChange change;
    auto& m = *change.mutable_mandate();
    m.set_id("m-2");
    m.set_holder("school-system");
    m.set_for_agency("northshire-police");
    m.add_desks(mash);
    m.set_until_us(2'000'000'000'000'000);
    x.change_registry(change);
    const auto theirs = sent(x, "vendor", with_intelligence(true), "northshire-police");
    CHECK(theirs.warned.empty());
    CHECK(theirs.read);
    const auto schools = sent(x, "vendor", with_intelligence(true), "elmwood");
    CHECK(schools.warned.size() == 1);
    CHECK_FALSE(schools.read);
}

} // namespace cairn::daemon

#include "intake/declarations.hpp"

#include "intake/validate.hpp"
#include "support/people.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using intake::validate;

namespace {

namespace v1 = cairn::v1;

// Friday 18 December 2026: the 25th and 28th are bank holidays, days of others nobody asked about.
const intake::review_days days{"2026-12-18", "2026-12-21", "2026-12-29"};

void on(v1::PartialDate& d, unsigned month, unsigned day) {
    d.set_year(2026);
    d.set_month(month);
    d.set_day(day);
}

template <class Change>
v1::Concern broken(const Change& change) {
    v1::Concern c = test::school_concern();
    v1::BreakGlass& b = *c.mutable_break_glass();
    b.set_told("northshire-police/mash");
    b.set_category(v1::CATEGORY_CONTACT);
    b.set_reason("the officers stood at the wrong door");
    b.set_decided_by_role("duty manager");
    on(*b.mutable_review_on(), 12, 21);
    change(c);
    return c;
}

template <class Change>
v1::Concern declared(const Change& change) {
    v1::Concern c = test::school_concern();
    v1::Detriment& d = *c.add_detriments();
    d.set_category(v1::CATEGORY_IMMIGRATION);
    d.set_reason("would drive the family away");
    d.set_decided_by_role("team manager");
    on(*d.mutable_review_on(), 12, 22);
    change(c);
    return c;
}

std::string refused(const v1::Concern& c) {
    const auto got = validate(c, days);
    if (got) return "accepted";
    const std::string code = got.error().code == errc::required ? "required " : "bad ";
    return code + got.error().where;
}

std::string warned(const v1::Concern& c, std::string_view code) {
    const auto got = validate(c, days);
    REQUIRE(got.has_value());
    for (const v1::Warning& w : got->warnings) {
        if (w.code() == code) return w.where() + ": " + w.text();
    }
    return {};
}

} // namespace

TEST_CASE("breaking glass names who was told, what, why, who decided and when it is looked at") {
    CHECK(refused(broken([](auto&) {})) == "accepted");
    const auto without = [](auto clear) {
        return refused(broken([&](v1::Concern& c) { clear(*c.mutable_break_glass()); }));
    };
    const std::string at = "required concern.break_glass";
    CHECK(without([](auto& b) { b.clear_told(); }) == at + ".told");
    CHECK(without([](auto& b) { b.clear_category(); }) == at + ".category");
    CHECK(without([](auto& b) { b.clear_reason(); }) == at + ".reason");
    CHECK(without([](auto& b) { b.set_reason(" \n"); }) == at + ".reason");
    CHECK(without([](auto& b) { b.clear_decided_by_role(); }) == at + ".decided_by_role");
    CHECK(without([](auto& b) { b.clear_review_on(); }) == at + ".review_on");
    CHECK(without([](auto& b) {
              b.set_category(static_cast<v1::Category>(60));
          }) == "bad concern.break_glass.category");
}

TEST_CASE("broken glass is reviewed within one working day, and the refusal says which that is") {
    const auto reviewed = [](unsigned month, unsigned day) {
        return refused(broken([&](v1::Concern& c) {
            on(*c.mutable_break_glass()->mutable_review_on(), month, day);
        }));
    };
    const std::string at = "bad concern.break_glass.review_on, ";
    CHECK(reviewed(12, 17) == at + "2026-12-18 at the earliest");
    CHECK(reviewed(12, 18) == "accepted");
    CHECK(reviewed(12, 20) == "accepted");
    CHECK(reviewed(12, 21) == "accepted");
    CHECK(reviewed(12, 22) == at + "a day, 2026-12-21 at the latest");
    // A month is no day.
    CHECK(reviewed(12, 0) == at + "a day, 2026-12-21 at the latest");
    CHECK(
        warned(broken([](auto&) {}), "break_glass_recorded").find("2026-12-21") != std::string::npos
    );
}

TEST_CASE("a detriment is not reviewed in the past, and later than five working days warns") {
    const auto reviewed = [](unsigned month, unsigned day) {
        return declared([&](v1::Concern& c) {
            on(*c.mutable_detriments(0)->mutable_review_on(), month, day);
        });
    };
    const std::string at = "concern.detriments[0].review_on";
    CHECK(refused(reviewed(12, 17)) == "bad " + at + ", 2026-12-18 at the earliest");
    CHECK(refused(reviewed(11, 0)) == "bad " + at + ", 2026-12-18 at the earliest");
    CHECK(refused(reviewed(12, 18)) == "accepted");
    // Part of the month is still to come.
    CHECK(refused(reviewed(12, 0)) == "accepted");
    CHECK(warned(reviewed(12, 29), "detriment_review_late").empty());
    CHECK(warned(reviewed(12, 30), "detriment_review_late").starts_with(at + ": "));
    CHECK(warned(reviewed(12, 30), "detriment_review_late").ends_with("2026-12-29"));
}

TEST_CASE("whoever declares is a person, in a system's report as well") {
    const auto as_status = [](v1::Concern c) {
        c.mutable_status();
        c.clear_acting();
        return c;
    };
    CHECK(refused(as_status(test::school_concern())) == "accepted");
    for (v1::Concern c : {declared([](auto&) {}), broken([](auto&) {})}) {
        c = as_status(std::move(c));
        CHECK(refused(c) == "required concern.acting.role");
        c.mutable_acting()->set_role("team manager");
        CHECK(refused(c) == "required concern.acting.staff_id");
        c.mutable_acting()->set_staff_id("tm-1");
        CHECK(refused(c) == "accepted");
    }
}

TEST_CASE("of too many warnings those of declarations are told") {
    const auto c = declared([](v1::Concern& all) {
        on(*all.mutable_detriments(0)->mutable_review_on(), 12, 31);
        for (int i = 0; i < 150; ++i) all.mutable_persons(0)->add_addresses()->add_lines("a");
    });
    const auto got = validate(c, days);
    REQUIRE(got.has_value());
    CHECK(got->warnings.size() == 100);
    CHECK(got->warnings.front().code() == "detriment_review_late");
}

TEST_CASE("without a calendar weekends alone are left out") {
    const auto plain = intake::plain_review_days("2026-11-20"); // a Friday
    CHECK(plain.in_one == "2026-11-23");
    CHECK(plain.in_five == "2026-11-27");
    const auto sunday = intake::plain_review_days("2026-11-22");
    CHECK(sunday.in_one == "2026-11-23");
    CHECK(sunday.in_five == "2026-11-27");
}

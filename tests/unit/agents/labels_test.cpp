#include "agents/core/field_labels.hpp"
#include "agents/core/labels.hpp"
#include "agents/core/uk_time.hpp"

#include "cairn/v1/concern.pb.h"

#include "support.hpp"

#include <catch2/catch.hpp>
#include <google/protobuf/descriptor.h>

#include <set>

using namespace cairn;
using namespace cairn::agents;

namespace {

struct walked {
    std::set<const google::protobuf::Descriptor*> messages;
    std::set<const google::protobuf::EnumDescriptor*> enums;
};

void walk(const google::protobuf::Descriptor* m, walked& out) {
    if (m == ::cairn::v1::PartialDate::descriptor() || !out.messages.insert(m).second) return;
    for (int i = 0; i < m->field_count(); ++i) {
        if (m->field(i)->message_type() != nullptr) walk(m->field(i)->message_type(), out);
        if (m->field(i)->enum_type() != nullptr) out.enums.insert(m->field(i)->enum_type());
    }
}

} // namespace

TEST_CASE("every field and every value a notice can carry has words") {
    walked all;
    walk(::cairn::v1::Concern::descriptor(), all);
    all.enums.insert(::cairn::v1::ConcernKind_descriptor());
    all.enums.insert(::cairn::v1::ReasonCode_descriptor());
    std::size_t named = 0;
    for (const auto* m : all.messages)
        for (int i = 0; i < m->field_count(); ++i) {
            INFO(m->field(i)->full_name());
            CHECK_FALSE(field_label(*m->field(i)).empty());
            ++named;
        }
    // Rows of fields that are no more would be found here.
    CHECK(named == field_labels().size());
    std::size_t values = 0;
    for (const auto* e : all.enums)
        for (int i = 1; i < e->value_count(); ++i) {
            INFO(e->value(i)->full_name());
            CHECK_FALSE(value_label(*e->value(i)).empty());
            ++values;
        }
    CHECK(values == value_labels().size());
}

TEST_CASE("desks read as words and unknown ones as they are") {
    CHECK(desk_label("oakfield/dsl") == "designated safeguarding lead, Oakfield");
    CHECK(desk_label("northshire-council/front_door") == "front door, Northshire Council");
    CHECK(desk_label("the duty officer") == "the duty officer");
}

TEST_CASE("times are the clock on the wall in England") {
    CHECK(uk_time(from_us(1'795'305'600'000'000)) == "Sunday 22 November 2026, 00:00 (UK time)");
    // Summer time begins 29 March 2026 at 01:00 UTC and ends 25 October at 01:00 UTC.
    CHECK(uk_time(from_us(1'774'745'999'000'000)) == "Sunday 29 March 2026, 00:59 (UK time)");
    CHECK(uk_time(from_us(1'774'746'000'000'000)) == "Sunday 29 March 2026, 02:00 (UK time)");
    CHECK(uk_time(from_us(1'792'889'999'000'000)) == "Sunday 25 October 2026, 01:59 (UK time)");
    CHECK(uk_time(from_us(1'792'890'000'000'000)) == "Sunday 25 October 2026, 01:00 (UK time)");
}

TEST_CASE("a deadline at midnight is said as the end of the day before") {
    CHECK(
        uk_deadline(from_us(1'795'305'600'000'000)) ==
        "the end of Saturday 21 November 2026 (midnight, UK time)"
    );
    CHECK(
        uk_deadline(from_us(1'795'305'660'000'000)) == "Sunday 22 November 2026, 00:01 (UK time)"
    );
}

TEST_CASE("what a sender wrote as a time reads as one, anything else as it is") {
    CHECK(written_time("2026-11-20") == "Friday 20 November 2026");
    CHECK(written_time("2026-11") == "November 2026");
    CHECK(written_time("2026-11-20T15:40:00Z") == "Friday 20 November 2026, 15:40 (UK time)");
    CHECK(written_time("2026-07-01T23:30:00Z") == "Thursday 2 July 2026, 00:30 (UK time)");
    CHECK(
        written_time("2026-11-20T15:40:00.25+02:00") == "Friday 20 November 2026, 13:40 (UK time)"
    );
    for (const auto* text :
         {"",
          "2026",
          "2026-",
          "2026-13",
          "2026-02-30",
          "2026-11-20T",
          "2026-11-20T15:40",
          "last week",
          "2026-11-20T15:40:00",
          "2026-11-20T15:40:00+2",
          "2026-11-2",
          "20/11/2026"}) {
        INFO(text);
        CHECK(written_time(text) == text);
    }
}

TEST_CASE("an age is of whole years, and says when it may be one of two") {
    ::cairn::v1::PartialDate born;
    const auto day = from_us(1'795'305'600'000'000); // 22 November 2026
    CHECK(age_on(born, day).empty());
    born.set_year(2016);
    CHECK(age_on(born, day) == "9 or 10");
    born.set_month(11);
    CHECK(age_on(born, day) == "9 or 10");
    born.set_day(22);
    CHECK(age_on(born, day) == "10");
    born.set_day(23);
    CHECK(age_on(born, day) == "9");
    born.set_day(0);
    born.set_month(12);
    CHECK(age_on(born, day) == "9");
    born.set_month(10);
    CHECK(age_on(born, day) == "10");
    born.set_year(2026);
    CHECK(age_on(born, day) == "0");
    born.set_year(2027);
    CHECK(age_on(born, day).empty());
}

TEST_CASE("a code of the school census has its words") {
    CHECK(ethnicity_label("WBRI") == "White British (WBRI)");
    CHECK(ethnicity_label("of her own words") == "of her own words");
}

TEST_CASE("a date says as much as is known") {
    ::cairn::v1::PartialDate d;
    CHECK(partial_date(d) == "not known");
    d.set_year(2015);
    CHECK(partial_date(d) == "2015");
    d.set_month(3);
    CHECK(partial_date(d) == "March 2015");
    d.set_day(27);
    CHECK(partial_date(d) == "27 March 2015");
}

// What systems write where they do not know: wrong check digits, dates that stand for a year,
// names and postcodes that stand for nothing. Each is carried as what it is and told of in the
// report, never refused.
#pragma once

#include "agents/profiles/table.hpp"

#include "cairn/v1/concern.pb.h"

#include <string_view>

namespace cairn::agents::profiles {

// What to look at in an identifier; empty: nothing. `year_now` for police numbers, whose years are
// never in the future.
std::string_view
identifier_note(::cairn::v1::Identifier::Scheme scheme, std::string_view value, int year_now);

// Two letters, six digits, a suffix A to D, prefixes that are given out. There is no check digit.
bool nino_shape_ok(std::string_view text);

// "Baby of", "unknown", "redacted": stands for a name and is none.
bool is_placeholder_name(std::string_view name);
// Adds a part of the name and marks the whole as a placeholder where the part is one.
leaf_outcome put_given(::cairn::v1::Person& person, std::string_view name);
leaf_outcome put_family(::cairn::v1::Person& person, std::string_view name);

// A birth date. 1 January is what systems write for a year alone: carried as the year, since a
// wrong day rules out a right match. A second, different date is not taken.
leaf_outcome put_birth(::cairn::v1::Person& person, const ::cairn::v1::PartialDate& date);

// A postcode. NHS pseudo postcodes (ZZ99 3VZ no fixed abode, ZZ99 3WZ not known) are written out.
leaf_outcome put_postcode(::cairn::v1::Address& address, std::string_view postcode);

// dd/mm/yyyy as English systems write it, or YYYY-MM-DD; a time after it is dropped.
std::optional<::cairn::v1::PartialDate> english_date(std::string_view text);

} // namespace cairn::agents::profiles

#include "core/edit_distance.hpp"

#include <catch2/catch.hpp>

using cairn::edit_distance;

TEST_CASE("names are as far apart as letters changed, put in or left out") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("mash", "mash") == 0);
    CHECK(edit_distance("", "mash") == 4);
    CHECK(edit_distance("mash", "") == 4);
    CHECK(edit_distance("mash", "cash") == 1);
    CHECK(edit_distance("mash", "mas") == 1);
    CHECK(edit_distance("mash", "mashe") == 1);
    // Two changes: swapped neighbours are no case of their own.
    CHECK(edit_distance("mash", "msah") == 2);
    CHECK(edit_distance("front_door", "lado") == edit_distance("lado", "front_door"));
    CHECK(edit_distance("listen.port", "keys.log") > 5);
}

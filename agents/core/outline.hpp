// A concern as lines of label and value, in words: what the pages are made of.
#pragma once

#include "cairn/v1/annotations.pb.h"
#include "cairn/v1/concern.pb.h"
#include "cairn/v1/notice.pb.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::agents {

struct outline_line {
    // Top-level field of the concern or of the person it stands under.
    int field_number = 0;
    // Field path under the concern or the person, with indices: "addresses[1].postcode".
    std::string path;
    // "Address 2: Postcode"
    std::string label;
    // The same in its parts: what it stands in ("addresses[1]", "Address 2"; empty at the top), and
    // itself ("Address.postcode", "Postcode").
    std::string element;
    std::string element_label;
    std::string field;
    std::string own_label;
    // In words; dates as people write them; refs as titles of persons.
    std::string value;
    // By which policy decides it, an address without "safe" counted as protected.
    ::cairn::v1::Category category = ::cairn::v1::CATEGORY_UNSPECIFIED;
    // Whom its value is about, where that is not whom its place is about.
    ::cairn::v1::Subject subject = ::cairn::v1::SUBJECT_UNSPECIFIED;
    // Whom it is about where that is another than the place says; a ref.
    std::string about;
};

// Everything but persons.
std::vector<outline_line> outline_of_concern(const ::cairn::v1::Concern& c);
// Everything but ref and role. `c` gives the titles of the persons referred to.
std::vector<outline_line>
outline_of_person(const ::cairn::v1::Person& p, const ::cairn::v1::Concern& c);

// Of a child: was it seen, alone, in whose language, what did it say? Whether a child was seen is
// part of every notice about it, so a line "not said" for each of these that is blank. No line
// where the notice says that it is hidden; "not said, or not told to this desk" where the notice
// holds something back without saying what.
std::vector<outline_line>
blanks_of_child(const ::cairn::v1::Person& p, const ::cairn::v1::Notice& n);

// "Asha Example (child)", or "child (child-1)" without a name.
std::string person_title(const ::cairn::v1::Person& p);
// The same by ref; the ref itself where no such person is there.
std::string person_title(const ::cairn::v1::Concern& c, std::string_view ref);

} // namespace cairn::agents

// Files that say who somebody is and nothing that happened: looked through, reported, never sent.
// A broker of concerns is no register of children.
#pragma once

#include "agents/formats/csv.hpp"
#include "agents/profiles/table.hpp"

#include "cairn/v1/concern.pb.h"

namespace cairn::agents::profiles {

struct identity_target {
    ::cairn::v1::Person& person;
    int year_now = 0;
};

std::span<const row<identity_target>> pupil_rows();
std::span<const row<identity_target>> looked_after_identity_rows();
// Nothing of them is read: a column is ignored by name, or unmapped.
std::span<const row<identity_target>> statistics_rows();

// The report tells of wrong check digits, placeholders and identifiers that stand in several rows,
// by their places. No leaf is carried: it is ignored, or unmapped where the table does not know
// its column. `to` is never called.
result<file_report> map_pupils(const formats::next_piece& file, const concern_sink& to);
result<file_report>
map_looked_after_identity(const formats::next_piece& file, const concern_sink& to);
// Tables of the SSDA903 return that hold statistics about one child a row.
result<file_report> map_statistics(const formats::next_piece& file, const concern_sink& to);

} // namespace cairn::agents::profiles

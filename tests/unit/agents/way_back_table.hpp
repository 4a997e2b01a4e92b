// What becomes of each field of a notice in the files of an inbox, as the tables of
// docs/PROFILES.md.
#pragma once

#include <string>

namespace agents_test {

// Found by taking a field out of a notice that has every field, and looking at what changes.
std::string way_back_tables();

} // namespace agents_test

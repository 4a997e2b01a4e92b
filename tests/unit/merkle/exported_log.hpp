// An exported log in memory, and on disk.
#pragma once

#include "merkle/tiles.hpp"

#include <map>
#include <string>
#include <vector>

namespace cairn::merkle {

using file_map = std::map<std::string, bytes, std::less<>>;

// What a broker would export of these entries.
file_map
export_log(const note_signer& signer, const std::string& origin, const std::vector<bytes>& entries);

file_reader reader_of(const file_map& files);
void write_files(const file_map& files, const std::string& folder);

} // namespace cairn::merkle

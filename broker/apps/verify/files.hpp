// What cairn-verify reads.
#pragma once

#include "merkle/note.hpp"
#include "merkle/tiles.hpp"

#include <string>
#include <vector>

namespace cairn::verify_app {

// errc::file_unreadable where it is missing, no plain file, or larger than any file of the formats.
result<bytes> read_file(const std::string& path);

// Files below an exported log's folder.
merkle::file_reader read_below(std::string folder);

// Each text is a verifier key or a file with one a line; # starts a comment line.
result<std::vector<merkle::verifier_key>> read_keys(const std::vector<std::string>& texts);

// One base64 hash a line.
result<std::vector<digest>> read_path(const std::string& path);

} // namespace cairn::verify_app

// C2SP tlog-tiles: the log as a folder of files that stock tools read, and its verifier.
#pragma once

#include "merkle/checkpoint.hpp"

#include <functional>

namespace cairn::merkle {

inline constexpr unsigned tile_width = 256;

// A row of up to 256 hashes of level 8 * `level`; narrower only at the right end of its row.
struct tile {
    unsigned level = 0;
    std::uint64_t index = 0;
    unsigned width = tile_width;
    bool operator==(const tile&) const = default;
};

// "tile/0/x001/x234/067", "tile/1/000.p/17".
std::string tile_path(const tile& t);
// "tile/entries/000", "tile/entries/273.p/112".
std::string entries_path(std::uint64_t index, unsigned width);
inline constexpr std::string_view checkpoint_path = "checkpoint";

// Every tile a log of this size has, level by level; those of level 0 are also its entry bundles.
std::vector<tile> tiles_of(std::uint64_t size);

// One entry after another, each with a 16-bit length. errc::too_large above 65535 bytes.
status append_entry(bytes& bundle, bytes_view entry);
// Views into `bundle`; errc::log_damaged where an entry is cut.
result<std::vector<bytes_view>> split_bundle(bytes_view bundle);

// Joined hashes.
bytes tile_bytes(std::span<const digest> hashes);
// Root over them: of a full tile, its hash in the tile above.
digest tile_root(std::span<const digest> hashes);

// The whole content of a file by its path within the export; errc::file_unreadable if it has none.
using file_reader = std::function<result<bytes>(std::string_view path)>;
// Called for every entry that fits its tile, in order. What was seen stands only once the whole log
// is good.
using entry_visitor = std::function<void(std::uint64_t index, bytes_view entry)>;

// Re-hashes every entry (comparing stored hashes alone would not see a changed record), checks the
// tiles of every level and the signed root. errc::log_damaged with `where` = "record N", the first
// that does not fit or is missing, or "root" where all files agree with each other but not with the
// signed head. A missing checkpoint is the reader's failure. Memory: one bundle and a tile a level.
result<verified_checkpoint> verify_tiles(
    const file_reader& read, std::span<const verifier_key> keys, const entry_visitor& visit = {}
);

} // namespace cairn::merkle

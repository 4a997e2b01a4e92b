// Reading a whole log in bounded memory: page by page against a signed head, and into C2SP tiles on
// the way. No file and no connection of its own: both are given.
#pragma once

#include "merkle/proof.hpp"
#include "merkle/tiles.hpp"

#include <functional>

namespace cairn::cli {

// 2 MB of leaves a call.
inline constexpr std::uint64_t page_leaves = 16384;

// Leaves [from, until), all of them or a failure.
using page_source =
    std::function<result<std::vector<bytes>>(std::uint64_t from, std::uint64_t until)>;
using leaf_sink = std::function<status(bytes_view leaf)>;

// Gives every leaf below the head to `sink`, in order, and compares the root at the end: what the
// sink did stands only when this succeeds. errc::log_damaged where leaves are missing or do not
// hash to the head.
status read_log(
    const merkle::tree_head& head,
    std::uint64_t page,
    const page_source& source,
    const leaf_sink& sink = {}
);

// Files of a C2SP tlog-tiles folder, each written once it is full. Holds one row a level.
class tile_writer {
public:
    using file_writer = std::function<status(const std::string& path, bytes_view content)>;
    explicit tile_writer(file_writer write) : write_(std::move(write)) {}

    status add(bytes_view leaf);
    // The partial tiles, then the head: a reader that finds the head finds all that is under it.
    status finish(bytes_view checkpoint);

private:
    struct level_row {
        std::vector<digest> hashes;
        std::uint64_t index = 0;
    };
    status push(unsigned level, const digest& hash);
    status write_row(unsigned level);

    file_writer write_;
    std::vector<level_row> rows_;
    bytes bundle_;
};

// What the head at hand must be to the one verified before, apart from the proof: `newer` may not
// be smaller, nor differ at the same size. errc::log_damaged. Whether a proof is still needed.
result<bool> may_follow(const merkle::tree_head& older, const merkle::tree_head& newer);

} // namespace cairn::cli

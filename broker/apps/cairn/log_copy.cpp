#include "apps/cairn/log_copy.hpp"

#include "merkle/frontier.hpp"
#include "merkle/hashing.hpp"

#include <algorithm>
#include <span>

namespace cairn::cli {

status read_log(
    const merkle::tree_head& head,
    std::uint64_t page,
    const page_source& source,
    const leaf_sink& sink
) {
    merkle::frontier tree;
    while (tree.size() < head.size) {
        const std::uint64_t until = std::min(head.size, tree.size() + page);
        const auto leaves = source(tree.size(), until);
        if (!leaves) return leaves.error();
        if (leaves->size() != until - tree.size()) {
            return fail(
                errc::log_damaged,
                "record " + std::to_string(tree.size() + leaves->size()) +
                    ": the broker sent fewer records than it signed"
            );
        }
        for (const bytes& leaf : *leaves) {
            tree.append(merkle::leaf_hash(leaf));
            if (sink) CAIRN_TRY(sink(leaf));
        }
    }
    if (tree.root() == head.root) return {};
    return fail(errc::log_damaged, "the records do not hash to the signed root");
}

status tile_writer::add(bytes_view leaf) {
    CAIRN_TRY(merkle::append_entry(bundle_, leaf));
    return push(0, merkle::leaf_hash(leaf));
}

status tile_writer::push(unsigned level, const digest& hash) {
    if (rows_.size() <= level) rows_.resize(level + 1);
    rows_[level].hashes.push_back(hash);
    if (rows_[level].hashes.size() < merkle::tile_width) return {};
    CAIRN_TRY(write_row(level));
    const digest top = merkle::tile_root(rows_[level].hashes);
    rows_[level].hashes.clear();
    ++rows_[level].index;
    return push(level + 1, top);
}

status tile_writer::write_row(unsigned level) {
    const level_row& row = rows_[level];
    const auto width = static_cast<unsigned>(row.hashes.size());
    CAIRN_TRY(write_(
        merkle::tile_path({level, row.index, width}), merkle::tile_bytes(std::span(row.hashes))
    ));
    if (level != 0) return {};
    CAIRN_TRY(write_(merkle::entries_path(row.index, width), bundle_));
    bundle_.clear();
    return {};
}

status tile_writer::finish(bytes_view checkpoint) {
    for (unsigned level = 0; level < rows_.size(); ++level) {
        if (!rows_[level].hashes.empty()) CAIRN_TRY(write_row(level));
    }
    return write_(std::string(merkle::checkpoint_path), checkpoint);
}

result<bool> may_follow(const merkle::tree_head& older, const merkle::tree_head& newer) {
    const std::string before = std::to_string(older.size) + " records were verified before";
    if (newer.size < older.size) {
        return fail(
            errc::log_damaged,
            "THE LOG SHRANK: " + before + ", now it has " + std::to_string(newer.size)
        );
    }
    if (newer.size == older.size && newer.root != older.root) {
        return fail(errc::log_damaged, "THE LOG FORKED: " + before + ", these are others");
    }
    return newer.size > older.size && older.size != 0;
}

} // namespace cairn::cli

#include "merkle/tiles.hpp"

#include "merkle/frontier.hpp"
#include "merkle/hashing.hpp"

#include <algorithm>

namespace cairn::merkle {
namespace {

// Groups of three digits, all but the last marked: short names that sort.
std::string index_path(std::uint64_t index, unsigned width) {
    const auto group = [](std::uint64_t n) {
        std::string digits = std::to_string(n);
        return std::string(3 - digits.size(), '0') + digits;
    };
    std::string out = group(index % 1000);
    while ((index /= 1000) != 0) out = "x" + group(index % 1000) + "/" + out;
    if (width != tile_width) out += ".p/" + std::to_string(width);
    return out;
}

failure damaged(std::uint64_t record, std::string detail) {
    return fail(errc::log_damaged, "record " + std::to_string(record), std::move(detail));
}

// The stored tile against what the entries give: `hashes` are those of its first places.
status compare(const file_reader& read, const tile& t, std::span<const digest> hashes) {
    const std::string path = tile_path(t);
    const auto record = [&](std::size_t i) { return (t.index * tile_width + i) << (8 * t.level); };
    const auto file = read(path);
    if (!file) return damaged(record(0), path + ": " + file.error().detail);
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        if (32 * (i + 1) > file->size()) return damaged(record(i), path + ": cut short");
        if (bytes_view(*file).substr(32 * i, 32) != view(hashes[i])) {
            return damaged(record(i), path + ": its hash is not that of the records");
        }
    }
    if (file->size() > 32 * std::size_t{t.width}) {
        return damaged(record(t.width - 1), path + ": longer than its name says");
    }
    return {};
}

// The tiles above level 0, compared as they fill.
class upper_tiles {
public:
    explicit upper_tiles(const file_reader& read) : read_(read) {}

    // Appends the root of a full tile below to the row of `level` (1 or more).
    status add(unsigned level, const digest& hash) {
        if (rows_.size() <= level) rows_.resize(level + 1);
        rows_[level].hashes.push_back(hash);
        if (rows_[level].hashes.size() < tile_width) return {};
        CAIRN_TRY(compare(read_, at(level), rows_[level].hashes));
        const digest up = tile_root(rows_[level].hashes);
        rows_[level].hashes.clear();
        ++rows_[level].index;
        return add(level + 1, up);
    }

    // The narrow tiles at the right end.
    status finish() {
        for (unsigned level = 1; level < rows_.size(); ++level) {
            if (rows_[level].hashes.empty()) continue;
            CAIRN_TRY(compare(read_, at(level), rows_[level].hashes));
        }
        return {};
    }

private:
    [[nodiscard]] tile at(unsigned level) const {
        const row& r = rows_[level];
        return {level, r.index, static_cast<unsigned>(r.hashes.size())};
    }

    struct row {
        std::uint64_t index = 0;
        std::vector<digest> hashes;
    };
    const file_reader& read_;
    std::vector<row> rows_;
};

// The records of one bundle; a cut bundle gives those before the cut.
struct bundle_part {
    std::vector<bytes_view> entries;
    bool whole = true;
};

bundle_part whole_entries(bytes_view bundle) {
    bundle_part out;
    reader in(bundle);
    while (!in.rest().empty()) {
        const bytes_view entry = in.take(in.u16());
        if (!in.ok()) {
            out.whole = false;
            return out;
        }
        out.entries.push_back(entry);
    }
    return out;
}

// Hashes of the bundle's records, all of which fit the tile.
result<std::vector<digest>>
check_bundle(const file_reader& read, const tile& t, const entry_visitor& visit) {
    const std::uint64_t first = t.index * tile_width;
    const std::string path = entries_path(t.index, t.width);
    const auto file = read(path);
    if (!file) return damaged(first, path + ": " + file.error().detail);
    const bundle_part part = whole_entries(*file);
    const std::size_t usable = std::min<std::size_t>(part.entries.size(), t.width);
    std::vector<digest> hashes;
    for (std::size_t i = 0; i < usable; ++i) hashes.push_back(leaf_hash(part.entries[i]));
    // Before the count: a changed length moves every later border, and the tile still says where
    // the first wrong one is.
    CAIRN_TRY(compare(read, t, hashes));
    if (usable < t.width) return damaged(first + usable, path + ": cut short");
    if (!part.whole || part.entries.size() > t.width) {
        return damaged(first + t.width - 1, path + ": longer than its name says");
    }
    for (std::size_t i = 0; visit && i < usable; ++i) visit(first + i, part.entries[i]);
    return hashes;
}

} // namespace

std::string tile_path(const tile& t) {
    return "tile/" + std::to_string(t.level) + "/" + index_path(t.index, t.width);
}

std::string entries_path(std::uint64_t index, unsigned width) {
    return "tile/entries/" + index_path(index, width);
}

std::vector<tile> tiles_of(std::uint64_t size) {
    std::vector<tile> out;
    unsigned level = 0;
    for (std::uint64_t row = size; row != 0; row /= tile_width, ++level) {
        for (std::uint64_t i = 0; i * tile_width < row; ++i) {
            const std::uint64_t width = std::min<std::uint64_t>(tile_width, row - i * tile_width);
            out.push_back({level, i, static_cast<unsigned>(width)});
        }
    }
    return out;
}

status append_entry(bytes& bundle, bytes_view entry) {
    if (entry.size() > 0xffff) return fail(errc::too_large, "entry: 65535 bytes");
    put_u16(bundle, static_cast<std::uint16_t>(entry.size()));
    bundle += entry;
    return {};
}

result<std::vector<bytes_view>> split_bundle(bytes_view bundle) {
    bundle_part part = whole_entries(bundle);
    if (!part.whole) return fail(errc::log_damaged, "entry bundle", "an entry is cut");
    return std::move(part.entries);
}

bytes tile_bytes(std::span<const digest> hashes) {
    bytes out;
    out.reserve(hashes.size() * 32);
    for (const digest& d : hashes) out += view(d);
    return out;
}

digest tile_root(std::span<const digest> hashes) {
    frontier f;
    for (const digest& d : hashes) f.append(d);
    return f.root();
}

result<verified_checkpoint> verify_tiles(
    const file_reader& read, std::span<const verifier_key> keys, const entry_visitor& visit
) {
    const auto text = read(checkpoint_path);
    if (!text) return text.error();
    auto head = verify_checkpoint(*text, keys);
    if (!head) return head.error();
    const std::uint64_t size = head->head.size;
    if (size >= tree_size_max) return fail(errc::log_damaged, "checkpoint size");
    frontier tree;
    upper_tiles upper(read);
    for (std::uint64_t first = 0; first < size; first += tile_width) {
        const auto width = static_cast<unsigned>(std::min<std::uint64_t>(tile_width, size - first));
        const auto hashes = check_bundle(read, {0, first / tile_width, width}, visit);
        if (!hashes) return hashes.error();
        for (const digest& hash : *hashes) tree.append(hash);
        if (width == tile_width) CAIRN_TRY(upper.add(1, tile_root(*hashes)));
    }
    CAIRN_TRY(upper.finish());
    if (tree.root() != head->head.root) {
        return fail(errc::log_damaged, "root", "the records do not give the signed root");
    }
    return head;
}

} // namespace cairn::merkle

#include "unit/merkle/exported_log.hpp"

#include "merkle/frontier.hpp"
#include "merkle/hashing.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace cairn::merkle {

file_map export_log(
    const note_signer& signer, const std::string& origin, const std::vector<bytes>& entries
) {
    file_map files;
    frontier tree;
    std::vector<digest> row;
    for (const bytes& e : entries) {
        row.push_back(leaf_hash(e));
        tree.append(row.back());
    }
    std::vector<digest> above;
    unsigned level = 0;
    for (const tile& t : tiles_of(entries.size())) {
        if (t.level != level) {
            level = t.level;
            row.swap(above);
            above.clear();
        }
        const auto hashes = std::span(row).subspan(t.index * tile_width, t.width);
        files[tile_path(t)] = tile_bytes(hashes);
        if (t.width == tile_width) above.push_back(tile_root(hashes));
        if (t.level != 0) continue;
        bytes bundle;
        for (unsigned i = 0; i < t.width; ++i) {
            if (!append_entry(bundle, entries[t.index * tile_width + i])) {
                throw std::runtime_error("a test entry is too large");
            }
        }
        files[entries_path(t.index, t.width)] = bundle;
    }
    files[std::string(checkpoint_path)] =
        sign_checkpoint(signer, {origin, entries.size(), tree.root(), {}});
    return files;
}

file_reader reader_of(const file_map& files) {
    return [&files](std::string_view path) -> result<bytes> {
        const auto at = files.find(path);
        if (at == files.end()) return fail(errc::file_unreadable, std::string(path), "missing");
        return at->second;
    };
}

void write_files(const file_map& files, const std::string& folder) {
    for (const auto& [name, content] : files) {
        const std::filesystem::path path = std::filesystem::path(folder) / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream out(path, std::ios::binary);
        out << content;
    }
}

} // namespace cairn::merkle

// One archive: manifest and members in a tar in an age file. docs/formats/backup.md.
#pragma once

#include "backup/age.hpp"
#include "backup/file.hpp"
#include "backup/manifest.hpp"

#include <filesystem>

namespace cairn::backup {

// Where a member's bytes are: in a file, or here.
struct ingredient {
    std::string name;
    std::filesystem::path path;
    bytes content;
};

struct archive_facts {
    std::filesystem::path path;
    std::uint64_t size = 0;
    std::string sha256; // of the file, hex
    manifest what;
};

// An archive on the disk, read back and found good, that has not got its name yet.
struct written_archive {
    new_file file;
    archive_facts facts;
};

// Fills in the manifest's members. Writes `path`.part, syncs it, reads it back from the disk,
// decrypts and compares. errc::storage_full, file_unwritable, file_unreadable, sealed_data_damaged.
result<written_archive> write_archive(
    const std::filesystem::path& path,
    manifest what,
    const std::vector<ingredient>& parts,
    std::span<const recipient> to,
    random_source& random
);

// Decrypts into a folder, each member under its name; `kind` is what the archive must be. Every
// member is compared with the manifest. errc::bad_value, sealed_data_damaged, storage_full.
result<manifest> unpack_archive(
    const std::filesystem::path& path,
    archive_kind kind,
    std::span<const identity> keys,
    const std::filesystem::path& into
);

} // namespace cairn::backup

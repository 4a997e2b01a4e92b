#include "backup/tape.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <fstream>
#include <set>
#include <vector>

namespace cairn::backup {
namespace {

constexpr std::size_t part_bytes = 64 * 1024;

struct free_archive {
    void operator()(archive* a) const { archive_free(a); }
    void operator()(archive_entry* e) const { archive_entry_free(e); }
};

failure broken(archive* a, const std::string& where) {
    const char* why = archive_error_string(a);
    return fail(errc::sealed_data_damaged, "tar" + where, why == nullptr ? "" : why);
}

// What libarchive calls back with; a failure of ours must come out as ours, not as its text.
struct feed {
    source in;
    bytes part = bytes(part_bytes, '\0');
    status failed;
};

la_ssize_t read_more(archive* a, void* self, const void** out) {
    auto& f = *static_cast<feed*>(self);
    const auto got = f.in(f.part.data(), f.part.size());
    if (!got) {
        f.failed = got.error();
        archive_set_error(a, EIO, "source");
        return -1;
    }
    *out = f.part.data();
    return static_cast<la_ssize_t>(*got);
}

bool plain_name(const std::string& name) {
    if (name.empty() || name.size() > 99 || name.front() == '/') return false;
    if (name.find("..") != std::string::npos) return false;
    constexpr std::string_view marks = "._-/";
    for (const char c : name) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool digit = c >= '0' && c <= '9';
        if (!letter && !digit && marks.find(c) == std::string_view::npos) return false;
    }
    return true;
}

status copy_member(archive* a, feed& f, const std::string& name, const sink& to) {
    std::vector<char> part(part_bytes);
    while (true) {
        const la_ssize_t n = archive_read_data(a, part.data(), part.size());
        if (n < 0) return f.failed ? broken(a, ", " + name) : f.failed.error();
        if (n == 0) return {};
        CAIRN_TRY(to({part.data(), static_cast<std::size_t>(n)}));
    }
}

} // namespace

struct tape_writer::state {
    sink out;
    status failed;
    std::unique_ptr<archive, free_archive> to{archive_write_new()};

    static la_ssize_t take(archive* a, void* self, const void* data, std::size_t n) {
        auto& s = *static_cast<state*>(self);
        // What the library still writes while it closes meets no sink that failed.
        if (s.failed) s.failed = s.out({static_cast<const char*>(data), n});
        if (s.failed) return static_cast<la_ssize_t>(n);
        archive_set_error(a, EIO, "sink");
        return -1;
    }
};

tape_writer::tape_writer(sink out) : state_(std::make_unique<state>()) {
    state_->out = std::move(out);
    archive* a = state_->to.get();
    archive_write_set_format_pax_restricted(a);
    // Nothing beyond the two blocks of zeros that end a tar.
    archive_write_set_bytes_in_last_block(a, 1);
    archive_write_open(a, state_.get(), nullptr, state::take, nullptr);
}

tape_writer::~tape_writer() = default;

status tape_writer::after(long long rc) {
    if (!state_->failed) return state_->failed;
    if (rc >= 0) return {};
    return broken(state_->to.get(), "");
}

status tape_writer::begin_member(const std::string& name, std::uint64_t size) {
    const std::unique_ptr<archive_entry, free_archive> e(archive_entry_new());
    archive_entry_set_pathname(e.get(), name.c_str());
    archive_entry_set_size(e.get(), static_cast<la_int64_t>(size));
    archive_entry_set_filetype(e.get(), AE_IFREG);
    archive_entry_set_perm(e.get(), 0600);
    archive_entry_set_mtime(e.get(), 0, 0);
    return after(archive_write_header(state_->to.get(), e.get()));
}

status tape_writer::put(bytes_view part) {
    return after(archive_write_data(state_->to.get(), part.data(), part.size()));
}

status tape_writer::add_bytes(const std::string& name, bytes_view content) {
    CAIRN_TRY(begin_member(name, content.size()));
    return put(content);
}

status tape_writer::add_file(const std::string& name, const std::string& path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    const auto end = in ? static_cast<long long>(in.tellg()) : -1;
    if (end < 0) return fail(errc::file_unreadable, path);
    CAIRN_TRY(begin_member(name, static_cast<std::uint64_t>(end)));
    in.seekg(0);
    std::vector<char> part(part_bytes);
    long long done = 0;
    while (done < end && (in.read(part.data(), part_bytes) || in.gcount() > 0)) {
        CAIRN_TRY(put({part.data(), static_cast<std::size_t>(in.gcount())}));
        done += in.gcount();
    }
    return done == end ? status{} : fail(errc::file_unreadable, path, "it is read to no end");
}

status tape_writer::finish() {
    return after(archive_write_close(state_->to.get()));
}

status read_tape(source in, const open_member& open) {
    const std::unique_ptr<archive, free_archive> a(archive_read_new());
    archive_read_support_format_tar(a.get());
    feed f;
    f.in = std::move(in);
    archive_read_open(a.get(), &f, nullptr, read_more, nullptr);
    std::set<std::string> seen;
    while (true) {
        archive_entry* e = nullptr;
        const int rc = archive_read_next_header(a.get(), &e);
        if (!f.failed) return f.failed;
        if (rc == ARCHIVE_EOF) break;
        if (rc != ARCHIVE_OK) return broken(a.get(), "");
        const char* given = archive_entry_pathname(e);
        const std::string name = given == nullptr ? "" : given;
        const bool regular = archive_entry_filetype(e) == AE_IFREG &&
                             archive_entry_hardlink(e) == nullptr && archive_entry_size_is_set(e);
        if (!plain_name(name) || !regular || seen.size() == members_max ||
            !seen.insert(name).second) {
            return fail(errc::sealed_data_damaged, "tar", "a member that no backup has");
        }
        auto to = open(name, static_cast<std::uint64_t>(archive_entry_size(e)));
        if (!to) return to.error();
        CAIRN_TRY(copy_member(a.get(), f, name, *to));
    }
    // libarchive stops at the tar's end: what is left is read too, so that every byte was checked.
    while (true) {
        const auto rest = f.in(f.part.data(), f.part.size());
        if (!rest) return rest.error();
        if (*rest == 0) return {};
    }
}

} // namespace cairn::backup

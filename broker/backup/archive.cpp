#include "backup/archive.hpp"

#include "backup/tape.hpp"
#include "certs/files.hpp"
#include "core/running_sha256.hpp"

#include <algorithm>
#include <map>

namespace cairn::backup {
namespace {

namespace fs = std::filesystem;

source reading(old_file& f) {
    return [&f](char* out, std::size_t most) { return f.read(out, most); };
}

// The plain text of an age file as a source.
source opened(age_reader& r, bytes& held) {
    return [&r, &held](char* out, std::size_t most) -> result<std::size_t> {
        std::size_t got = 0;
        while (got < most) {
            if (held.empty()) {
                auto next = r.next();
                if (!next) return next.error();
                if (next->empty()) break;
                held = bytes(*next);
            }
            const std::size_t n = std::min(most - got, held.size());
            held.copy(out + got, n);
            held.erase(0, n);
            got += n;
        }
        return got;
    };
}

result<member_facts> facts_of(const ingredient& i) {
    member_facts out{i.name, i.content.size(), to_hex(view(sha256(i.content)))};
    if (i.path.empty()) return out;
    auto f = old_file::open(i.path);
    if (!f) return f.error();
    bytes part(chunk_bytes, '\0');
    while (true) {
        const auto n = f->read(part.data(), part.size());
        if (!n) return n.error();
        if (*n == 0) break;
    }
    out.size = f->size();
    out.sha256 = to_hex(view(f->hash()));
    return out;
}

status fill(tape_writer& tape, const manifest& what, const std::vector<ingredient>& parts) {
    CAIRN_TRY(tape.add_bytes(manifest_name, print_manifest(what)));
    for (const ingredient& i : parts) {
        CAIRN_TRY(
            i.path.empty() ? tape.add_bytes(i.name, i.content)
                           : tape.add_file(i.name, i.path.string())
        );
    }
    return tape.finish();
}

// From the disk, through the cipher, to the same bytes as went in.
status
read_back(const fs::path& draft, const file_key& key, const digest& plain, archive_facts& out) {
    auto f = old_file::open(draft);
    if (!f) return f.error();
    auto r = age_reader::open(reading(*f), key);
    if (!r) return r.error();
    running_sha256 seen;
    while (true) {
        const auto part = r->next();
        if (!part) return part.error();
        if (part->empty()) break;
        seen.add(*part);
    }
    if (seen.finish() != plain)
        return fail(errc::sealed_data_damaged, draft.string(), "it reads back as something else");
    out.size = f->size();
    out.sha256 = to_hex(view(f->hash()));
    return {};
}

class unpacking {
public:
    unpacking(fs::path into, archive_kind kind) : into_(std::move(into)), kind_(kind) {}

    result<sink> open(const std::string& name, std::uint64_t size) {
        if (!what_) return open_manifest(name, size);
        const auto& all = what_->members;
        const auto known = std::find_if(all.begin(), all.end(), [&](const member_facts& f) {
            return f.name == name;
        });
        if (known == all.end()) return fail(errc::sealed_data_damaged, name, "not in the manifest");
        const fs::path path = into_ / name;
        CAIRN_TRY(certs::make_private_folder(path.parent_path()));
        auto file = new_file::create(path);
        if (!file) return file.error();
        auto& m = open_.emplace(name, member{std::move(*file), {}, 0}).first->second;
        return sink([&m](bytes_view part) {
            m.hash.add(part);
            m.size += part.size();
            return m.file.write(part);
        });
    }

    // After the last byte.
    result<manifest> finish() {
        if (!what_) CAIRN_TRY(take_manifest());
        for (const member_facts& f : what_->members) {
            const auto it = open_.find(f.name);
            if (it == open_.end()) return fail(errc::sealed_data_damaged, f.name, "it is missing");
            member& m = it->second;
            if (m.size != f.size || to_hex(view(m.hash.finish())) != f.sha256)
                return fail(errc::sealed_data_damaged, f.name, "not what the manifest says");
            CAIRN_TRY(m.file.sync());
            CAIRN_TRY(m.file.publish());
        }
        return *what_;
    }

private:
    struct member {
        new_file file;
        running_sha256 hash;
        std::uint64_t size = 0;
    };

    result<sink> open_manifest(const std::string& name, std::uint64_t size) {
        if (!text_.empty()) {
            CAIRN_TRY(take_manifest());
            return open(name, size);
        }
        if (name != manifest_name || size > manifest_bytes_max)
            return fail(errc::sealed_data_damaged, "tar", "the manifest does not come first");
        return sink([this](bytes_view part) {
            text_.append(part);
            return status{};
        });
    }

    status take_manifest() {
        auto m = parse_manifest(text_);
        if (!m) return m.error();
        if (m->kind != kind_) {
            const std::string is(name_of(m->kind));
            return fail(errc::bad_value, "this is the " + is + " archive");
        }
        what_ = std::move(*m);
        return {};
    }

    fs::path into_;
    archive_kind kind_;
    bytes text_;
    std::optional<manifest> what_;
    std::map<std::string, member> open_;
};

} // namespace

result<written_archive> write_archive(
    const fs::path& path,
    manifest what,
    const std::vector<ingredient>& parts,
    std::span<const recipient> to,
    random_source& random
) {
    what.members.clear();
    for (const ingredient& i : parts) {
        auto f = facts_of(i);
        if (!f) return f.error();
        what.members.push_back(std::move(*f));
    }
    auto file = new_file::create(path);
    if (!file) return file.error();
    age_writer cipher([&file](bytes_view part) { return file->write(part); }, to, random);
    running_sha256 plain;
    {
        tape_writer tape([&](bytes_view part) {
            plain.add(part);
            return cipher.write(part);
        });
        CAIRN_TRY(fill(tape, what, parts));
    }
    CAIRN_TRY(cipher.finish());
    CAIRN_TRY(file->sync());
    archive_facts facts{path, 0, {}, std::move(what)};
    CAIRN_TRY(read_back(file->draft(), cipher.key(), plain.finish(), facts));
    return written_archive{std::move(*file), std::move(facts)};
}

result<manifest> unpack_archive(
    const fs::path& path, archive_kind kind, std::span<const identity> keys, const fs::path& into
) {
    const auto placed = [&](failure f) {
        const std::string name = path.filename().string();
        f.where = f.where.empty() ? name : name + ", " + f.where;
        if (f.code == errc::sealed_data_damaged) {
            f.detail += (f.detail.empty() ? "" : "; ") +
                        std::string("take another copy of this archive, or an older one");
        }
        return f;
    };
    auto f = old_file::open(path);
    if (!f) return f.error();
    auto r = age_reader::open(reading(*f), keys);
    if (!r) return placed(r.error());
    unpacking to(into, kind);
    bytes held;
    const status read = read_tape(opened(*r, held), [&to](const std::string& name, auto size) {
        return to.open(name, size);
    });
    if (!read) return placed(read.error());
    auto what = to.finish();
    if (!what) return placed(what.error());
    return what;
}

} // namespace cairn::backup

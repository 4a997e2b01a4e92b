// How a dropped file is read: by pieces, from one descriptor, into rows that need no memory.
#include "agents/apps/file_reading.hpp"
#include "support.hpp"

#include "core/crypto.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>

using namespace cairn;
using namespace cairn::agents;
using namespace cairn::agents::apps;
using namespace agents_test;
namespace fs = std::filesystem;

namespace {

constexpr const char* concern =
    R"({"desks":["northshire-council/front_door"],"notification":{"incident":"INCIDENT_NEGLECT"}})";

result<bytes> all_of(const dropped_reader& file, const std::atomic<bool>& stop) {
    bytes out;
    for (const auto next = file.pieces(stop);;) {
        const auto piece = next();
        if (!piece) return piece.error();
        if (piece->empty()) return out;
        out += *piece;
    }
}

struct reading_bench {
    scratch_folder folder;
    manual_clock time;
    counting_random random;
    std::atomic<bool> stop{false};

    reading_job job(const std::string& name, sidecar_file beside = {}) {
        auto file = dropped_reader::open(folder.path() / name, 1024 * 1024);
        REQUIRE_OK(file);
        return {
            *file,
            name,
            std::move(beside),
            {},
            {},
            profiles::agency_profile::any,
            time.wall_now(),
            random,
            folder.path()};
    }
};

std::vector<submission> rows_of(row_spool& spool) {
    std::vector<submission> out;
    REQUIRE_OK(spool.each([&](const submission& row) -> status {
        out.push_back(row);
        return {};
    }));
    return out;
}

} // namespace

TEST_CASE("a dropped file is read again and again from the one that was opened") {
    scratch_folder folder;
    const auto path = folder.path() / "a.csv";
    const std::string content(200'000, 'x');
    write_file(path, content);
    const std::atomic<bool> never{false};
    const auto file = dropped_reader::open(path, 1024 * 1024);
    REQUIRE_OK(file);
    fs::rename(path, folder.path() / "b.csv");
    write_file(path, "another");
    for (int i = 0; i < 2; ++i) CHECK(all_of(**file, never).value() == content);
}

TEST_CASE("a dropped file above its limit is refused before it is read, or where it grew") {
    scratch_folder folder;
    const auto path = folder.path() / "a.csv";
    write_file(path, std::string(1000, 'x'));
    const std::atomic<bool> never{false};
    const auto early = dropped_reader::open(path, 999);
    REQUIRE_FAILS(early);
    CHECK(early.error().code == errc::too_large);
    CHECK(early.error().where.find("999") != std::string::npos);
    const auto file = dropped_reader::open(path, 1000);
    REQUIRE_OK(file);
    CHECK(all_of(**file, never)->size() == 1000);
    write_file(path, std::string(1001, 'x'));
    CHECK(all_of(**file, never).error().code == errc::too_large);
}

TEST_CASE("what is no file of its own is not read, and its name is not told") {
    scratch_folder folder;
    fs::create_symlink("/etc/hostname", folder.path() / "Asha.csv");
    fs::create_directory(folder.path() / "Idris.csv");
    for (const char* name : {"Asha.csv", "Idris.csv", "Petra.csv"}) {
        const auto file = dropped_reader::open(folder.path() / name, 1000);
        REQUIRE_FAILS(file);
        CHECK(file.error().code == errc::file_unreadable);
        CHECK(file.error().where == "a file in outbox");
    }
}

TEST_CASE("a reading that is told to stop ends and blames the file for nothing") {
    reading_bench b;
    write_file(b.folder.path() / "a.json", concern);
    const auto job = b.job("a.json");
    b.stop = true;
    const auto read = read_dropped(job, b.stop);
    REQUIRE_FAILS(read.outcome);
    CHECK(read.outcome.error().code == errc::cancelled);
    CHECK(read.source.empty());
}

// Journals of agents that are at work hold these digests: another one would send every file again.
TEST_CASE("a file's source is the digest of its content, with its sidecar's where there is one") {
    reading_bench b;
    write_file(b.folder.path() / "a.json", concern);
    auto alone = read_dropped(b.job("a.json"), b.stop);
    CHECK(alone.source == to_hex(view(sha256(concern))));
    REQUIRE_OK(alone.outcome);
    REQUIRE(alone.rows.count() == 1);
    CHECK(rows_of(alone.rows)[0].source == alone.source);
    const bytes said = "purpose = \"cin17\"\n";
    const auto with = read_dropped(b.job("a.json", {"a.json.toml", said}), b.stop);
    REQUIRE_OK(with.outcome);
    CHECK(with.source == to_hex(view(sha256({concern, "\n", said}))));
}

TEST_CASE("rows are given back as they came, from memory and from a file without a name") {
    scratch_folder folder;
    for (const std::size_t size : {10U, 70'000U}) {
        row_spool spool(folder.path());
        std::vector<submission> in;
        for (int i = 0; i < 50; ++i) {
            submission row;
            row.key = "key-" + std::to_string(i);
            row.source = "s";
            row.request = std::string(size, static_cast<char>(i));
            in.push_back(row);
            REQUIRE_OK(spool.add(row));
        }
        CHECK(spool.count() == 50);
        CHECK(spool.first_key() == "key-0");
        for (int again = 0; again < 2; ++again) {
            const auto out = rows_of(spool);
            REQUIRE(out.size() == 50);
            for (std::size_t i = 0; i < 50; ++i) {
                CHECK(out[i].key == in[i].key);
                CHECK(out[i].source == "s");
                CHECK(out[i].request == in[i].request);
            }
        }
        // Nothing of it is left where others could find it.
        CHECK(fs::is_empty(folder.path()));
    }
}

TEST_CASE("rows that find no room say so, and the sink's refusal ends them") {
    scratch_folder folder;
    row_spool spool(folder.path() / "no such folder");
    submission row;
    row.key = "key-0001";
    REQUIRE_OK(spool.add(row));
    const auto refused =
        spool.each([](const submission&) -> status { return fail(errc::key_reused, "key"); });
    REQUIRE_FAILS(refused);
    CHECK(refused.error().code == errc::key_reused);
    row.request = std::string(row_spool::memory_bytes, 'x');
    const auto full = spool.add(row);
    REQUIRE_FAILS(full);
    CHECK(full.error().code == errc::file_unwritable);
}

TEST_CASE("a moved file is closed to others and as young as the move, on one disk and across two") {
    scratch_folder folder;
    const auto from = folder.path() / "Asha.csv";
    // Another file system, where the machine has one.
    std::string name = "/dev/shm/cairn-agents-XXXXXX";
    const bool second = ::mkdtemp(name.data()) != nullptr;
    for (const fs::path& into : {folder.path(), second ? fs::path(name) : folder.path()}) {
        write_file(from, "content");
        REQUIRE(::chmod(from.c_str(), 0644) == 0);
        const timespec old[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
        REQUIRE(::utimensat(AT_FDCWD, from.c_str(), old, 0) == 0);
        REQUIRE_OK(move_durably(from, into / "file.csv"));
        CHECK_FALSE(fs::exists(from));
        CHECK(read_file(into / "file.csv") == "content");
        struct stat info {};
        REQUIRE(::stat((into / "file.csv").c_str(), &info) == 0);
        CHECK((info.st_mode & 0777U) == 0600U);
        CHECK(info.st_mtim.tv_sec > 1'000'000'000);
    }
    if (second) fs::remove_all(name);
    const auto gone = move_durably(from, folder.path() / "b.csv");
    REQUIRE_FAILS(gone);
    CHECK(gone.error().code == errc::file_unreadable);
}

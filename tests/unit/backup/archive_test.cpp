// Archives as files: whole under their name or not there, and every damage refused with its place.
#include "backup/archive.hpp"
#include "backup/tape.hpp"
#include "unit/backup/fixture.hpp"

#include <cstdlib>

using namespace cairn;
using namespace cairn::backup;
using namespace cairn::test;

namespace {

manifest some_manifest(archive_kind kind = archive_kind::ledger) {
    manifest m;
    m.kind = kind;
    m.partnership = "northshire.example";
    m.ledger_id = bytes(32, 'a');
    m.run = bytes(32, 'b');
    m.taken_us = 1'795'000'000'000'000;
    m.records = 3;
    m.checkpoint = "northshire.example/2026\n3\nroot\n";
    return m;
}

struct fixture {
    folder f;
    counting_random random;
    identity own = make_identity(random);
    recipient to = recipient_of(own);

    archive_facts write(archive_kind kind = archive_kind::ledger) {
        write_text(f / "db", bytes(200'000, 'd'));
        auto made = write_archive(
            f / "one.age",
            some_manifest(kind),
            {{members::config, {}, "partnership = 1\n"}, {members::ledger, f / "db", {}}},
            {&to, 1},
            random
        );
        REQUIRE(made);
        CHECK_FALSE(std::filesystem::exists(f / "one.age"));
        REQUIRE(made->file.publish());
        return made->facts;
    }
    result<manifest> unpack(archive_kind kind = archive_kind::ledger) {
        std::filesystem::remove_all(f / "out");
        std::filesystem::create_directory(f / "out");
        return unpack_archive(f / "one.age", kind, {&own, 1}, f / "out");
    }
};

} // namespace

TEST_CASE("an archive comes out as it went in, and says what it is") {
    fixture x;
    const archive_facts facts = x.write();
    CHECK(facts.size == std::filesystem::file_size(x.f / "one.age"));
    CHECK(facts.sha256 == to_hex(view(sha256(read_text(x.f / "one.age")))));
    CHECK_FALSE(std::filesystem::exists(x.f / "one.age.part"));
    const auto m = x.unpack();
    REQUIRE(m);
    CHECK(m->records == 3);
    CHECK(m->members.size() == 2);
    CHECK((read_text((x.f / "out") / members::ledger) == bytes(200'000, 'd')));
    CHECK(read_text((x.f / "out") / members::config) == "partnership = 1\n");
}

TEST_CASE("an archive that is not verified leaves nothing") {
    fixture x;
    {
        auto made = write_archive(x.f / "one.age", some_manifest(), {}, {&x.to, 1}, x.random);
        REQUIRE(made);
        CHECK(std::filesystem::exists(x.f / "one.age.part"));
    }
    CHECK_FALSE(std::filesystem::exists(x.f / "one.age.part"));
    CHECK_FALSE(std::filesystem::exists(x.f / "one.age"));
    const auto gone = write_archive(
        x.f / "one.age", some_manifest(), {{"x", x.f / "nowhere", {}}}, {&x.to, 1}, x.random
    );
    REQUIRE_FALSE(gone);
    CHECK(gone.error().code == errc::file_unreadable);
}

TEST_CASE("a full disk fails the archive and leaves nothing under its name") {
    if (!std::filesystem::exists("/dev/full")) return;
    fixture x;
    std::filesystem::create_symlink("/dev/full", x.f / "one.age.part");
    const auto made = write_archive(x.f / "one.age", some_manifest(), {}, {&x.to, 1}, x.random);
    REQUIRE_FALSE(made);
    CHECK_FALSE(std::filesystem::exists(x.f / "one.age"));
}

TEST_CASE("an archive never takes the place of another") {
    fixture x;
    x.write();
    const bytes before = read_text(x.f / "one.age");
    const auto again = write_archive(x.f / "one.age", some_manifest(), {}, {&x.to, 1}, x.random);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == errc::file_exists);
    CHECK((read_text(x.f / "one.age") == before));
}

TEST_CASE("damage, a cut, another key and the other archive are each refused with the place") {
    fixture x;
    x.write();
    const bytes good = read_text(x.f / "one.age");
    SECTION("a bit") {
        bytes bad = good;
        bad[good.size() - 100] ^= 1;
        write_text(x.f / "one.age", bad);
        const auto m = x.unpack();
        REQUIRE_FALSE(m);
        CHECK(m.error().code == errc::sealed_data_damaged);
        CHECK(m.error().where.find("one.age, chunk 3, from byte ") == 0);
    }
    SECTION("cut at every power of two") {
        for (std::size_t n = 1; n < good.size(); n *= 2) {
            write_text(x.f / "one.age", good.substr(0, n));
            const auto m = x.unpack();
            INFO(n);
            REQUIRE_FALSE(m);
            CHECK(m.error().code == errc::sealed_data_damaged);
        }
    }
    SECTION("another key") {
        x.own = make_identity(x.random);
        const auto m = x.unpack();
        REQUIRE_FALSE(m);
        CHECK(m.error().code == errc::bad_value);
        CHECK(m.error().where == "one.age, recipient");
    }
    SECTION("the other archive") {
        const auto m = x.unpack(archive_kind::keys);
        REQUIRE_FALSE(m);
        CHECK(m.error().code == errc::bad_value);
    }
    // Nothing of what was refused has a name in the folder.
    CHECK_FALSE(std::filesystem::exists((x.f / "out") / members::ledger));
}

// Whoever knows the recipient can make an archive; what it holds is checked before it is used.
TEST_CASE("a tar that no backup writes is refused, though its cipher is right") {
    const auto read = [](const std::function<void(tape_writer&)>& fill) {
        bytes tar;
        {
            tape_writer w([&tar](bytes_view part) {
                tar.append(part);
                return status{};
            });
            fill(w);
            REQUIRE(w.finish());
        }
        std::vector<std::string> names;
        const status done = read_tape(reading(tar), [&names](const std::string& n, auto) {
            names.push_back(n);
            return sink([](bytes_view) { return status{}; });
        });
        return done;
    };
    CHECK(read([](tape_writer& w) { REQUIRE(w.add_bytes("a/b", "1")); }));
    for (const char* name : {"../up", "/root", "a/../../b", "with space", "x\ny"}) {
        INFO(name);
        const status bad = read([&](tape_writer& w) { REQUIRE(w.add_bytes(name, "1")); });
        REQUIRE_FALSE(bad);
        CHECK(bad.error().code == errc::sealed_data_damaged);
    }
    CHECK_FALSE(read([](tape_writer& w) {
        REQUIRE(w.add_bytes("a", "1"));
        REQUIRE(w.add_bytes("a", "2"));
    }));
    CHECK_FALSE(read([](tape_writer& w) {
        for (std::size_t i = 0; i <= members_max; ++i)
            REQUIRE(w.add_bytes("m" + std::to_string(i), ""));
    }));
    CHECK_FALSE(read_tape(reading("no tar at all"), [](auto&, auto) -> result<sink> {
        return fail(errc::internal);
    }));
}

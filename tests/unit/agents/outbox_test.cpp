#include "agents/core/outbox.hpp"

#include "agents/core/uuid7.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

using namespace cairn;
using namespace cairn::agents;
using namespace agents_test;

namespace {

submission row(const std::string& key, const std::string& request, const std::string& source = "") {
    submission s;
    s.key = key;
    s.request = request;
    s.source = source;
    return s;
}

// The same behaviour of both stores.
template <class Check>
void with_each_store(Check check) {
    SECTION("in memory") {
        const auto store = make_memory_outbox();
        check(*store);
    }
    SECTION("in SQLite") {
        scratch_folder folder;
        auto store = open_sqlite_outbox((folder.path() / "journal.db").string());
        REQUIRE_OK(store);
        check(**store);
    }
}

} // namespace

TEST_CASE("an outbox keeps exact bytes in the order given until they are settled and filed") {
    with_each_store([](outbox_store& store) {
        const std::string odd("a\0b\xff", 4);
        REQUIRE_OK(store.append({row("key-0001", odd), row("key-0002", "two")}));
        CHECK(*store.queued() == std::vector<std::string>{"key-0001", "key-0002"});
        CHECK(store.find("key-0001")->request == odd);

        REQUIRE_OK(store.settle("key-0001", submission_state::accepted, "answer"));
        CHECK(*store.queued() == std::vector<std::string>{"key-0002"});
        CHECK(*store.unfiled() == std::vector<std::string>{"key-0001"});
        CHECK(store.find("key-0001")->answer == "answer");
        CHECK(store.find("key-0001")->state == submission_state::accepted);

        REQUIRE_OK(store.mark_filed({"key-0001"}));
        CHECK(store.unfiled()->empty());
        CHECK(store.find("key-0001")->request.empty());
        CHECK(store.find("key-0001")->answer.empty());
        CHECK(store.find("no-such-key").error().code == errc::not_found);
    });
}

TEST_CASE("a key is taken once, with the same bytes again, never with others, filed or not") {
    with_each_store([](outbox_store& store) {
        REQUIRE_OK(store.append({row("key-0001", "one")}));
        CHECK_OK(store.append({row("key-0001", "one")}));
        CHECK(store.queued()->size() == 1);
        REQUIRE_OK(store.settle("key-0001", submission_state::accepted, "a"));
        REQUIRE_OK(store.mark_filed({"key-0001"}));
        CHECK_OK(store.append({row("key-0001", "one")}));
        CHECK(store.queued()->empty());
        // All or nothing: the first row of a failed append is not kept.
        const auto both = store.append({row("key-0009", "nine"), row("key-0001", "other")});
        REQUIRE_FAILS(both);
        CHECK(both.error().code == errc::key_reused);
        CHECK(store.queued()->empty());
        CHECK(store.find("key-0009").error().code == errc::not_found);
    });
}

TEST_CASE("rows that come one by one are kept together or not at all") {
    with_each_store([](outbox_store& store) {
        const auto cut = store.append_each([](const row_sink& to) -> status {
            CHECK_OK(to(row("key-0001", "one")));
            return fail(errc::file_unreadable, "the second row");
        });
        REQUIRE_FAILS(cut);
        CHECK(cut.error().code == errc::file_unreadable);
        CHECK(store.queued()->empty());
        REQUIRE_OK(store.append_each([](const row_sink& to) -> status {
            CAIRN_TRY(to(row("key-0001", "one")));
            return to(row("key-0002", "two"));
        }));
        CHECK(*store.queued() == std::vector<std::string>{"key-0001", "key-0002"});
    });
}

TEST_CASE("a source counts as journaled until its file is known to be gone") {
    with_each_store([](outbox_store& store) {
        CHECK_FALSE(*store.source_journaled("s1"));
        REQUIRE_OK(store.append({row("key-0001", "one", "s1")}));
        CHECK(*store.source_journaled("s1"));
        REQUIRE_OK(store.mark_source_removed("s1"));
        CHECK_FALSE(*store.source_journaled("s1"));
    });
}

TEST_CASE("a desk's cursor only grows and confirmations are owed until they are made") {
    with_each_store([](outbox_store& store) {
        CHECK(*store.last_stored("a/dsl") == 0);
        REQUIRE_OK(store.mark_stored("a/dsl", 7, true));
        REQUIRE_OK(store.mark_stored("a/dsl", 9, true));
        REQUIRE_OK(store.mark_stored("b/gp", 3, true));
        CHECK(*store.last_stored("a/dsl") == 9);
        CHECK(*store.unconfirmed("a/dsl") == std::vector<std::uint64_t>{7, 9});
        // A withdrawal of an earlier one does not move the cursor back.
        REQUIRE_OK(store.mark_stored("a/dsl", 7, false));
        CHECK(*store.last_stored("a/dsl") == 9);
        CHECK(*store.unconfirmed("a/dsl") == std::vector<std::uint64_t>{9});
        REQUIRE_OK(store.mark_confirmed("a/dsl", {9}));
        CHECK(store.unconfirmed("a/dsl")->empty());
        CHECK(store.unconfirmed("b/gp")->size() == 1);
    });
}

TEST_CASE("a SQLite outbox is there again after it was closed") {
    scratch_folder folder;
    const auto path = (folder.path() / "journal.db").string();
    {
        auto store = open_sqlite_outbox(path);
        REQUIRE_OK(store);
        REQUIRE_OK((*store)->append({row("key-0001", "one", "s1")}));
        REQUIRE_OK((*store)->mark_stored("a/dsl", 7, true));
    }
    auto again = open_sqlite_outbox(path);
    REQUIRE_OK(again);
    CHECK((*again)->find("key-0001")->request == "one");
    CHECK(*(*again)->last_stored("a/dsl") == 7);
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0600U);
}

TEST_CASE("filed content is overwritten in the SQLite file, not only unlinked") {
    scratch_folder folder;
    const auto path = folder.path() / "journal.db";
    auto store = open_sqlite_outbox(path.string());
    REQUIRE_OK(store);
    REQUIRE_OK((*store)->append({row("key-0001", "CANARY-7700900123")}));
    CHECK(read_file(path).find("CANARY-7700900123") != std::string::npos);
    REQUIRE_OK((*store)->settle("key-0001", submission_state::accepted, "a"));
    REQUIRE_OK((*store)->mark_filed({"key-0001"}));
    CHECK(read_file(path).find("CANARY-7700900123") == std::string::npos);
}

TEST_CASE("a second agent on the same journal is refused") {
    scratch_folder folder;
    const auto path = (folder.path() / "journal.db").string();
    auto first = open_sqlite_outbox(path);
    REQUIRE_OK(first);
    REQUIRE_OK((*first)->append({row("key-0001", "one")}));
    const auto second = open_sqlite_outbox(path);
    REQUIRE_FAILS(second);
    CHECK(second.error().code == errc::storage_in_use);
}

TEST_CASE("a file that is no journal is refused and left alone") {
    scratch_folder folder;
    const auto path = folder.path() / "journal.db";
    write_file(path, "this is a letter, not a database, and long enough to be told apart from one");
    const auto opened = open_sqlite_outbox(path.string());
    REQUIRE_FAILS(opened);
    CHECK(opened.error().code == errc::storage_foreign);
    CHECK(read_file(path).substr(0, 16) == "this is a letter");
}

TEST_CASE("a journal in a folder that is not there is refused") {
    const auto opened = open_sqlite_outbox("/nonexistent-folder/journal.db");
    REQUIRE_FAILS(opened);
    CHECK(opened.error().code == errc::storage_read_only);
}

TEST_CASE("a UUID of version 7 starts with the time and says its version") {
    counting_random random;
    const auto id = make_uuid7(from_us(0x0123456789ab * 1000LL), random);
    REQUIRE(id.size() == 36);
    CHECK(id.substr(0, 13) == "01234567-89ab");
    CHECK(id[14] == '7');
    CHECK(std::string("89ab").find(id[19]) != std::string::npos);
    CHECK(make_uuid7(from_us(0), random) != make_uuid7(from_us(0), random));
}

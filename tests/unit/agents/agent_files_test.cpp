// Which files are complete, what stays how long, what a hook gets: the parts of the plain agent one
// by one.
#include "agents/apps/arrivals.hpp"
#include "agents/apps/clock_watch.hpp"
#include "agents/apps/folders.hpp"
#include "agents/apps/hook.hpp"
#include "agents/apps/recall.hpp"
#include "agents/apps/replies.hpp"
#include "agents/apps/retention.hpp"
#include "agents/core/record_time.hpp"
#include "agents/core/uuid7.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace cairn;
using namespace cairn::agents;
using namespace cairn::agents::apps;
using namespace agents_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
namespace v1 = ::cairn::v1;

namespace {

std::vector<std::string> names(const std::vector<dropped_file>& files) {
    std::vector<std::string> out;
    for (const auto& f : files) out.push_back(f.name);
    return out;
}

void age(const fs::path& path, std::chrono::hours by, wall_time now) {
    const auto at = std::chrono::duration_cast<std::chrono::seconds>((now - by).time_since_epoch());
    const timespec times[2] = {{at.count(), 0}, {at.count(), 0}};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0);
}

} // namespace

TEST_CASE("names that a writer uses until it is done are left alone") {
    for (const char* name :
         {"",
          ".x",
          "x.tmp",
          "x.json.part",
          "x.PARTIAL",
          "x.filepart",
          "x.crdownload",
          ".x.swp",
          "x.json.lock",
          "x.json~",
          "~$x.json"})
        CHECK(left_alone(name));
    for (const char* name : {"x.json", "x", "part", "x.tmp.json", "Asha's file.xml"})
        CHECK_FALSE(left_alone(name));
}

TEST_CASE("a file is complete when it stood still for the quiet time, or was renamed in") {
    settled_files files;
    const dropped_file a{"a", 1, 1, 1, 1};
    const dropped_file grown{"a", 2, 2, 1, 1};
    const dropped_file b{"b", 1, 1, 1, 2};
    mono_time t{1h};
    CHECK(files.look({a, b}, {"b"}, t, 2s).size() == 1);
    CHECK(names(files.look({a, b}, {}, t + 1s, 2s)) == std::vector<std::string>{"b"});
    CHECK(names(files.look({grown}, {}, t + 3s, 2s)).empty());
    CHECK(names(files.look({grown}, {}, t + 4s, 2s)).empty());
    CHECK(names(files.look({grown}, {}, t + 5s, 2s)) == std::vector<std::string>{"a"});
    // Another file under the same name begins anew.
    auto other = grown;
    other.number = 9;
    CHECK(names(files.look({other}, {}, t + 6s, 2s)).empty());
}

TEST_CASE("the oldest file comes first, and a folder that cannot be read is an error") {
    scratch_folder folder;
    for (const char* name : {"a.json", "b.json", "c.json"}) write_file(folder.path() / name, "x");
    const auto now = from_us(1'795'305'600'000'000);
    age(folder.path() / "a.json", 1h, now);
    age(folder.path() / "b.json", 3h, now);
    age(folder.path() / "c.json", 2h, now);
    write_file(folder.path() / "c.json.lock", "");
    CHECK(names(*list_dropped(folder.path())) == std::vector<std::string>{"b.json", "a.json"});
    const auto bad = list_dropped(folder.path() / "a.json");
    REQUIRE_FAILS(bad);
    CHECK(bad.error().code == errc::file_unreadable);
    CHECK(bad.error().where == "outbox");
}

TEST_CASE("a file renamed in from elsewhere is known, one renamed within the folder is not") {
    scratch_folder outside;
    scratch_folder folder;
    arrivals watch(folder.path());
    write_file(outside.path() / "x", "x");
    fs::rename(outside.path() / "x", folder.path() / "one.json");
    write_file(folder.path() / ".two", "x");
    fs::rename(folder.path() / ".two", folder.path() / "two.json");
    write_file(folder.path() / "three.json", "x");
    fs::rename(folder.path() / "three.json", folder.path() / "four.json");
    CHECK(watch.renamed_in() == std::set<std::string>{"one.json", "two.json"});
    CHECK(watch.renamed_in().empty());
    arrivals nowhere(folder.path() / "no such folder");
    CHECK(nowhere.renamed_in().empty());
}

TEST_CASE("files older than their folder's days go, others and the outbox stay") {
    scratch_folder folder;
    const auto where = *make_folders((folder.path() / "agent").string());
    const auto now = from_us(1'795'305'600'000'000);
    fs::create_directory(where.rejected / "r");
    for (const auto& path :
         {where.outbox / "o.json",
          where.inbox / "5.json",
          where.sent / "k.json",
          where.rejected / "r" / "file.json"}) {
        write_file(path, "x");
        age(path, std::chrono::hours(24 * 40), now);
    }
    write_file(where.rejected / "young.json", "x");
    age(where.rejected / "young.json", 24h, now);
    const auto gone = sweep(where, {}, now);
    REQUIRE_OK(gone);
    CHECK(gone->rejected == 1);
    CHECK(gone->all() == 1);
    CHECK_FALSE(fs::exists(where.rejected / "r"));
    CHECK(fs::exists(where.rejected / "young.json"));
    CHECK(fs::exists(where.inbox / "5.json"));
    const auto more = sweep(where, {30, 30, 30, 30}, now);
    CHECK(more->inbox == 1);
    CHECK(more->sent == 1);
    CHECK(fs::exists(where.outbox / "o.json"));
}

TEST_CASE("a sweep is bounded and says that there is more") {
    scratch_folder folder;
    const auto where = *make_folders((folder.path() / "agent").string());
    const auto now = from_us(1'795'305'600'000'000);
    for (std::size_t i = 0; i < swept_most + 3; ++i) {
        const auto path = where.rejected / (std::to_string(i) + ".json");
        write_file(path, "");
        age(path, std::chrono::hours(24 * 31), now);
    }
    const auto first = sweep(where, {}, now);
    CHECK(first->all() == swept_most);
    CHECK(first->more);
    const auto second = sweep(where, {}, now);
    CHECK(second->all() == 3);
    CHECK_FALSE(second->more);
}

TEST_CASE("an event says which notice and nothing of it, in CloudEvents 1.0") {
    notice_event e{"id-1", "cairn.notice.received", "oakfield/dsl", 5, "c", from_us(0), 3};
    const auto parsed = nlohmann::json::parse(cloud_event(e));
    CHECK(parsed["specversion"] == "1.0");
    CHECK(parsed["id"] == "id-1");
    CHECK(parsed["source"] == "/desks/oakfield/dsl");
    CHECK(parsed["subject"] == "c");
    CHECK(parsed["time"] == "1970-01-01T00:00:00Z");
    CHECK(parsed["data"]["position"] == 5);
    CHECK(parsed.size() == 8);
}

TEST_CASE("the pause between tries grows to an hour and is never the same for all") {
    counting_random random;
    CHECK(hook_pause(0, random) >= 2500ms);
    CHECK(hook_pause(0, random) <= 5s);
    CHECK(hook_pause(60, random) >= 30min);
    CHECK(hook_pause(60, random) <= 1h);
    CHECK(hook_pause(9, random) != hook_pause(9, random));
}

namespace {

// Runs one event through a real hook and gives its outcome.
struct told {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::pair<std::string, failure>> outcomes;
    hook::done_function done() {
        return [this](const notice_event& e, const status& how) {
            const std::lock_guard lock(mutex);
            outcomes.emplace_back(e.id, how ? failure{} : how.error());
            changed.notify_all();
        };
    }
    std::string wait() {
        std::unique_lock lock(mutex);
        REQUIRE(changed.wait_for(lock, 20s, [&] { return !outcomes.empty(); }));
        return outcomes.back().second.where;
    }
};

hook_options shell(const std::string& script) {
    hook_options o;
    o.command = {"/bin/sh", "-c", script};
    return o;
}

std::string run_hook(hook_options o) {
    told t;
    auto made = make_hook(std::move(o), t.done());
    REQUIRE_OK(made);
    notice_event e{"id-1", "cairn.notice.received", "oakfield/dsl", 5, "abc", from_us(0), 0};
    REQUIRE((*made)->tell(e));
    const auto said = t.wait();
    (*made)->stop();
    return said;
}

} // namespace

TEST_CASE("a command gets the reference in its environment and nothing else") {
    scratch_folder folder;
    const auto out = (folder.path() / "env").string();
    CHECK(run_hook(shell("env > " + out)).empty());
    const auto got = read_file(out);
    CHECK(got.find("CAIRN_POSITION=5\n") != std::string::npos);
    CHECK(got.find("CAIRN_CONCERN=abc\n") != std::string::npos);
    CHECK(got.find("CAIRN_DESK=oakfield/dsl\n") != std::string::npos);
    ::setenv("CAIRN_TEST_SECRET", "x", 1);
    CHECK(run_hook(shell("env > " + out)).empty());
    CHECK(read_file(out).find("SECRET") == std::string::npos);
}

TEST_CASE("a command that fails or hangs is reported, and killed with what it started") {
    CHECK(run_hook(shell("exit 3")) == "command: it ended with 3");
    CHECK(run_hook(shell("kill -9 $$")) == "command: it ended by signal 9");
    scratch_folder folder;
    const auto pid = (folder.path() / "pid").string();
    auto hangs = shell("tail -f /dev/null & echo $! > " + pid + "; wait");
    hangs.limit = 1s;
    CHECK(run_hook(hangs) == "command: it did not end within 1 s and was killed");
    // What it started dies when the kernel gets to it: no descriptor, or one that tells the end.
    const int left = static_cast<int>(::syscall(SYS_pidfd_open, std::stoi(read_file(pid)), 0));
    pollfd end{left, POLLIN, 0};
    CHECK((left < 0 || ::poll(&end, 1, 20'000) == 1));
    if (left >= 0) ::close(left);
}

TEST_CASE("a hook runs no more at once than it may, and stopping kills what runs") {
    told t;
    auto o = shell("tail -f /dev/null");
    o.at_once = 2;
    auto made = make_hook(o, t.done());
    REQUIRE_OK(made);
    notice_event e;
    CHECK((*made)->tell(e));
    CHECK((*made)->tell(e));
    CHECK_FALSE((*made)->tell(e));
    (*made)->stop();
    CHECK(t.outcomes.empty());
    CHECK_FALSE((*made)->tell(e));
}

TEST_CASE("an address nobody listens at is an answer, and one that is none is a bad value") {
    hook_options o;
    o.url = "http://127.0.0.1:1/hook";
    CHECK(run_hook(o) == "address: no connection");
    hook_options missing;
    missing.command = {"/no/such/program"};
    for (const char* bad : {"ftp://x/", "http://", "http://a b/", "http://x:y/", "https//x"}) {
        o.url = bad;
        CHECK(make_hook(o, {}).error().code == errc::config_bad_value);
    }
    CHECK(make_hook(missing, {}).error().code == errc::config_bad_value);
}

TEST_CASE("a page of what was taken back says what is known of its being read") {
    noted_notice n{"oakfield/dsl", 5, "abc", "t", from_us(1), false, {}};
    const recall_order order{taken_back::recalled, 7, from_us(2)};
    CHECK(recalled_html(n, order, false).find("no proof that nobody") != std::string::npos);
    CHECK(recalled_html(n, order, true).find("Its file had been opened") != std::string::npos);
    n.acknowledged = from_us(3);
    CHECK(recalled_html(n, order, false).find("had acknowledged it") != std::string::npos);
    CHECK(
        recalled_html(n, {taken_back::withdrawn, 0, from_us(2)}, false).find("before your desk") !=
        std::string::npos
    );
}

TEST_CASE("taking back notices that a file was opened, and may be repeated") {
    scratch_folder folder;
    const auto where = *make_folders((folder.path() / "agent").string());
    write_file(where.inbox / "5.json", "x");
    const timespec times[2] = {{2'000'000'000, 0}, {1'700'000'000, 0}};
    REQUIRE(::utimensat(AT_FDCWD, (where.inbox / "5.json").c_str(), times, 0) == 0);
    noted_notice n{"oakfield/dsl", 5, "abc", "t", from_us(1), false, {}};
    const recall_order order{taken_back::recalled, 7, from_us(2)};
    REQUIRE_OK(take_back(where.inbox, where.recalled, n, order));
    CHECK_FALSE(fs::exists(where.inbox / "5.json"));
    REQUIRE_OK(take_back(where.inbox, where.recalled, n, order));
    CHECK(
        read_file(where.recalled / "5.json").find("\"fileWasOpened\": true") != std::string::npos
    );
}

TEST_CASE("replies in three forms, with the place of what cannot be used") {
    reply_options o;
    o.words = {{"read", v1::Outcome::DECISION_UNSPECIFIED}, {"s47", v1::Outcome::DECISION_S47}};
    o.ignored = {"new"};
    const std::string id(32, 'a');
    const auto csv = read_replies(
        "r.csv",
        "\xef\xbb\xbfStatus;Reference;Text;Date\n"
        "READ;" +
            id +
            ";;\n"
            "new;x;;\n"
            ";x;;\n"
            "s47;" +
            id +
            ";\"two\nlines; \"\"quoted\"\"\";2026-11-20\n"
            "what;" +
            id +
            ";;\n"
            "read;;;\n"
            "read;" +
            id +
            ";;;;\n"
            "read;" +
            id,
        o
    );
    REQUIRE_OK(csv);
    REQUIRE(csv->rows.size() == 2);
    CHECK(csv->rows[1].line == 5);
    CHECK(csv->rows[1].text == "two\nlines; \"quoted\" (2026-11-20)");
    REQUIRE(csv->errors.size() == 3);
    CHECK(csv->errors[0].line == 7);
    CHECK(csv->errors[0].what.find("what;") == std::string::npos);
    CHECK(csv->errors[1].line == 8);
    CHECK(csv->errors[2].what == "more fields than heads");

    const auto list =
        read_replies("r.json", R"([{"reference":")" + id + R"(","status":"read"}])", o);
    REQUIRE_OK(list);
    CHECK(list->rows.size() == 1);
    CHECK(read_replies("r.json", R"([{"reference":)", o).error().code == errc::format_malformed);
    const auto lines = read_replies(
        "r.jsonl", R"({"reference":")" + id + "\",\"status\":\"read\"}\n[]\n{\"reference\":\"", o
    );
    REQUIRE_OK(lines);
    CHECK(lines->rows.size() == 1);
    REQUIRE(lines->errors.size() == 1);
    CHECK(lines->errors[0].line == 2);
    CHECK(read_replies("r.csv", "a,b\n1,2\n", o).error().where == "line 1: no column reference");
    CHECK(read_replies("r.csv", "", o)->rows.empty());
}

TEST_CASE("the time in a receipt and in a key is read, and in nothing else") {
    counting_random random;
    const auto now = from_us(1'795'305'600'123'000);
    CHECK(*uuid7_time(make_uuid7(now, random)) == now);
    CHECK_FALSE(uuid7_time("school-0001").has_value());
    std::string extra;
    extra += '\x01';
    put_u16(extra, 122);
    extra += "\x01\x01";
    put_u64(extra, 1'795'305'600'000'000);
    extra.append(112, '\0');
    const auto text = "c2sp.org/tlog-proof@v1\nextra " + to_base64(extra) + "\nindex 2\n";
    CHECK(*record_time(text) == from_us(1'795'305'600'000'000));
    for (const std::string bad : {"", "extra AA==", "x\nextra !!\n", "x\nextra AQ==\n"})
        CHECK_FALSE(record_time(bad).has_value());
}

TEST_CASE("clocks that differ by more than a little are told, either way") {
    const auto at = from_us(1'795'305'600'000'000);
    CHECK_OK(compare_clocks(at, at + 100s));
    CHECK(compare_clocks(at, at + 61min).error().where == "this machine is 61 minutes ahead");
    CHECK(compare_clocks(at, at - 3h).error().where == "this machine is 3 hours behind");
}

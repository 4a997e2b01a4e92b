// The socket a backup asks the broker over.
#include "daemon/control.hpp"
#include "daemon/control_answers.hpp"
#include "support/result_text.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <sys/stat.h>

using namespace cairn;
using namespace cairn::daemon;
using namespace std::chrono_literals;

namespace {

class folder {
public:
    // Longer than a socket's name may be.
    folder() : top_(std::filesystem::temp_directory_path() / "cairn-control-XXXXXX") {
        REQUIRE(::mkdtemp(top_.data()) != nullptr);
        path_ = top_ + "/" + std::string(150, 'x');
        std::filesystem::create_directory(path_);
    }
    ~folder() { std::filesystem::remove_all(top_); }
    folder(const folder&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string top_;
    std::string path_;
};

} // namespace

TEST_CASE("a line is answered, by its owner alone, and nothing is left when it goes") {
    const folder f;
    {
        const auto ear = control::listen(f.path(), [](std::string_view line) {
            return "got " + std::string(line);
        });
        REQUIRE(ear);
        CHECK(ask_control(f.path(), "one", 10s).value() == "got one");
        CHECK(ask_control(f.path(), "two", 10s).value() == "got two");
        struct stat s {};
        REQUIRE(::stat((f.path() + "/control").c_str(), &s) == 0);
        CHECK((s.st_mode & 0777U) == 0600);
    }
    const auto gone = ask_control(f.path(), "three", 10s);
    REQUIRE_FALSE(gone);
    CHECK(gone.error().code == errc::unavailable);
    CHECK_FALSE(std::filesystem::exists(f.path() + "/control"));
}

TEST_CASE("what a killed broker left is replaced") {
    const folder f;
    REQUIRE(::mkfifo((f.path() + "/control").c_str(), 0600) == 0);
    const auto ear = control::listen(f.path(), [](std::string_view) { return "here"; });
    REQUIRE(ear);
    CHECK(ask_control(f.path(), "x", 10s).value() == "here");
}

TEST_CASE("an endless line is cut and the next caller is served") {
    const folder f;
    std::size_t longest = 0;
    const auto ear = control::listen(f.path(), [&longest](std::string_view line) {
        longest = std::max(longest, line.size());
        return "ok";
    });
    REQUIRE(ear);
    (void) ask_control(f.path(), std::string(100'000, 'y'), 10s);
    CHECK(ask_control(f.path(), "next", 10s).value() == "ok");
    CHECK(longest <= 5000);
}

TEST_CASE("answers are read as what they were") {
    CHECK(status_of_answer("ok"));
    const auto full = status_of_answer("failed 1402 no room");
    REQUIRE_FALSE(full);
    CHECK(full.error().code == errc::storage_full);
    CHECK(full.error().detail == " no room");
    for (const char* odd : {"", "yes", "failed", "failed x", "failed 9"}) {
        REQUIRE_FALSE(status_of_answer(odd));
        CHECK(status_of_answer(odd).error().code == errc::internal);
    }
}

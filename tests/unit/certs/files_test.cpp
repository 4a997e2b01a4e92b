#include "certs/files.hpp"

#include "unit/certs/fixture.hpp"

#include <sys/stat.h>

#include <fstream>
#include <iterator>

using namespace cairn;
using certs::existing;
using certs::reach;
using test::temporary_folder;

namespace {

unsigned mode_of(const std::filesystem::path& path) {
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    return facts.st_mode & 07777U;
}

std::size_t entries(const std::filesystem::path& folder) {
    return static_cast<std::size_t>(std::distance(
        std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()
    ));
}

} // namespace

TEST_CASE("a secret file is its owner's alone whatever the umask") {
    const temporary_folder t;
    const auto path = t.path() / "a.key";
    const ::mode_t before = ::umask(0);
    const status done = certs::write_file(path, "secret", reach::secret, existing::keep);
    ::umask(before);
    REQUIRE(done);
    CHECK(mode_of(path) == 0600);
    CHECK(certs::read_secret(path).value() == "secret");
}

TEST_CASE("an open file is readable by all") {
    const temporary_folder t;
    REQUIRE(certs::write_file(t.path() / "a.pem", "text", reach::open, existing::keep));
    CHECK(mode_of(t.path() / "a.pem") == 0644);
}

TEST_CASE("a file already there is kept unless replacing was asked for") {
    const temporary_folder t;
    const auto path = t.path() / "a.pem";
    REQUIRE(certs::write_file(path, "first", reach::open, existing::keep));
    const status again = certs::write_file(path, "second", reach::open, existing::keep);
    REQUIRE(!again);
    CHECK(again.error().code == errc::file_exists);
    CHECK(certs::read_file(path).value() == "first");
    REQUIRE(certs::write_file(path, "third", reach::open, existing::replace));
    CHECK(certs::read_file(path).value() == "third");
    // No temporary file stays behind, refused or not.
    CHECK(entries(t.path()) == 1);
}

TEST_CASE("a link in the place of a file is not followed by a write") {
    const temporary_folder t;
    REQUIRE(certs::write_file(t.path() / "victim", "mine", reach::open, existing::keep));
    std::filesystem::create_symlink(t.path() / "victim", t.path() / "a.key");
    CHECK(!certs::write_file(t.path() / "a.key", "x", reach::secret, existing::keep));
    REQUIRE(certs::write_file(t.path() / "a.key", "x", reach::secret, existing::replace));
    CHECK(certs::read_file(t.path() / "victim").value() == "mine");
}

TEST_CASE("a secret that others may read is refused") {
    const temporary_folder t;
    const auto path = t.path() / "a.key";
    REQUIRE(certs::write_file(path, "secret", reach::secret, existing::keep));
    const ::mode_t loose = GENERATE(as<::mode_t>{}, 0640, 0604, 0620, 0602);
    REQUIRE(::chmod(path.c_str(), loose) == 0);
    const auto got = certs::read_secret(path);
    REQUIRE(!got);
    CHECK(got.error().code == errc::file_permissions);
    CHECK(certs::read_file(path));
}

TEST_CASE("a missing file, a folder and an endless file are refused") {
    const temporary_folder t;
    CHECK(certs::read_file(t.path() / "none").error().code == errc::file_unreadable);
    CHECK(certs::read_file(t.path()).error().code == errc::file_unreadable);
    CHECK(certs::read_file("/dev/zero").error().code == errc::file_unreadable);
    std::ofstream(t.path() / "large") << std::string(1024 * 1024 + 1, 'x');
    CHECK(certs::read_file(t.path() / "large").error().code == errc::file_unreadable);
}

TEST_CASE("a write into a folder that is not there is a failure value") {
    const temporary_folder t;
    const status done =
        certs::write_file(t.path() / "none" / "a", "x", reach::open, existing::keep);
    REQUIRE(!done);
    CHECK(done.error().code == errc::file_unwritable);
}

TEST_CASE("a private folder is made 0700 and one already there is left as it is") {
    const temporary_folder t;
    REQUIRE(certs::make_private_folder(t.path() / "above" / "ca"));
    CHECK(mode_of(t.path() / "above" / "ca") == 0700);
    REQUIRE(certs::make_private_folder(t.path() / "above" / "ca"));
    std::ofstream(t.path() / "file") << "x";
    CHECK(!certs::make_private_folder(t.path() / "file"));
}

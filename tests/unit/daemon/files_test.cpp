// Secret files and plain ones, as the daemon reads them at its start.
#include "daemon/files.hpp"

#include "support/result_text.hpp"
#include "support/skip.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace cairn::daemon {
namespace {

const std::string hex = "00112233445566778899aabbccddeeff0123456789abcdefFEDCBA9876543210";

class folder {
public:
    folder() {
        std::string name = std::filesystem::temp_directory_path() / "cairn-key-XXXXXX";
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~folder() { std::filesystem::remove_all(path_); }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;

    std::string file(const std::string& text, mode_t mode = 0600) const {
        const std::string path = path_ / "secret.key";
        std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        return path;
    }
    [[nodiscard]] std::string path() const { return path_; }

private:
    std::filesystem::path path_;
};

class variable {
public:
    variable(const char* name, const std::string& value) : name_(name) {
        ::setenv(name, value.c_str(), 1);
    }
    ~variable() { ::unsetenv(name_); }
    variable(const variable&) = delete;
    variable& operator=(const variable&) = delete;

private:
    const char* name_;
};

} // namespace

TEST_CASE("a key is 64 hex digits on a line, with or without an end of line") {
    const folder f;
    for (const char* end : {"", "\n", "\r\n"}) {
        const auto key = read_key(f.file(hex + end));
        REQUIRE(key);
        CHECK((*key)[0] == 0x00);
        CHECK((*key)[1] == 0x11);
        CHECK((*key)[31] == 0x10);
    }
}

TEST_CASE("a key of another length or another alphabet is refused, and its text is not repeated") {
    const folder f;
    const std::string bad[] = {
        "",
        "\n",
        hex.substr(1),
        hex.substr(2),
        hex + "00",
        " " + hex.substr(1),
        hex.substr(0, 63) + "g",
        hex + "\n" + hex,
    };
    for (const std::string& text : bad) {
        INFO(text);
        const auto key = read_key(f.file(text));
        REQUIRE_FALSE(key);
        CHECK(key.error().code == errc::config_bad_value);
        CHECK(key.error().where == f.path() + "/secret.key: 64 hex digits expected");
        CHECK(key.error().detail.empty());
    }
}

TEST_CASE("a key that anybody but its owner can touch is refused") {
    const folder f;
    for (const mode_t mode : {0640U, 0620U, 0610U, 0604U, 0602U, 0601U, 0666U}) {
        INFO(std::oct << mode);
        const auto key = read_key(f.file(hex, mode));
        REQUIRE_FALSE(key);
        CHECK(key.error().code == errc::file_permissions);
        CHECK(key.error().where == f.path() + "/secret.key");
    }
    CHECK(read_key(f.file(hex, 0400)));
}

TEST_CASE("the group's bits of a credential of root are an access list's, of any other file not") {
    if (::geteuid() != 0) CAIRN_SKIP("only root makes files of root");
    const folder f;
    const std::string key = f.file(hex, 0440);
    CHECK_FALSE(read_key(key));
    const variable credentials("CREDENTIALS_DIRECTORY", f.path());
    CHECK(read_key(key));
    CHECK_FALSE(read_key(f.file(hex, 0460)));
    CHECK_FALSE(read_key(f.file(hex, 0444)));
    REQUIRE(::chown(f.file(hex, 0440).c_str(), 65534, 65534) == 0);
    CHECK_FALSE(read_key(key));
}

TEST_CASE("a key that is not there is said to be unreadable") {
    const folder f;
    const auto key = read_key(f.path() + "/none.key");
    REQUIRE_FALSE(key);
    CHECK(key.error().code == errc::file_unreadable);
}

TEST_CASE("an ordinary file may be read by others and keeps every byte") {
    const folder f;
    const std::string all("a\0b\r\n\xff", 6);
    const auto text = read_file(f.file(all, 0644));
    REQUIRE(text);
    CHECK(*text == all);
    CHECK_FALSE(read_file(f.file(all, 0644), true));
}

TEST_CASE("an empty file is an empty text") {
    const folder f;
    const auto empty = read_file(f.file(""));
    REQUIRE(empty);
    CHECK(empty->empty());
}

TEST_CASE("what can be opened but not read is no empty file") {
    const folder f;
    const auto none = read_file(f.path());
    REQUIRE_FALSE(none);
    CHECK(none.error().code == errc::file_unreadable);
}

} // namespace cairn::daemon

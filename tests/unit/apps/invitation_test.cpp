// The example of docs/formats/invitation.md is a file that the program reads.
#include "apps/cairn/invitation.hpp"

#include "certs/files.hpp"
#include "core/crypto.hpp"
#include "support/paths.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace cairn::cli {
namespace {

std::string page() {
    std::ifstream in(CAIRN_SOURCE_DIR "/docs/formats/invitation.md");
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string example() {
    const std::string text = page();
    const std::string mark = "```toml\n";
    const auto from = text.find(mark) + mark.size();
    return text.substr(from, text.find("```", from) - from);
}

struct scratch {
    std::filesystem::path path;
    scratch() {
        std::string name =
            (std::filesystem::temp_directory_path() / "cairn-invitation-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~scratch() { std::filesystem::remove_all(path); }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
};

result<invitation> read_as_file(const std::string& text, certs::reach who = certs::reach::secret) {
    const scratch folder;
    const auto file = folder.path / "invitation.toml";
    REQUIRE(certs::write_file(file, text, who, certs::existing::keep).has_value());
    return read_invitation(file.string());
}

std::string without(const std::string& text, const std::string& gone, const std::string& put = {}) {
    std::string out = text;
    const auto at = out.find(gone);
    REQUIRE(at != std::string::npos);
    return out.replace(at, gone.size(), put);
}

} // namespace

TEST_CASE("the example of the page on invitations is read, every key of it") {
    const auto read = read_as_file(example());
    REQUIRE(read.has_value());
    CHECK(read->id == "oakfield-1");
    CHECK(read->partnership == "northshire.example");
    CHECK(read->agency == "oakfield");
    CHECK(read->desks == std::vector<std::string>{"oakfield/dsl"});
    CHECK(read->broker == "broker.northshire.example:7443");
    CHECK(read->name == "broker.northshire.example");
    CHECK(read->until == "2026-11-25T10:00:00Z");
    CHECK(read->certificate_pem.rfind("-----BEGIN CERTIFICATE-----\n", 0) == 0);
    CHECK(read->key_pem.rfind("-----BEGIN PRIVATE KEY-----\n", 0) == 0);
    CHECK(read->authority_pem.rfind("-----BEGIN CERTIFICATE-----\n", 0) == 0);
    CHECK(read->vkeys.rfind("northshire.example+", 0) == 0);
}

TEST_CASE("what is written as an invitation is the example of its page, after two remarks") {
    const auto read = read_as_file(example());
    REQUIRE(read.has_value());
    std::istringstream lines(to_text(*read));
    std::string written;
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("#", 0) != 0) written += line + "\n";
    }
    CHECK(written == example());
}

TEST_CASE("an invitation of another version, without a key or open to others is refused") {
    const std::string text = example();
    CHECK(
        read_as_file(without(text, "invitation = 1", "invitation = 2")).error().code ==
        errc::config_bad_value
    );
    const auto nameless = read_as_file(without(text, "agency = \"oakfield\"\n"));
    REQUIRE(nameless.has_error());
    CHECK(nameless.error().code == errc::config_bad_value);
    CHECK(nameless.error().where.find(": agency") != std::string::npos);
    CHECK(read_as_file(without(text, "id = \"oakfield-1\"", "id = \"\"")).has_error());
    CHECK(read_as_file(text, certs::reach::open).error().code == errc::file_permissions);
    CHECK(read_as_file(text + "later = true\n").has_value());
}

TEST_CASE("who is elsewhere is told the broker's name where its administrator dials loopback") {
    const std::string name = "cairn.northshire.example";
    for (const std::string own : {"127.0.0.1", "127.0.1.1", "::1", "localhost"}) {
        CHECK(host_for_others(own, name) == name);
        // A trial on one machine: the certificate has no other name.
        CHECK(host_for_others(own, "localhost") == own);
        CHECK(host_for_others(own, "") == own);
    }
    CHECK(host_for_others("192.0.2.7", name) == "192.0.2.7");
    CHECK(host_for_others("broker.example", name) == "broker.example");
}

TEST_CASE("a fingerprint is read out as the page says: 32 digits in groups of four") {
    const std::string whole = to_hex(view(sha256("two keys")));
    const std::string told = fingerprint_text(whole);
    CHECK(told.size() == 8 * 4 + 7);
    CHECK(told.substr(0, 9) == whole.substr(0, 4) + " " + whole.substr(4, 4));
    CHECK(is_fingerprint(told, whole));
    CHECK_FALSE(is_fingerprint(told.substr(0, told.size() - 1), whole));
}

} // namespace cairn::cli

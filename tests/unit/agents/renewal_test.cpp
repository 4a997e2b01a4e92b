// A change of certificate that stops between two files goes on where it stopped.
#include "agents/core/renewal.hpp"

#include "certs/files.hpp"
#include "unit/certs/fixture.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents;
namespace fs = std::filesystem;

namespace {

struct folder {
    test::temporary_folder place;
    renewal_files files{place.path() / "client.pem", place.path() / "client.key", {}};

    void put(const char* name, const std::string& text) const {
        REQUIRE(certs::write_file(
            place.path() / name, text, certs::reach::secret, certs::existing::replace
        ));
    }
    [[nodiscard]] std::string at(const char* name) const {
        const auto text = certs::read_file(place.path() / name);
        return text ? *text : "none";
    }
};

} // namespace

TEST_CASE("a certificate is renewed at two thirds of its life") {
    const wall_time from = test::moment;
    CHECK(renewal_due(from, from + 3 * test::one_day) == from + 2 * test::one_day);
    CHECK(renewal_due(from, from + 365 * test::one_day) < from + 244 * test::one_day);
}

TEST_CASE("certificate and key are of one pair wherever the change stopped") {
    const folder f;
    f.put("client.pem", "old certificate");
    f.put("client.key", "old key");
    // Asked for and nothing more: nothing changes.
    f.put("client.key.next", "new key");
    f.put("client.csr.next", "request");
    REQUIRE(finish_change(f.files));
    CHECK(f.at("client.pem") == "old certificate");
    CHECK(f.at("client.key") == "old key");
    CHECK(f.at("client.key.next") == "new key");
    // Stopped before the key was moved.
    f.put("client.pem.next", "new certificate");
    REQUIRE(finish_change(f.files));
    CHECK(f.at("client.pem") == "new certificate");
    CHECK(f.at("client.key") == "new key");
    CHECK(f.at("client.key.next") == "none");
    CHECK(f.at("client.csr.next") == "none");
    // Stopped after the key was moved.
    f.put("client.pem.next", "newer certificate");
    f.put("client.key", "newer key");
    REQUIRE(finish_change(f.files));
    CHECK(f.at("client.pem") == "newer certificate");
    CHECK(f.at("client.key") == "newer key");
    REQUIRE(finish_change(f.files));
    CHECK(f.at("client.pem") == "newer certificate");
}

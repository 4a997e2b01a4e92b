#include "agents/apps/config.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

using namespace cairn;
using namespace cairn::agents::apps;

namespace {

const std::string whole = R"(
[broker]
host = "127.0.0.1"
port = 7443
expect_name = "broker.northshire"
[tls]
certificate = "tls/agent.pem"
key = "tls/agent.key"
authority = "/etc/cairn/authority.pem"
[agent]
folder = "folders"
desks = ["oakfield/dsl"]
poll_ms = 50
[defaults]
purpose = "s47"
bases = ["6e", "S1P18"]
desks = ["northshire-council/front_door"]
role = "dsl"
staff_id = "s-17"
authenticated_by = "entra-mfa"
)";

std::string with(std::string from, const std::string& to) {
    auto text = whole;
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

failure refused(const std::string& toml) {
    const auto c = parse_config(toml, "/base");
    REQUIRE(c.has_error());
    return c.error();
}

} // namespace

TEST_CASE("a whole configuration is read, relative paths from its own folder") {
    const auto c = parse_config(whole, "/base");
    REQUIRE_OK(c);
    CHECK(c->port == 7443);
    CHECK(c->certificate_file == "/base/tls/agent.pem");
    CHECK(c->authority_file == "/etc/cairn/authority.pem");
    CHECK(c->folder == "/base/folders");
    CHECK(c->desks == std::vector<std::string>{"oakfield/dsl"});
    CHECK(c->poll == std::chrono::milliseconds(50));
    CHECK(c->defaults.purpose() == ::cairn::v1::PURPOSE_S47);
    CHECK(c->defaults.bases(1) == ::cairn::v1::LAWFUL_BASIS_S1P18);
    CHECK(c->defaults.desks(0) == "northshire-council/front_door");
    CHECK(c->defaults.acting().staff_id() == "s-17");
}

TEST_CASE("an unknown key, section or value is an error that names line and key") {
    const auto unknown = refused(with("poll_ms", "pol_ms"));
    CHECK(unknown.code == errc::config_unknown_key);
    CHECK(unknown.where.find("line 13: agent.pol_ms") == 0);
    CHECK(unknown.where.find("agent.poll_ms") != std::string::npos);
    CHECK(refused(with("[broker]", "[brokr]")).code == errc::config_unknown_key);
    CHECK(refused("host = \"x\"\n" + whole).code == errc::config_unknown_key);
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {"7443", "\"7443\""},
             {"7443", "0"},
             {"7443", "70000"},
             {"\"s47\"", "\"s99\""},
             {"\"s47\"", "\"unspecified\""},
             {"\"6e\"", "\"6z\""},
             {"[\"oakfield/dsl\"]", "[\"oakfield\"]"},
             {"[\"oakfield/dsl\"]", "\"oakfield/dsl\""},
             {"\"127.0.0.1\"", "\"\""},
             {"port = 7443", ""},
             {"[broker]", "[broker"}}) {
        INFO(to);
        CHECK(refused(with(from, to)).code == errc::config_bad_value);
    }
}

TEST_CASE("a proxy is read with the place of what is wrong, its login from a file of its own") {
    auto with_proxy = with("expect_name", "proxy = \"http://proxy:3128\"\nexpect_name");
    CHECK(parse_config(with_proxy, "/base")->proxy.place() == "proxy:3128");
    const auto bad = refused(with("expect_name", "proxy = \"proxy:3128\"\nexpect_name"));
    CHECK(bad.code == errc::config_bad_value);
    CHECK(bad.where.find("line 5: broker.proxy") == 0);

    agents_test::scratch_folder folder;
    with_proxy =
        with("expect_name", "proxy = \"http://p:1\"\nproxy_auth_file = \"p\"\nexpect_name");
    auto c = *parse_config(with_proxy, folder.path().string());
    c.certificate_file = c.key_file = c.authority_file = (folder.path() / "pem").string();
    agents_test::write_file(c.certificate_file, "pem");
    ::chmod(c.certificate_file.c_str(), 0600);
    agents_test::write_file(c.proxy_auth_file, "jo:secret\n");
    ::chmod(c.proxy_auth_file.c_str(), 0640);
    CHECK(dial_options_of(c).error().code == errc::file_permissions);
    ::chmod(c.proxy_auth_file.c_str(), 0600);
    CHECK(dial_options_of(c)->proxy.credentials == "jo:secret");
    agents_test::write_file(c.proxy_auth_file, "secret");
    const auto refused = dial_options_of(c);
    REQUIRE_FAILS(refused);
    CHECK(refused.error().where.find("secret") == std::string::npos);
}

TEST_CASE("a key file that others can read is refused, and a missing file named") {
    agents_test::scratch_folder folder;
    auto c = *parse_config(whole, folder.path().string());
    std::filesystem::create_directory(folder.path() / "tls");
    c.authority_file = c.certificate_file;
    agents_test::write_file(c.certificate_file, "pem");
    agents_test::write_file(c.key_file, "key");
    ::chmod(c.key_file.c_str(), 0644);
    CHECK(dial_options_of(c).error().code == errc::file_permissions);
    ::chmod(c.key_file.c_str(), 0600);
    const auto options = dial_options_of(c);
    REQUIRE_OK(options);
    CHECK(options->tls.key_pem == "key");
    CHECK(options->expect_name == "broker.northshire");
    std::filesystem::remove(c.certificate_file);
    CHECK(dial_options_of(c).error().code == errc::file_unreadable);
    CHECK(load_config("/no/such/agent.toml").error().code == errc::file_unreadable);
}

#include "agents/apps/config.hpp"

#include "support.hpp"
#include "support/paths.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
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

using names = std::set<std::string>;

// What stands behind `mark` in a refusal, taken apart at blanks and commas.
names known_after(const std::string& toml, std::string_view mark) {
    const auto where = refused(toml).where;
    INFO(where);
    const auto at = where.find(mark);
    REQUIRE(at != std::string::npos);
    auto list = where.substr(at + mark.size());
    std::replace(list.begin(), list.end(), ',', ' ');
    std::istringstream words(list);
    return {std::istream_iterator<std::string>(words), {}};
}

// Every key that the parser knows, by its own words to whoever mistypes one.
names parsed_keys() {
    names out;
    for (const auto& section : known_after("[nothing]\n", "known: sections "))
        out.merge(known_after("[" + section + "]\nno_such_key = 1\n", "known: "));
    return out;
}

// Of one cell: `keep.inbox_days sent_days` are two keys of one section, in one code span.
void add_keys(names& to, std::string cell) {
    for (auto from = cell.find('`'); from != std::string::npos; from = cell.find('`')) {
        const auto until = cell.find('`', from + 1);
        REQUIRE(until != std::string::npos);
        std::istringstream words(cell.substr(from + 1, until - from - 1));
        cell.erase(0, until + 1);
        std::string section;
        for (std::string word; words >> word;) {
            const auto dot = word.find('.');
            if (dot != std::string::npos) section = word.substr(0, dot + 1);
            REQUIRE_FALSE(section.empty());
            const bool fresh = to.insert(dot == std::string::npos ? section + word : word).second;
            INFO("twice: " << word);
            CHECK(fresh);
        }
    }
}

// The first cells of the rows below the heading.
names documented_keys() {
    const auto page =
        agents_test::read_file(std::filesystem::path(CAIRN_SOURCE_DIR) / "docs/AGENT.md");
    const auto at = page.find("\n## agent.toml\n");
    REQUIRE(at != std::string::npos);
    std::istringstream rows(page.substr(at));
    names out;
    for (std::string row; std::getline(rows, row);)
        if (row.compare(0, 3, "| `") == 0) add_keys(out, row.substr(2, row.find(" | ", 2) - 2));
    return out;
}

names without(const names& all, const names& some) {
    names out;
    std::set_difference(
        all.begin(), all.end(), some.begin(), some.end(), std::inserter(out, out.end())
    );
    return out;
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

TEST_CASE("docs/AGENT.md lists every key of agent.toml, and no other") {
    const auto parsed = parsed_keys();
    const auto documented = documented_keys();
    CHECK(parsed.size() > 40);
    CHECK(without(parsed, documented) == names{});
    CHECK(without(documented, parsed) == names{});
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

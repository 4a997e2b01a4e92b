#include "daemon/config.hpp"

#include "support/result_text.hpp"

#include <algorithm>

namespace cairn::daemon {
namespace {

// Each required key once, none of the others.
const std::string least = R"(partnership = "northshire.example"
data = "data"
policy = "policy.textproto"
policy_signers = "policy-signers"
[tls]
certificate = "server.pem"
key = "server.key"
authority = "/etc/cairn/authority.pem"
[keys]
partnership = "partnership.key"
log = "log.key"
)";

result<loaded_config> parsed(const std::string& text) {
    return parse_config(text, "cairnd.toml", "/srv/cairn");
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

const effective& setting(const loaded_config& c, std::string_view key) {
    const auto it = std::find_if(c.settings.begin(), c.settings.end(), [key](const effective& e) {
        return e.key == key;
    });
    REQUIRE(it != c.settings.end());
    return *it;
}

void refused(const std::string& text, errc code, const std::string& where) {
    INFO(text);
    const auto c = parsed(text);
    REQUIRE_FALSE(c);
    CHECK(c.error().code == code);
    CHECK(c.error().where == where);
}

} // namespace

TEST_CASE("what a reload takes is marked, and the level is one of four words") {
    const auto c = parsed(least + "[log]\nlevel = \"debug\"\n");
    REQUIRE(c);
    CHECK(c->values.log_level == "debug");
    for (const char* key : {"policy", "calendar", "tls.certificate", "tls.crl", "log.level"})
        CHECK(setting(*c, key).live);
    for (const char* key : {"partnership", "data", "listen.port", "health.port", "keys.log"})
        CHECK_FALSE(setting(*c, key).live);
    CHECK(setting(*c, "keys.log").is_path);
    CHECK_FALSE(setting(*c, "listen.address").is_path);
    refused(
        least + "[log]\nlevel = \"loud\"\n",
        errc::config_bad_value,
        "cairnd.toml:13: log.level must be debug, info, warning or error"
    );
}

TEST_CASE("the least configuration is whole, and what it leaves out has a default") {
    const auto c = parsed(least);
    REQUIRE(c);
    CHECK(c->values.partnership == "northshire.example");
    CHECK(c->values.listen_address == "127.0.0.1");
    CHECK(c->values.listen_port == 7443);
    CHECK(c->values.network_threads == 1);
    CHECK(c->values.health_address == "127.0.0.1");
    CHECK(c->values.health_port == 7480);
    CHECK(c->values.crl_file.empty());
    CHECK_FALSE(c->values.allow_tls12);
}

TEST_CASE("a relative path is against the file's folder, an absolute one stays, a text is no path"
) {
    const auto c = parsed(least + "[listen]\naddress = \"localhost\"\n");
    REQUIRE(c);
    CHECK(c->values.data_folder == "/srv/cairn/data");
    CHECK(c->values.key_file == "/srv/cairn/server.key");
    CHECK(c->values.log_key_file == "/srv/cairn/log.key");
    CHECK(c->values.authority_file == "/etc/cairn/authority.pem");
    CHECK(c->values.partnership == "northshire.example");
    CHECK(c->values.listen_address == "localhost");
}

TEST_CASE("every setting in force is listed once with where it comes from") {
    const auto c = parsed(least + "[listen]\nport = 0\nthreads = 64\n[health]\nport = 65535\n");
    REQUIRE(c);
    CHECK(c->settings.size() == 19);
    CHECK(setting(*c, "partnership").source == "cairnd.toml:1");
    CHECK(setting(*c, "tls.key").source == "cairnd.toml:7");
    CHECK(setting(*c, "tls.key").value == "/srv/cairn/server.key");
    CHECK(setting(*c, "listen.port").source == "cairnd.toml:13");
    CHECK(setting(*c, "listen.port").value == "0");
    CHECK(setting(*c, "listen.threads").value == "64");
    CHECK(setting(*c, "health.port").value == "65535");
    CHECK(setting(*c, "listen.address").source == "default");
    CHECK(setting(*c, "tls.crl").source == "default");
}

TEST_CASE("an unknown key is refused with its line and the nearest key there is") {
    const auto unknown = errc::config_unknown_key;
    refused(
        replaced(least, "policy =", "polcy ="), unknown, "cairnd.toml:3: polcy, nearest is policy"
    );
    refused(
        replaced(least, "certificate =", "certificat ="),
        unknown,
        "cairnd.toml:6: tls.certificat, nearest is tls.certificate"
    );
    refused(
        least + "[listen]\nthread = 2\n",
        unknown,
        "cairnd.toml:13: listen.thread, nearest is listen.threads"
    );
    refused(
        replaced(least, "log =", "logs ="),
        unknown,
        "cairnd.toml:11: keys.logs, nearest is keys.log"
    );
    // A folder of settings where one setting stands, and the other way about.
    refused(
        least + "[health.port]\nnumber = 1\n",
        unknown,
        "cairnd.toml:13: health.port.number, nearest is health.port"
    );
    refused("tls.crls = 7\n", unknown, "cairnd.toml:1: tls.crls, nearest is tls.crl");
}

TEST_CASE("an unknown folder of settings is refused though it is empty") {
    const auto c = parsed(least + "[helth]\n");
    CHECK_FALSE(c);
}

TEST_CASE("a value of the wrong type is refused with its line and what it must be") {
    const auto bad = errc::config_bad_value;
    const std::string text = " must be a text in quotes";
    refused(replaced(least, "\"data\"", "7"), bad, "cairnd.toml:2: data" + text);
    refused(replaced(least, "\"data\"", "\"\""), bad, "cairnd.toml:2: data" + text);
    refused(replaced(least, "\"data\"", "[\"data\"]"), bad, "cairnd.toml:2: data" + text);
    refused(replaced(least, "\"server.key\"", "true"), bad, "cairnd.toml:7: tls.key" + text);
    const std::string flag = "cairnd.toml:5: tls.allow_tls12 must be true or false";
    for (const char* value : {"1", "\"true\""}) {
        const std::string line = std::string("[tls]\nallow_tls12 = ") + value + "\n";
        refused(replaced(least, "[tls]\n", line), bad, replaced(flag, ":5", ":6"));
    }
}

TEST_CASE("ports go from 0 to 65535, threads from 1 to 64, and neither is a text") {
    const auto bad = errc::config_bad_value;
    for (const char* value : {"65536", "-1", "\"7443\"", "7443.0", "9223372036854775807"}) {
        refused(
            least + "[listen]\nport = " + value + "\n",
            bad,
            "cairnd.toml:13: listen.port must be a number from 0 to 65535"
        );
    }
    for (const char* value : {"0", "65", "-1", "\"2\""}) {
        refused(
            least + "[listen]\nthreads = " + value + "\n",
            bad,
            "cairnd.toml:13: listen.threads must be a number from 1 to 64"
        );
    }
    CHECK(parsed(least + "[listen]\nthreads = 1\n"));
}

TEST_CASE("each required key that is missing is named") {
    const std::vector<std::pair<std::string, std::string>> lines = {
        {"partnership = \"northshire.example\"\n", "partnership"},
        {"data = \"data\"\n", "data"},
        {"policy = \"policy.textproto\"\n", "policy"},
        {"policy_signers = \"policy-signers\"\n", "policy_signers"},
        {"certificate = \"server.pem\"\n", "tls.certificate"},
        {"key = \"server.key\"\n", "tls.key"},
        {"authority = \"/etc/cairn/authority.pem\"\n", "tls.authority"},
        {"partnership = \"partnership.key\"\n", "keys.partnership"},
        {"log = \"log.key\"\n", "keys.log"},
    };
    for (const auto& [line, key] : lines) {
        refused(
            replaced(least, line, ""), errc::config_bad_value, "cairnd.toml: " + key + " is missing"
        );
    }
}

TEST_CASE("what is no TOML, or says a thing twice, is refused with the line") {
    for (const std::string& text : {least + "listen.port = = 1\n", least + "log = \"other\"\n"}) {
        const auto c = parsed(text);
        REQUIRE_FALSE(c);
        CHECK(c.error().code == errc::config_bad_value);
        CHECK(c.error().where.rfind("cairnd.toml:12: ", 0) == 0);
    }
}

TEST_CASE("a text the library takes for impossible is refused like any other") {
    using namespace std::string_literals;
    for (const std::string& line :
         {"[|isten]\n"s, "\u01a4\n"s, "m\u00fcnchen = 1\n"s, "\0\t\0\n"s}) {
        const auto c = parsed(least + line);
        REQUIRE_FALSE(c);
        CHECK(c.error().code == errc::config_bad_value);
        CHECK(c.error().where.rfind("cairnd.toml:12: ", 0) == 0);
    }
}

TEST_CASE("a credential is looked for where the service manager put it") {
    const std::string text = replaced(least, "\"log.key\"", "\"$CREDENTIALS_DIRECTORY/log.key\"");
    const auto c = parse_config(text, "cairnd.toml", "/srv/cairn", "/run/credentials/cairnd");
    REQUIRE(c);
    CHECK(c->values.log_key_file == "/run/credentials/cairnd/log.key");
    CHECK(c->values.partnership_key_file == "/srv/cairn/partnership.key");
    refused(
        text,
        errc::config_bad_value,
        "cairnd.toml:11: keys.log is a credential; systemd hands it over, by hand set "
        "CREDENTIALS_DIRECTORY to the folder it is in"
    );
}

TEST_CASE("no other word with a dollar stands for anything") {
    for (const char* name : {"$HOME/log.key", "$CREDENTIALS_DIRECTORYX/log.key", "a$b"}) {
        const std::string text = replaced(least, "\"log.key\"", "\"" + std::string(name) + "\"");
        const auto c = parse_config(text, "cairnd.toml", "/srv/cairn", "/run/credentials/cairnd");
        REQUIRE(c);
        CHECK(c->values.log_key_file == "/srv/cairn/" + std::string(name));
    }
}

TEST_CASE("a configuration that is not there is said to be unreadable") {
    const auto c = load_config("/nowhere/at/all/cairnd.toml");
    REQUIRE_FALSE(c);
    CHECK(c.error().code == errc::file_unreadable);
    CHECK(c.error().where == "/nowhere/at/all/cairnd.toml");
}

} // namespace cairn::daemon

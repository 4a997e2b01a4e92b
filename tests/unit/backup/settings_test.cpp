// A configuration whose paths are those of the folder that a restore makes.
#include "backup/settings.hpp"
#include "unit/backup/fixture.hpp"

using namespace cairn;
using namespace cairn::backup;

namespace {

const std::string packaged = R"(# ours
partnership = "northshire.example"
data = "/var/lib/cairn"   # on the big disk
policy = "/etc/cairn/broker/policy.textproto"
policy_signers = "/etc/cairn/policy-signers"

[listen]
port = 7443
[tls]
certificate = "/etc/cairn/broker/tls/server.pem"
key = "/run/credentials/tls.key"
authority = "/etc/cairn/broker/tls/authority.pem"
[keys]
partnership = "$CREDENTIALS_DIRECTORY/partnership.key"
log = "$CREDENTIALS_DIRECTORY/log.key"
)";

} // namespace

TEST_CASE("every path of a configuration becomes the archive's name of that file") {
    const auto own = with_own_paths(packaged);
    REQUIRE(own);
    const auto c = daemon::parse_config(*own, "cairnd.toml", "/b");
    REQUIRE(c);
    CHECK(c->values.partnership == "northshire.example");
    CHECK(c->values.listen_port == 7443);
    CHECK(c->values.data_folder == "/b/data");
    CHECK(c->values.policy_file == "/b/policy.textproto");
    CHECK(c->values.policy_signers_file == "/b/policy-signers");
    CHECK(c->values.calendar_file.empty());
    CHECK(c->values.certificate_file == "/b/tls/server.pem");
    CHECK(c->values.key_file == "/b/tls/server.key");
    CHECK(c->values.authority_file == "/b/tls/authority.pem");
    CHECK(c->values.partnership_key_file == "/b/keys/partnership.key");
    CHECK(c->values.log_key_file == "/b/keys/log.key");
    CHECK(own->find("# ours\n") == 0);
}

TEST_CASE("a path that stands on no line of its own is refused in words") {
    std::string odd = packaged.substr(0, packaged.find("[keys]"));
    odd += "[keys]\npartnership = \"a\"\n";
    const std::string inline_table = packaged.substr(0, packaged.find("[keys]")) + "";
    CHECK_FALSE(with_own_paths(odd));
    const std::string dotted = "keys.log = \"l\"\nkeys.partnership = \"p\"\n" + inline_table;
    const auto refused = with_own_paths(dotted);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::config_bad_value);
}

TEST_CASE("what goes into which archive: no secret into the ledger's") {
    const auto c = daemon::parse_config(packaged, "cairnd.toml", "/b", "/run/credentials");
    REQUIRE(c);
    for (const ingredient& i : open_files_of(c->values, "/etc/cairn/broker/cairnd.toml"))
        CHECK(i.path.string().find("/run/credentials") == std::string::npos);
    CHECK(secret_files_of(c->values).size() == 3);
}

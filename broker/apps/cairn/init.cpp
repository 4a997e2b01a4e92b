// cairn init DIR --partnership NAME: a partnership from nothing.
//
//   DIR/broker/     cairnd.toml, tls/, keys/, data/, policy.textproto, calendar.csv
//                   the daemon's user alone
//   DIR/authority/  authority.key, authority.pem, issued/   admins, never the daemon
//   DIR/admin/      context.toml, admin.pem, admin.key, vkeys   the first admin
#include "apps/cairn/issue.hpp"
#include "apps/cairn/program.hpp"

#include "certs/authority.hpp"
#include "certs/files.hpp"
#include "certs/parse.hpp"
#include "core/crypto.hpp"
#include "core/system.hpp"
#include "daemon/record.hpp"
#include "ledger/ledger.hpp"
#include "merkle/checkpoint.hpp"
#include "merkle/field_tree.hpp"
#include "obligations/calendar.hpp"
#include "policy/table.hpp"
#include "registry/snapshot.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cairn::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct init_options {
    std::string folder;
    std::string partnership;
    std::string admin = "admin";
    std::string address = "127.0.0.1";
    std::uint16_t port = 7443;
    std::uint16_t health_port = 7480;
    std::vector<std::string> names{"localhost"};
};

certs::validity years(int n) {
    // Ten minutes back: the agencies' clocks are not ours.
    const wall_time now = std::chrono::floor<std::chrono::seconds>(system_clock().wall_now());
    return {now - 10min, now + n * 365 * 24h};
}

result<std::string> make_secret(const fs::path& path) {
    key256 key{};
    system_random().fill(key);
    const std::string text = to_hex(view(key)) + "\n";
    CAIRN_TRY(certs::write_file(path, text, certs::reach::secret, certs::existing::keep));
    return text;
}

// Key and certificate of somebody in this partnership, written beside each other.
result<std::string> make_identity(
    const certs::authority& authority,
    const certs::identity& who,
    const fs::path& folder,
    const std::string& name,
    const init_options& o
) {
    auto request = certs::make_request(who, o.partnership);
    if (!request) return request.error();
    certs::certificate_order order;
    order.request_pem = request->request_pem;
    order.who = who;
    order.valid = years(1);
    if (who.kind == certs::identity_kind::server) {
        order.dns_names = o.names;
        order.ip_addresses = {o.address == "0.0.0.0" ? "127.0.0.1" : o.address};
    }
    auto pem = authority.issue(order, system_random());
    if (!pem) return pem.error();
    CAIRN_TRY(certs::write_file(
        folder / (name + ".key"), request->key_pem, certs::reach::secret, certs::existing::keep
    ));
    CAIRN_TRY(
        certs::write_file(folder / (name + ".pem"), *pem, certs::reach::open, certs::existing::keep)
    );
    const auto facts = certs::parse_certificate(*pem);
    if (!facts) return facts.error();
    const fs::path copy =
        issued_copy(fs::path(o.folder) / "authority", to_hex(view(facts->fingerprint)));
    CAIRN_TRY(certs::make_private_folder(copy.parent_path()));
    CAIRN_TRY(certs::write_file(copy, *pem, certs::reach::open, certs::existing::keep));
    return *pem;
}

std::string broker_config(const init_options& o) {
    return fmt::format(
        "# The broker's one configuration file; cairnd --check prints every setting with its "
        "source.\n"
        "partnership = \"{}\"\n"
        "data = \"data\"\n"
        "policy = \"policy.textproto\"\n"
        "# Bank holidays, which deadlines do not count; refresh it every year.\n"
        "calendar = \"calendar.csv\"\n\n"
        "[listen]\naddress = \"{}\"\nport = {}\nthreads = 2\n\n"
        "# Health and metrics without certificate; loopback only.\n"
        "[health]\naddress = \"127.0.0.1\"\nport = {}\n\n"
        "[tls]\ncertificate = \"tls/server.pem\"\nkey = \"tls/server.key\"\nauthority = "
        "\"tls/authority.pem\"\n\n"
        "[keys]\npartnership = \"keys/partnership.key\"\nlog = \"keys/log.key\"\n",
        o.partnership,
        o.address,
        o.port,
        o.health_port
    );
}

std::string admin_context(const init_options& o) {
    return fmt::format(
        "# Who I am and where the broker is, for cairn --context.\n"
        "broker = \"{}:{}\"\nname = \"{}\"\npartnership = \"{}\"\n"
        "certificate = \"admin.pem\"\nkey = \"admin.key\"\nauthority = \"authority.pem\"\n"
        "vkeys = \"vkeys\"\nauthority_folder = \"../authority\"\n",
        o.address == "0.0.0.0" ? "127.0.0.1" : o.address,
        o.port,
        o.names.front(),
        o.partnership
    );
}

v1::RegistryRecord first_registry(const init_options& o, const certs::certificate_facts& admin) {
    v1::RegistryRecord r;
    v1::Certificate& c = *r.add_changes()->mutable_certificate();
    c.set_sha256(to_hex(view(admin.fingerprint)));
    c.set_uri(admin.uris.front());
    c.set_not_after_us(to_us(admin.not_after));
    r.set_epoch(1);
    r.set_admin(o.admin);
    return r;
}

// The ledger's first record: the registry with its first admin.
status
make_ledger(const init_options& o, const fs::path& broker, const certs::certificate_facts& admin) {
    ledger::options lo;
    lo.folder = (broker / "data").string();
    lo.partnership = o.partnership;
    auto wrap = make_secret(broker / "keys" / "partnership.key");
    if (!wrap) return wrap.error();
    auto sign = make_secret(broker / "keys" / "log.key");
    if (!sign) return sign.error();
    lo.partnership_key = *to_digest(*from_hex(wrap->substr(0, 64)));
    lo.log_key.seed = *to_digest(*from_hex(sign->substr(0, 64)));
    auto store = ledger::ledger::create(lo, system_clock(), system_random());
    if (!store) return store.error();

    v1::RecordBody body;
    *body.mutable_registry() = first_registry(o, admin);
    auto state =
        registry::apply({}, {body.registry().changes().begin(), body.registry().changes().end()});
    if (!state) return state.error();
    auto d = daemon::make_first_draft(**store, system_random(), body, o.admin);
    if (!d) return d.error();
    d->changes = ledger::registry_effect{state->SerializeAsString(), state->epoch()};
    status outcome = fail(errc::internal);
    d->done = [&outcome](const result<ledger::committed>& r) {
        outcome = r ? status{} : status{r.error()};
    };
    CAIRN_TRY((*store)->append(std::move(*d)));
    while ((*store)->run_once()) {
    }
    if (!outcome) return outcome;
    // Under the partnership's own name: it holds for the log of every year.
    const merkle::verifier_key pinned{
        o.partnership, merkle::key_type::ed25519, public_of(lo.log_key)};
    const std::string line = merkle::print_vkey(pinned) + "\n";
    return certs::write_file(
        broker.parent_path() / "admin" / "vkeys", line, certs::reach::open, certs::existing::keep
    );
}

status init(const init_options& o) {
    const fs::path root(o.folder);
    const fs::path broker = root / "broker";
    const fs::path admin = root / "admin";
    if (fs::exists(root) && !fs::is_empty(root)) {
        return fail(errc::bad_value, o.folder + " is not empty; name a new folder");
    }
    for (const fs::path& p :
         {root, broker, broker / "tls", broker / "keys", broker / "data", admin}) {
        CAIRN_TRY(certs::make_private_folder(p));
    }
    auto authority = certs::authority::make(o.partnership, years(10), system_random());
    if (!authority) return authority.error();
    CAIRN_TRY(authority->save(root / "authority"));
    for (const fs::path& p : {broker / "tls" / "authority.pem", admin / "authority.pem"}) {
        CAIRN_TRY(certs::write_file(
            p, authority->certificate_pem(), certs::reach::open, certs::existing::keep
        ));
    }
    auto server = make_identity(
        *authority, {certs::identity_kind::server, "broker"}, broker / "tls", "server", o
    );
    if (!server) return server.error();
    auto first =
        make_identity(*authority, {certs::identity_kind::admin, o.admin}, admin, "admin", o);
    if (!first) return first.error();
    auto facts = certs::parse_certificate(*first);
    if (!facts) return facts.error();
    CAIRN_TRY(certs::write_file(
        broker / "cairnd.toml", broker_config(o), certs::reach::open, certs::existing::keep
    ));
    CAIRN_TRY(certs::write_file(
        broker / "policy.textproto",
        policy::template_policy(),
        certs::reach::open,
        certs::existing::keep
    ));
    CAIRN_TRY(certs::write_file(
        broker / "calendar.csv",
        obligations::shipped_calendar(),
        certs::reach::open,
        certs::existing::keep
    ));
    CAIRN_TRY(certs::write_file(
        admin / "context.toml", admin_context(o), certs::reach::open, certs::existing::keep
    ));
    return make_ledger(o, broker, *facts);
}

} // namespace

void add_init(CLI::App& app, program& p) {
    auto o = std::make_shared<init_options>();
    auto* c =
        app.add_subcommand("init", "make a partnership: authority, broker folder, first admin");
    c->add_option("DIR", o->folder, "new or empty folder")->required();
    c->add_option(
         "--partnership", o->partnership, "name of the trust domain, for example northshire.example"
    )
        ->required();
    c->add_option("--admin", o->admin, "id of the first admin")->capture_default_str();
    c->add_option("--address", o->address, "address the broker listens on")->capture_default_str();
    c->add_option("--port", o->port, "port for calls")->capture_default_str();
    c->add_option("--health-port", o->health_port, "loopback port for health and metrics")
        ->capture_default_str();
    c->add_option("--dns-name", o->names, "names clients know the broker by")
        ->capture_default_str();
    c->callback([o, &p] {
        if (const status made = init(*o); !made) return p.stop_with(made.error());
        if (p.json) {
            return p.print_json(nlohmann::ordered_json{
                {"partnership", o->partnership},
                {"config", o->folder + "/broker/cairnd.toml"},
                {"authority", o->folder + "/authority"},
                {"context", o->folder + "/admin/context.toml"}});
        }
        fmt::print(
            "Partnership {0} is made in {1}.\n"
            "  broker     {1}/broker/cairnd.toml       start it: cairnd --config "
            "{1}/broker/cairnd.toml\n"
            "  authority  {1}/authority                keep it off the broker's machine; whoever "
            "has it can be anybody\n"
            "  you        {1}/admin/context.toml       next: cairn --context "
            "{1}/admin/context.toml agency add …\n",
            o->partnership,
            o->folder
        );
    });
}

} // namespace cairn::cli

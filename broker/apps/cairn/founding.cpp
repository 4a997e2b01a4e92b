#include "apps/cairn/founding.hpp"

#include "apps/cairn/example.hpp"
#include "apps/cairn/issue.hpp"
#include "apps/cairn/policy_key.hpp"
#include "certs/files.hpp"
#include "core/crypto.hpp"
#include "core/system.hpp"
#include "daemon/record.hpp"
#include "ledger/ledger.hpp"
#include "merkle/checkpoint.hpp"
#include "merkle/field_tree.hpp"
#include "obligations/calendar.hpp"
#include "policy/parse.hpp"
#include "policy/table.hpp"
#include "registry/snapshot.hpp"
#include "signing/statement.hpp"

#include <fmt/format.h>

#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cairn::cli {
namespace {

namespace fs = std::filesystem;
using certs::existing;
using certs::reach;
using namespace std::chrono_literals;

// Of the packages: packaging/broker/sysusers.conf, deploy/systemd/cairnd.service.
constexpr const char* service_user = "cairn";
constexpr const char* service_config = "/etc/cairn";
constexpr const char* service_data = "/var/lib/cairn";
// A conffile of the package: an upgrade brings the coming years' bank holidays.
constexpr const char* service_calendar = "/etc/cairn/calendar.csv";

certs::validity years(int n) {
    // Ten minutes back: the agencies' clocks are not ours.
    const wall_time now = std::chrono::floor<std::chrono::seconds>(system_clock().wall_now());
    return {now - 10min, now + n * 365 * 24h};
}

std::string broker_config(const founding& o) {
    const std::string keys = o.system ? "$CREDENTIALS_DIRECTORY" : "keys";
    return fmt::format(
        "# The broker's one configuration file; cairnd --check prints every setting with its "
        "source.\n"
        "partnership = \"{}\"\n"
        "data = \"{}\"\n"
        "# The text that decides; its signatures lie beside it, in policy.textproto.sig.\n"
        "policy = \"policy.textproto\"\n"
        "# Whose signatures it needs: cairn policy key.\n"
        "policy_signers = \"policy-signers\"\n"
        "# Bank holidays, which deadlines do not count; refresh it every year.\n"
        "calendar = \"{}\"\n\n"
        "[listen]\naddress = \"{}\"\nport = {}\nthreads = 2\n\n"
        "# Health and metrics without certificate; loopback only.\n"
        "[health]\naddress = \"127.0.0.1\"\nport = {}\n\n"
        "[tls]\ncertificate = \"tls/server.pem\"\nkey = \"tls/server.key\"\nauthority = "
        "\"tls/authority.pem\"\n\n"
        "[keys]\npartnership = \"{}/partnership.key\"\nlog = \"{}/log.key\"\n",
        o.partnership,
        o.system ? service_data : "data",
        o.system ? service_calendar : "calendar.csv",
        o.address,
        o.port,
        o.health_port,
        keys,
        keys
    );
}

std::string admin_context(const founding& o) {
    return fmt::format(
        "# Who I am and where the broker is, for cairn --context.\n"
        "broker = \"{}:{}\"\nname = \"{}\"\npartnership = \"{}\"\n"
        "certificate = \"admin.pem\"\nkey = \"admin.key\"\nauthority = \"authority.pem\"\n"
        "vkeys = \"vkeys\"\nauthority_folder = \"../authority\"\n",
        own_address(o),
        o.port,
        o.names.front(),
        o.partnership
    );
}

status write_new(const fs::path& path, std::string_view text) {
    return certs::write_file(path, text, reach::open, existing::keep);
}

result<key256> make_secret(const fs::path& path) {
    key256 key{};
    system_random().fill(key);
    CAIRN_TRY(certs::write_file(path, to_hex(view(key)) + "\n", reach::secret, existing::keep));
    return key;
}

// What the daemon will open; the log's public key goes to the admin, who pins it.
result<ledger::options> make_keys(const founding& o, const places& at) {
    ledger::options lo;
    lo.folder = at.data.string();
    lo.partnership = o.partnership;
    const auto wrap = make_secret(at.keys / "partnership.key");
    if (!wrap) return wrap.error();
    const auto sign = make_secret(at.keys / "log.key");
    if (!sign) return sign.error();
    lo.partnership_key = *wrap;
    lo.log_key.seed = *sign;
    // Under the partnership's own name: it holds for the log of every year.
    const merkle::verifier_key pinned{
        o.partnership, merkle::key_type::ed25519, public_of(lo.log_key)};
    CAIRN_TRY(write_new(at.admin / "vkeys", merkle::print_vkey(pinned) + "\n"));
    return lo;
}

// The ledger's first record: the registry with its first admin, and the example where there is one.
status
make_ledger(const founding& o, ledger::options lo, const std::vector<v1::RegistryChange>& changes) {
    auto store = ledger::ledger::create(std::move(lo), system_clock(), system_random());
    if (!store) return store.error();
    v1::RecordBody body;
    v1::RegistryRecord& r = *body.mutable_registry();
    for (const auto& c : changes) *r.add_changes() = c;
    r.set_epoch(1);
    r.set_admin(o.admin);
    auto state = registry::apply({}, changes);
    if (!state) return state.error();
    auto d = daemon::make_first_draft(**store, system_random(), body, o.admin);
    if (!d) return d.error();
    d->changes = ledger::registry_effect{state->SerializeAsString(), state->epoch()};
    status outcome = fail(errc::internal);
    d->done = [&outcome](const result<ledger::committed>& done) {
        outcome = done ? status{} : status{done.error()};
    };
    CAIRN_TRY((*store)->append(std::move(*d)));
    while ((*store)->run_once()) {
    }
    return outcome;
}

// A key of each part, which lie where the authority's key lies, and the template signed by both: so
// that a first concern needs nobody, and so that everybody can be told that no person signed.
status sign_template(const founding& o, const places& at) {
    const auto text = policy::template_policy();
    const auto read = policy::parse(text);
    if (!read) return read.error();
    const signing::statement what{o.partnership, read->policy.version(), sha256(text)};
    std::string note;
    std::string trusted =
        "# Who signs the policy: one line a key, which cairn policy key prints.\n";
    for (const auto part : {signing::part::author, signing::part::officer}) {
        const auto name = fmt::format("founding-{}", signing::name_of(part));
        const auto key = make_policy_key(
            at.authority / "policy" / (name + ".key"), fmt::format("{}/{}", o.partnership, name)
        );
        if (!key) return key.error();
        trusted += signing::print_signer(part, key->verifier());
        auto more = signing::add_signature(note, what, *key);
        if (!more) return more.error();
        note = std::move(*more);
    }
    CAIRN_TRY(write_new(at.broker / "policy-signers", trusted));
    CAIRN_TRY(write_new(at.broker / "policy.textproto.sig", note));
    return write_new(at.broker / "policy.textproto", text);
}

status make_texts(const founding& o, const places& at) {
    CAIRN_TRY(write_new(at.broker / "cairnd.toml", broker_config(o)));
    CAIRN_TRY(sign_template(o, at));
    if (!o.system)
        CAIRN_TRY(write_new(at.broker / "calendar.csv", obligations::shipped_calendar()));
    return write_new(at.admin / "context.toml", admin_context(o));
}

// Nothing that is there is written over, and nothing is made where not all can be.
status check_place(const founding& o, const places& at) {
    if (!o.system) {
        if (fs::exists(at.root) && !fs::is_empty(at.root))
            return fail(errc::bad_value, o.folder + " is not empty; name a new folder");
        return {};
    }
    if (::geteuid() != 0) return fail(errc::usage, "--system is for root: sudo cairn init …");
    for (const char* made : {service_config, service_calendar}) {
        if (!fs::exists(made))
            return fail(errc::usage, std::string(made) + " is missing; install cairn-broker");
    }
    if (::getpwnam(service_user) == nullptr)
        return fail(errc::usage, "there is no user cairn; install cairn-broker");
    for (const auto& p : {at.broker, at.keys, at.authority, at.admin, at.example, at.data}) {
        if (fs::exists(p) && !fs::is_empty(p))
            return fail(errc::bad_value, p.string() + " is not empty; move it away");
    }
    return {};
}

// The daemon's own: what it reads as itself, and the ledger.
status give_to_service(const places& at) {
    const passwd* to = ::getpwnam(service_user);
    if (to == nullptr) return fail(errc::usage, "there is no user cairn");
    const auto give = [to](const fs::path& p) -> status {
        if (::lchown(p.c_str(), to->pw_uid, to->pw_gid) == 0) return {};
        return fail(errc::file_unwritable, p.string(), std::strerror(errno));
    };
    for (const auto& top : {at.broker, at.data}) {
        CAIRN_TRY(give(top));
        for (const auto& entry : fs::recursive_directory_iterator(top))
            CAIRN_TRY(give(entry.path()));
    }
    return {};
}

v1::RegistryChange first_admin(const certs::certificate_facts& admin) {
    v1::RegistryChange out;
    v1::Certificate& c = *out.mutable_certificate();
    c.set_sha256(to_hex(view(admin.fingerprint)));
    c.set_uri(admin.uris.front());
    c.set_not_after_us(to_us(admin.not_after));
    return out;
}

} // namespace

places places_of(const founding& o) {
    const fs::path root = o.system ? fs::path(service_config) : fs::path(o.folder);
    const fs::path broker = root / "broker";
    return {
        root,
        broker,
        o.system ? fs::path(service_data) : broker / "data",
        o.system ? root / "keys" : broker / "keys",
        root / "authority",
        root / "admin",
        root / "example"};
}

std::string own_address(const founding& o) {
    return o.address == "0.0.0.0" || o.address == "::" ? "127.0.0.1" : o.address;
}

result<certs::certificate_facts> make_identity(
    const founding& o,
    const certs::authority& authority,
    const certs::identity& who,
    const fs::path& folder,
    const std::string& name
) {
    auto request = certs::make_request(who, o.partnership);
    if (!request) return request.error();
    certs::certificate_order order;
    order.request_pem = request->request_pem;
    order.who = who;
    order.valid = years(1);
    if (who.kind == certs::identity_kind::server) {
        order.dns_names = o.names;
        order.ip_addresses = {own_address(o)};
    }
    auto pem = authority.issue(order, system_random());
    if (!pem) return pem.error();
    CAIRN_TRY(
        certs::write_file(folder / (name + ".key"), request->key_pem, reach::secret, existing::keep)
    );
    CAIRN_TRY(write_new(folder / (name + ".pem"), *pem));
    auto facts = certs::parse_certificate(*pem);
    if (!facts) return facts.error();
    const fs::path copy = issued_copy(places_of(o).authority, to_hex(view(facts->fingerprint)));
    CAIRN_TRY(certs::make_private_folder(copy.parent_path()));
    CAIRN_TRY(write_new(copy, *pem));
    return facts;
}

status found(const founding& o) {
    const places at = places_of(o);
    CAIRN_TRY(check_place(o, at));
    for (const auto& p : {at.root, at.broker, at.broker / "tls", at.keys, at.data, at.admin})
        CAIRN_TRY(certs::make_private_folder(p));
    auto authority = certs::authority::make(o.partnership, years(10), system_random());
    if (!authority) return authority.error();
    CAIRN_TRY(authority->save(at.authority));
    for (const auto& p : {at.broker / "tls" / "authority.pem", at.admin / "authority.pem"})
        CAIRN_TRY(write_new(p, authority->certificate_pem()));
    const certs::identity server{certs::identity_kind::server, "broker"};
    const auto tls = make_identity(o, *authority, server, at.broker / "tls", "server");
    if (!tls) return tls.error();
    const certs::identity first{certs::identity_kind::admin, o.admin};
    const auto admin = make_identity(o, *authority, first, at.admin, "admin");
    if (!admin) return admin.error();
    CAIRN_TRY(make_texts(o, at));
    auto keys = make_keys(o, at);
    if (!keys) return keys.error();
    std::vector<v1::RegistryChange> changes{first_admin(*admin)};
    if (o.example) CAIRN_TRY(make_example(o, *authority, changes));
    CAIRN_TRY(make_ledger(o, std::move(*keys), changes));
    return o.system ? give_to_service(at) : status{};
}

} // namespace cairn::cli

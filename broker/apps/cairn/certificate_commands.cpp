// cairn cert: issue, renew, revoke, list. The authority's folder is read here, on the admin's
// machine, for one command; the broker only learns the pin.
#include "apps/cairn/names.hpp"
#include "apps/cairn/program.hpp"

#include "certs/authority.hpp"
#include "certs/files.hpp"
#include "certs/parse.hpp"
#include "core/system.hpp"

#include "cairn/v1/admin.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;
namespace fs = std::filesystem;

struct issue_options {
    std::string who;     // agency/oakfield, auditor/jo, …
    std::string request; // CSR file
    std::string make;    // folder for a key, certificate and context made here
    std::string out;     // certificate file
    std::vector<std::string> desks;
    std::vector<std::string> kinds;
    std::vector<std::string> purposes;
    int days = 365;
};

result<certs::identity> identity_from(const std::string& text) {
    static const std::pair<std::string_view, certs::identity_kind> words[] = {
        {"agency", certs::identity_kind::agency},
        {"admin", certs::identity_kind::admin},
        {"auditor", certs::identity_kind::auditor},
        {"monitor", certs::identity_kind::monitor},
    };
    const auto slash = text.find('/');
    for (const auto& [word, kind] : words) {
        if (text.substr(0, slash) == word && slash != std::string::npos) {
            return certs::identity{kind, text.substr(slash + 1)};
        }
    }
    return fail(errc::usage, "name it as agency/ID, admin/ID, auditor/ID or monitor/ID");
}

status fill_rights(const issue_options& o, v1::Certificate& c) {
    for (const auto& d : o.desks) c.add_desks(d);
    for (const auto& k : o.kinds) {
        const auto kind = enum_value(*v1::ConcernKind_descriptor(), "CONCERN_KIND_", k);
        if (!kind) return kind.error();
        c.add_kinds(static_cast<v1::ConcernKind>(*kind));
    }
    for (const auto& x : o.purposes) {
        const auto purpose = enum_value(*v1::Purpose_descriptor(), "PURPOSE_", x);
        if (!purpose) return purpose.error();
        c.add_purposes(static_cast<v1::Purpose>(*purpose));
    }
    return {};
}

// A ready context beside a key made here, so that the next command just works.
status write_context(const context& mine, const fs::path& folder) {
    const std::string text = fmt::format(
        "broker = \"{}:{}\"\nname = \"{}\"\npartnership = \"{}\"\n"
        "certificate = \"client.pem\"\nkey = \"client.key\"\nauthority = \"authority.pem\"\nvkeys "
        "= \"vkeys\"\n",
        mine.host,
        mine.port,
        mine.name,
        mine.partnership
    );
    using certs::existing;
    using certs::reach;
    CAIRN_TRY(certs::write_file(
        folder / "authority.pem", mine.tls.authority_pem, reach::open, existing::replace
    ));
    const auto keys = certs::read_file(mine.vkey_file);
    if (keys) CAIRN_TRY(certs::write_file(folder / "vkeys", *keys, reach::open, existing::replace));
    return certs::write_file(folder / "context.toml", text, reach::open, existing::replace);
}

struct issued {
    std::string pem;
    certs::certificate_facts facts;
};

result<std::string>
request_text(const issue_options& o, const certs::identity& who, const context& mine) {
    if (!o.request.empty()) return read_input(o.request);
    auto made = certs::make_request(who, mine.partnership);
    if (!made) return made.error();
    CAIRN_TRY(certs::make_private_folder(o.make));
    CAIRN_TRY(certs::write_file(
        fs::path(o.make) / "client.key", made->key_pem, certs::reach::secret, certs::existing::keep
    ));
    return std::move(made->request_pem);
}

result<issued>
issue_certificate(const issue_options& o, const certs::identity& who, const context& mine) {
    auto authority = certs::authority::load(mine.authority_folder);
    if (!authority) return authority.error();
    auto request = request_text(o, who, mine);
    if (!request) return request.error();
    certs::certificate_order order;
    order.request_pem = *request;
    order.who = who;
    const wall_time now = std::chrono::floor<std::chrono::seconds>(system_clock().wall_now());
    order.valid = {now - std::chrono::minutes(10), now + std::chrono::days(o.days)};
    auto pem = authority->issue(order, system_random());
    if (!pem) return pem.error();
    auto facts = certs::parse_certificate(*pem);
    if (!facts) return facts.error();
    return issued{std::move(*pem), std::move(*facts)};
}

void issue(program& p, const issue_options& o) {
    if (o.request.empty() == o.make.empty()) {
        return p.stop_with(fail(
            errc::usage, "give either --csr FILE (the key stays with its agency) or --make FOLDER"
        ));
    }
    const auto mine = p.load_context();
    if (!mine) return p.stop_with(mine.error());
    const auto who = identity_from(o.who);
    if (!who) return p.stop_with(who.error());
    v1::ApplyRequest request;
    v1::Certificate& c = *request.add_changes()->mutable_certificate();
    if (const status ok = fill_rights(o, c); !ok) return p.stop_with(ok.error());
    const auto made = issue_certificate(o, *who, *mine);
    if (!made) return p.stop_with(made.error());
    c.set_sha256(to_hex(view(made->facts.fingerprint)));
    c.set_uri(made->facts.uris.front());
    if (who->kind == certs::identity_kind::agency) c.set_agency(who->id);
    c.set_not_after_us(to_us(made->facts.not_after));
    const auto done = p.call<v1::ApplyResponse>("/cairn.v1.Admin/Apply", request);
    if (!done) return p.stop_with(done.error());
    const std::string out =
        o.make.empty() ? (o.out.empty() ? who->id + ".pem" : o.out) : o.make + "/client.pem";
    status written =
        certs::write_file(out, made->pem, certs::reach::open, certs::existing::replace);
    if (written && !o.make.empty()) written = write_context(*mine, o.make);
    if (!written) return p.stop_with(written.error());
    if (p.json) return p.print_json(c);
    fmt::print(
        "Certificate of {} is in {}, pinned in the registry, valid until {}.\n",
        o.who,
        out,
        day_text(c.not_after_us())
    );
    if (!o.make.empty()) fmt::print("  use it: cairn --context {}/context.toml …\n", o.make);
}

result<v1::Certificate> find_certificate(program& p, const std::string& prefix) {
    auto state =
        p.call<v1::RegistryState>("/cairn.v1.Admin/ListRegistry", v1::ListRegistryRequest{});
    if (!state) return state.error();
    const v1::Certificate* found = nullptr;
    for (const auto& c : state->certificates()) {
        if (c.sha256().rfind(prefix, 0) != 0) continue;
        if (found != nullptr) return fail(errc::bad_value, "more than one certificate begins so");
        found = &c;
    }
    if (found == nullptr || prefix.size() < 8)
        return fail(errc::not_found, "certificate; give at least 8 digits of its SHA-256");
    return *found;
}

void revoke(program& p, const std::string& prefix, const std::string& reason) {
    auto c = find_certificate(p, prefix);
    if (!c) return p.stop_with(c.error());
    v1::ApplyRequest request;
    *request.add_changes()->mutable_certificate() = *c;
    request.mutable_changes(0)->mutable_certificate()->set_revoked(true);
    request.mutable_changes(0)->mutable_certificate()->set_revoked_because(reason);
    request.mutable_changes(0)->set_reason(reason);
    const auto done = p.call<v1::ApplyResponse>("/cairn.v1.Admin/Apply", request);
    if (!done) return p.stop_with(done.error());
    if (p.json) return p.print_json(*done);
    fmt::print(
        "Revoked {}; its live sessions are cut (registry epoch {}).\n",
        c->sha256().substr(0, 16),
        done->epoch()
    );
}

// A new certificate with the rights of an old one, which stays good until it is revoked or expires.
void renew(program& p, const std::string& prefix, issue_options o) {
    const auto old = find_certificate(p, prefix);
    if (!old) return p.stop_with(old.error());
    const auto tail = old->uri().find("/", std::string("spiffe://").size());
    o.who = old->uri().substr(tail + 1);
    o.desks.assign(old->desks().begin(), old->desks().end());
    for (const int k : old->kinds())
        o.kinds.push_back(enum_word(*v1::ConcernKind_descriptor(), "CONCERN_KIND_", k));
    for (const int x : old->purposes())
        o.purposes.push_back(enum_word(*v1::Purpose_descriptor(), "PURPOSE_", x));
    issue(p, o);
}

void list(program& p) {
    const auto state =
        p.call<v1::RegistryState>("/cairn.v1.Admin/ListRegistry", v1::ListRegistryRequest{});
    if (!state) return p.stop_with(state.error());
    if (p.json) return p.print_json(*state);
    std::vector<std::vector<std::string>> rows;
    for (const auto& c : state->certificates()) {
        std::string desks;
        for (const auto& d : c.desks()) desks += (desks.empty() ? "" : " ") + d;
        rows.push_back(
            {c.sha256().substr(0, 16),
             c.revoked() ? "revoked" : "good",
             day_text(c.not_after_us()),
             c.uri(),
             desks}
        );
    }
    print_table({"SHA-256", "STATE", "UNTIL", "NAME", "DESKS"}, rows);
}

void issue_flags(CLI::App& c, issue_options& o) {
    c.add_option("--csr", o.request, "certificate request (PEM); the key stays where it was made");
    c.add_option("--make", o.make, "make key, certificate and context here, in a new folder");
    c.add_option("--out", o.out, "file for the certificate when --csr is given");
    c.add_option("--days", o.days, "validity")->check(CLI::Range(1, 3650))->capture_default_str();
}

} // namespace

void add_certificates(CLI::App& app, program& p) {
    auto* cert =
        app.add_subcommand("cert", "certificates and what they may do")->require_subcommand(1);
    auto o = std::make_shared<issue_options>();
    auto* c = cert->add_subcommand(
        "issue", "issue and pin a certificate; it may do nothing but what is listed"
    );
    c->add_option("WHO", o->who, "agency/ID, admin/ID, auditor/ID or monitor/ID")->required();
    issue_flags(*c, *o);
    c->add_option("--desk", o->desks, "desk it may receive for; repeat for more");
    c->add_option("--kind", o->kinds, "kind of concern it may send; repeat for more");
    c->add_option("--purpose", o->purposes, "purpose it may state; repeat for more");
    c->callback([o, &p] { issue(p, *o); });

    auto prefix = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    auto* r =
        cert->add_subcommand("revoke", "refuse a certificate from now on and cut its sessions");
    r->add_option("SHA256", *prefix, "first digits of its SHA-256, see cert list")->required();
    r->add_option("--reason", *reason, "why, for the log")->required();
    r->callback([prefix, reason, &p] { revoke(p, *prefix, *reason); });
    auto* n = cert->add_subcommand("renew", "a new certificate with the rights of an old one");
    n->add_option("SHA256", *prefix, "first digits of the old one's SHA-256")->required();
    issue_flags(*n, *o);
    n->callback([prefix, o, &p] { renew(p, *prefix, *o); });
    cert->add_subcommand("list", "all certificates")->callback([&p] { list(p); });
}

} // namespace cairn::cli

// cairn cert: issue, renew, revoke, list, crl. The authority's folder is read here, on the admin's
// machine, for one command; the broker only learns the pin.
#include "apps/cairn/issue.hpp"
#include "apps/cairn/names.hpp"
#include "apps/cairn/registry_calls.hpp"

#include "certs/authority.hpp"
#include "certs/files.hpp"
#include "certs/parse.hpp"
#include "core/system.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;
namespace fs = std::filesystem;

result<v1::Certificate> find_certificate(program& p, const std::string& prefix) {
    auto state = registry_of(p);
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

// The broker's own certificate is in no registry: its names are those of the old file.
status like_server(const context& mine, const std::string& old_file, issue_options& o) {
    const auto pem = certs::read_file(old_file);
    if (!pem) return pem.error();
    const auto facts = certs::parse_certificate(*pem);
    if (!facts) return facts.error();
    const auto who = certs::identity_of(*facts, mine.partnership);
    if (!who) return who.error();
    if (who->kind != certs::identity_kind::server) {
        return fail(errc::usage, old_file + ": not a broker's; name others by their SHA-256");
    }
    o.who = "server/" + who->id;
    o.dns_names = facts->dns_names;
    o.ip_addresses = facts->ip_addresses;
    return {};
}

// A new certificate with the rights of an old one, which stays good until it is revoked or expires.
void renew(program& p, const std::string& which, issue_options o) {
    std::error_code ec;
    if (fs::is_regular_file(which, ec)) {
        const auto mine = p.load_context();
        if (!mine) return p.stop_with(mine.error());
        if (const status ok = like_server(*mine, which, o); !ok) return p.stop_with(ok.error());
        return issue(p, o);
    }
    const auto old = find_certificate(p, which);
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

struct crl_options {
    std::string out;
    int days = 30;
};

// Serials of the registry's revoked certificates, from the authority's own copies of what it
// issued; `missing` counts those it has no copy of.
result<std::vector<certs::revocation>>
revoked_serials(program& p, const context& mine, wall_time now, std::size_t& missing) {
    const auto state = registry_of(p);
    if (!state) return state.error();
    std::vector<certs::revocation> out;
    for (const auto& c : state->certificates()) {
        if (!c.revoked()) continue;
        const auto pem = certs::read_file(issued_copy(mine.authority_folder, c.sha256()));
        const auto facts =
            pem ? certs::parse_certificate(*pem) : result<certs::certificate_facts>(pem.error());
        if (facts && to_hex(view(facts->fingerprint)) == c.sha256()) {
            out.push_back({facts->serial_hex, now});
        } else {
            ++missing;
        }
    }
    return out;
}

void make_crl(program& p, const crl_options& o) {
    const auto mine = p.load_context();
    if (!mine) return p.stop_with(mine.error());
    const auto authority = certs::authority::load(mine->authority_folder);
    if (!authority) return p.stop_with(authority.error());
    const wall_time now = std::chrono::floor<std::chrono::seconds>(system_clock().wall_now());
    std::size_t missing = 0;
    const auto revoked = revoked_serials(p, *mine, now, missing);
    if (!revoked) return p.stop_with(revoked.error());
    certs::crl_order order;
    order.revoked = *revoked;
    // Seconds grow from list to list without a file that remembers the last number.
    order.number = static_cast<std::uint64_t>(to_us(now) / 1'000'000);
    order.this_update = now - std::chrono::minutes(10);
    order.next_update = now + std::chrono::days(o.days);
    const auto pem = authority->make_crl(order);
    if (!pem) return p.stop_with(pem.error());
    const status written =
        certs::write_file(o.out, *pem, certs::reach::open, certs::existing::replace);
    if (!written) return p.stop_with(written.error());
    const std::string until = time_text(to_us(order.next_update));
    if (p.json) {
        return p.print_json(nlohmann::ordered_json{
            {"file", o.out},
            {"revoked", revoked->size()},
            {"notInTheList", missing},
            {"nextUpdate", until}});
    }
    fmt::print("{} revoked certificates are listed in {}.\n", revoked->size(), o.out);
    if (missing != 0) {
        fmt::print(
            "  {} more are not in it: the authority has no copy; their pins are refused\n", missing
        );
    }
    fmt::print(
        "  put it where cairnd.toml's tls.crl points, and make the next before {}:\n", until
    );
    fmt::print("  with a list out of date the broker lets nobody in\n");
}

// Whether a successor was asked for, waits for the authority, or is there.
std::string renewal_text(const v1::RegistryState& state, const v1::Certificate& c) {
    for (const auto& r : state.renewals()) {
        if (r.certificate_sha256() != c.sha256()) continue;
        if (!r.refused_because().empty()) return "refused";
        return r.successor_sha256().empty() ? "asked " + day_text(r.asked_us()) : "signed";
    }
    return c.replaces().empty() ? "-" : "renewed";
}

void list(program& p) {
    const auto state = registry_of(p);
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
             renewal_text(*state, c),
             c.uri(),
             desks}
        );
    }
    print_table({"SHA-256", "STATE", "UNTIL", "RENEWAL", "NAME", "DESKS"}, rows);
}

void issue_flags(CLI::App& c, issue_options& o) {
    c.add_option("--csr", o.request, "certificate request (PEM); the key stays where it was made");
    c.add_option("--make", o.make, "make key, certificate and context here, in a new folder");
    c.add_option("--out", o.out, "file for the certificate when --csr is given");
    c.add_option("--dns-name", o.dns_names, "of server/ID: name clients know the broker by");
    c.add_option("--ip", o.ip_addresses, "of server/ID: address clients know the broker by");
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
    c->add_option(
         "WHO", o->who, "agency/ID, admin/ID, auditor/ID, monitor/ID; server/ID for the broker"
    )
        ->required();
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
    n->add_option(
         "OLD", *prefix, "first digits of the old one's SHA-256; the broker's own: its file"
    )
        ->required();
    issue_flags(*n, *o);
    n->callback([prefix, o, &p] { renew(p, *prefix, *o); });
    cert->add_subcommand("list", "all certificates")->callback([&p] { list(p); });
    auto crl = std::make_shared<crl_options>();
    auto* l = cert->add_subcommand("crl", "the list of revoked certificates for cairnd's tls.crl");
    l->add_option("--out", crl->out, "file to write")->required();
    l->add_option("--days", crl->days, "until the next list is due")
        ->check(CLI::Range(1, 365))
        ->capture_default_str();
    l->callback([crl, &p] { make_crl(p, *crl); });
}

} // namespace cairn::cli

// cairn renewals: successors that agencies ask for, signed where the authority is. Run by a timer.
//
// The broker passes the requests on and is not believed: each is signed by the key of the
// certificate it is to replace, and compared with the authority's own copy of that certificate.
#include "apps/cairn/issue.hpp"
#include "apps/cairn/registry_calls.hpp"

#include "certs/authority.hpp"
#include "certs/files.hpp"
#include "certs/parse.hpp"
#include "certs/request.hpp"
#include "core/system.hpp"
#include "registry/enrol.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;
using namespace std::chrono_literals;

std::string standing(const v1::Renewal& row) {
    if (!row.refused_because().empty()) return "refused";
    return row.successor_sha256().empty() ? "waits" : "signed";
}

void list(program& p, const v1::RegistryState& state) {
    if (p.json) return p.print_json(state);
    std::vector<std::vector<std::string>> rows;
    for (const auto& r : state.renewals()) {
        for (const auto& c : state.certificates()) {
            if (c.sha256() != r.certificate_sha256()) continue;
            rows.push_back(
                {c.sha256().substr(0, 16),
                 c.uri(),
                 standing(r),
                 time_text(r.asked_us()),
                 day_text(c.not_after_us())}
            );
        }
    }
    print_table({"SHA-256", "NAME", "RENEWAL", "ASKED", "ENDS"}, rows);
}

struct predecessor {
    certs::identity who;
    std::chrono::seconds life{};
};

// What the authority itself knows of the certificate to be replaced, and that its key asked.
result<predecessor>
check_asked(const certs::authority& authority, const std::string& folder, const v1::Renewal& row) {
    const auto pem = certs::read_file(issued_copy(folder, row.certificate_sha256()));
    if (!pem) return fail(errc::not_found, "renewal: the authority has no copy of the old one");
    const auto facts = certs::parse_certificate(*pem);
    if (!facts) return facts.error();
    if (to_hex(view(facts->fingerprint)) != row.certificate_sha256()) {
        return fail(errc::rights_differ, "renewal: the authority's copy is of another");
    }
    const auto who = certs::identity_of(*facts, authority.partnership());
    if (!who) return who.error();
    if (who->kind != certs::identity_kind::agency) {
        return fail(errc::rights_differ, "renewal: not an agency's certificate");
    }
    const auto uri = certs::uri_of(*who, authority.partnership());
    if (!uri) return uri.error();
    if (const auto key = certs::key_asked_for(row.request_pem(), *uri); !key) return key.error();
    const auto same = certs::same_key(*pem, row.request_pem());
    if (!same) return same.error();
    if (*same) return fail(errc::request_invalid, "renewal: the old key again");
    CAIRN_TRY(certs::check_text(*pem, certs::renewal_text(row.request_pem()), row.signature()));
    return predecessor{
        *who,
        std::chrono::duration_cast<std::chrono::seconds>(facts->not_after - facts->not_before)};
}

result<std::string>
sign(const certs::authority& authority, const std::string& folder, const v1::Renewal& row) {
    const auto old = check_asked(authority, folder, row);
    if (!old) return old.error();
    return sign_request(authority, folder, row.request_pem(), old->who, old->life);
}

// What cannot be what an agency asked is refused with its reason; what fails here is tried again.
bool is_forged(errc code) {
    return code == errc::signature_invalid || code == errc::request_invalid ||
           code == errc::rights_differ || code == errc::not_found;
}

// Empty: signed.
std::string settle(
    program& p, const certs::authority& authority, const std::string& folder, const v1::Renewal& row
) {
    const auto made = sign(authority, folder, row);
    if (made) {
        v1::DeliverRequest request;
        request.set_renewal(row.certificate_sha256());
        request.set_certificate_pem(*made);
        const auto done = p.call<v1::ApplyResponse>("/cairn.v1.Admin/Deliver", request);
        return done ? std::string() : done.error().public_text();
    }
    if (is_forged(made.error().code)) {
        v1::RefuseRequest request;
        request.set_renewal(row.certificate_sha256());
        request.set_because(made.error().public_text());
        const auto done = p.call<v1::ApplyResponse>("/cairn.v1.Admin/Refuse", request);
        if (!done) return done.error().public_text();
    }
    return made.error().public_text();
}

void sign_all(program& p, const std::string& folder, const v1::RegistryState& state) {
    const auto authority = certs::authority::load(folder);
    if (!authority) return p.stop_with(authority.error());
    nlohmann::ordered_json out = nlohmann::ordered_json::array();
    for (const auto& row : state.renewals()) {
        if (standing(row) != "waits") continue;
        const std::string why = settle(p, *authority, folder, row);
        if (!why.empty()) p.code = apps::exit_code::bad_data;
        const std::string pin = row.certificate_sha256().substr(0, 16);
        out.push_back({{"sha256", pin}, {"signed", why.empty()}, {"why", why}});
        if (!p.json) fmt::print("{}: {}\n", pin, why.empty() ? "signed" : "not signed: " + why);
    }
    if (p.json) return p.print_json(out);
    if (out.empty()) fmt::print("Nothing waits.\n");
}

void renewals(program& p, const std::string& authority) {
    const auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    if (authority.empty()) return list(p, *state);
    sign_all(p, authority, *state);
}

} // namespace

void add_renewals(CLI::App& app, program& p) {
    auto authority = std::make_shared<std::string>();
    auto* c = app.add_subcommand(
        "renewals", "certificates that agencies ask to have renewed; sign what is in order"
    );
    c->add_option("--authority", *authority, "folder of the authority; none: list them");
    c->callback([authority, &p] { renewals(p, *authority); });
}

} // namespace cairn::cli

#include "apps/cairn/issue.hpp"

#include "apps/cairn/invitation.hpp"
#include "apps/cairn/names.hpp"
#include "certs/authority.hpp"
#include "certs/files.hpp"
#include "certs/parse.hpp"
#include "core/system.hpp"

#include "cairn/v1/admin.pb.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;
namespace fs = std::filesystem;
using certs::existing;
using certs::reach;

result<certs::identity> identity_from(const std::string& text) {
    static const std::pair<std::string_view, certs::identity_kind> words[] = {
        {"agency", certs::identity_kind::agency},
        {"admin", certs::identity_kind::admin},
        {"auditor", certs::identity_kind::auditor},
        {"monitor", certs::identity_kind::monitor},
        {"server", certs::identity_kind::server},
    };
    const auto slash = text.find('/');
    for (const auto& [word, kind] : words) {
        if (text.substr(0, slash) == word && slash != std::string::npos) {
            return certs::identity{kind, text.substr(slash + 1)};
        }
    }
    return fail(errc::usage, "name it as agency/ID, admin/ID, auditor/ID, monitor/ID or server/ID");
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

} // namespace

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
    CAIRN_TRY(certs::write_file(
        folder / "authority.pem", mine.tls.authority_pem, reach::open, existing::replace
    ));
    const auto keys = certs::read_file(mine.vkey_file);
    if (keys) CAIRN_TRY(certs::write_file(folder / "vkeys", *keys, reach::open, existing::replace));
    return certs::write_file(folder / "context.toml", text, reach::open, existing::replace);
}

namespace {

struct issued {
    std::string pem;
    certs::certificate_facts facts;
};

// Where the certificate goes, and where it waits until the broker knows its pin.
struct places {
    fs::path out;
    fs::path pending;
    fs::path key; // empty: the key is somewhere else
    // Of that key; empty: made here.
    std::string request_pem;
};

places places_of(const issue_options& o, const certs::identity& who) {
    places out;
    if (!o.make.empty()) {
        const std::string stem = who.kind == certs::identity_kind::server ? "server" : "client";
        out.out = fs::path(o.make) / (stem + ".pem");
        out.key = fs::path(o.make) / (stem + ".key");
    } else {
        out.out = o.out.empty() ? who.id + ".pem" : o.out;
    }
    out.pending = out.out.string() + ".pending";
    return out;
}

bool is_of_our_key(const places& at, const std::string& pem) {
    if (!at.key.empty()) return certs::read_secret(at.key).has_value();
    const auto same = certs::same_key(pem, at.request_pem);
    return same && *same;
}

// What an earlier run issued for the same name and key and could not register, or did and was not
// told: another certificate would be one more to lose.
std::optional<issued>
left_pending(const places& at, const certs::identity& who, const context& mine) {
    auto pem = certs::read_file(at.pending);
    if (!pem || !is_of_our_key(at, *pem)) return std::nullopt;
    auto facts = certs::parse_certificate(*pem);
    if (!facts) return std::nullopt;
    const auto named = certs::identity_of(*facts, mine.partnership);
    if (!named || !(*named == who)) return std::nullopt;
    return issued{std::move(*pem), std::move(*facts)};
}

result<issued> sign_request(
    const issue_options& o,
    const certs::identity& who,
    const certs::authority& authority,
    std::string request
) {
    certs::certificate_order order;
    order.request_pem = std::move(request);
    order.who = who;
    order.dns_names = o.dns_names;
    order.ip_addresses = o.ip_addresses;
    const wall_time now = std::chrono::floor<std::chrono::seconds>(system_clock().wall_now());
    order.valid = {now - std::chrono::minutes(10), now + std::chrono::days(o.days)};
    auto pem = authority.issue(order, system_random());
    if (!pem) return pem.error();
    auto facts = certs::parse_certificate(*pem);
    if (!facts) return facts.error();
    return issued{std::move(*pem), std::move(*facts)};
}

// Made and written under its pending name, with the key where it was made here.
result<issued> make_pending(
    const issue_options& o, const certs::identity& who, const context& mine, const places& at
) {
    const auto authority = certs::authority::load(mine.authority_folder);
    if (!authority) return authority.error();
    certs::key_and_request made;
    made.request_pem = at.request_pem;
    if (!at.key.empty()) {
        auto fresh = certs::make_request(who, mine.partnership);
        if (!fresh) return fresh.error();
        made = std::move(*fresh);
    }
    auto out = sign_request(o, who, *authority, made.request_pem);
    if (!out) return out.error();
    const std::string pin = to_hex(view(out->facts.fingerprint));
    CAIRN_TRY(keep_issued(mine.authority_folder, out->pem, pin));
    if (!at.key.empty()) {
        CAIRN_TRY(certs::make_private_folder(o.make));
        CAIRN_TRY(certs::write_file(at.key, made.key_pem, reach::secret, existing::keep));
    }
    CAIRN_TRY(certs::write_file(at.pending, out->pem, reach::open, existing::replace));
    return out;
}

status give_name(const places& at) {
    std::error_code ec;
    fs::rename(at.pending, at.out, ec);
    if (ec) return fail(errc::file_unwritable, at.out.string(), ec.message());
    return {};
}

// In no registry: clients know a broker by its name and the authority.
void finish_server(program& p, const issue_options& o, const issued& made, const places& at) {
    if (const status named = give_name(at); !named) return p.stop_with(named.error());
    const std::string until = day_text(to_us(made.facts.not_after));
    if (p.json) {
        return p.print_json(nlohmann::ordered_json{
            {"sha256", to_hex(view(made.facts.fingerprint))},
            {"file", at.out.string()},
            {"notAfter", until}});
    }
    fmt::print("Certificate of {} is in {}, valid until {}.\n", o.who, at.out.string(), until);
    fmt::print(
        "  put it and its key where cairnd.toml's tls part points, then send SIGHUP to cairnd\n"
    );
}

void finish_client(
    program& p,
    const issue_options& o,
    v1::ApplyRequest request,
    const context& mine,
    const places& at
) {
    const auto done = p.call<v1::ApplyResponse>("/cairn.v1.Admin/Apply", request);
    if (!done) return p.stop_with(done.error());
    context theirs = mine;
    theirs.host = host_for_others(mine.host, mine.name);
    status written = o.make.empty() ? status{} : write_context(theirs, o.make);
    if (written) written = give_name(at);
    if (!written) return p.stop_with(written.error());
    const v1::Certificate& c = request.changes(0).certificate();
    if (p.json) return p.print_json(c);
    fmt::print(
        "Certificate of {} is in {}, pinned in the registry, valid until {}.\n",
        o.who,
        at.out.string(),
        day_text(c.not_after_us())
    );
    if (!o.make.empty()) fmt::print("  use it: cairn --context {}/context.toml …\n", o.make);
}

} // namespace

result<std::string> sign_request(
    const certs::authority& authority,
    const fs::path& folder,
    const std::string& request,
    const certs::identity& who,
    std::chrono::seconds life
) {
    const wall_time from = std::chrono::floor<std::chrono::seconds>(system_clock().wall_now()) -
                           std::chrono::minutes(10);
    certs::certificate_order order;
    order.request_pem = request;
    order.who = who;
    order.valid = {from, from + life};
    auto pem = authority.issue(order, system_random());
    if (!pem) return pem.error();
    const auto facts = certs::parse_certificate(*pem);
    if (!facts) return facts.error();
    CAIRN_TRY(keep_issued(folder, *pem, to_hex(view(facts->fingerprint))));
    return pem;
}

status keep_issued(const fs::path& authority, const std::string& pem, const std::string& sha256) {
    const fs::path copy = issued_copy(authority, sha256);
    CAIRN_TRY(certs::make_private_folder(copy.parent_path()));
    return certs::write_file(copy, pem, reach::open, existing::replace);
}

fs::path issued_copy(const fs::path& authority, const std::string& sha256) {
    return authority / "issued" / (sha256 + ".pem");
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
    places at = places_of(o, *who);
    if (at.key.empty()) {
        auto text = read_input(o.request);
        if (!text) return p.stop_with(text.error());
        at.request_pem = std::move(*text);
    }
    const auto left = left_pending(at, *who, *mine);
    const auto made = left ? result<issued>(*left) : make_pending(o, *who, *mine, at);
    if (!made) return p.stop_with(made.error());
    if (who->kind == certs::identity_kind::server) return finish_server(p, o, *made, at);
    c.set_sha256(to_hex(view(made->facts.fingerprint)));
    c.set_uri(made->facts.uris.front());
    if (who->kind == certs::identity_kind::agency) c.set_agency(who->id);
    c.set_not_before_us(to_us(made->facts.not_before));
    c.set_not_after_us(to_us(made->facts.not_after));
    finish_client(p, o, std::move(request), *mine, at);
}

} // namespace cairn::cli

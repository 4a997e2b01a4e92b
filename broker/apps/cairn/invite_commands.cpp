// cairn agency invite: an agency, its desks and an invitation, in one change.
#include "apps/cairn/invitation.hpp"
#include "apps/cairn/issue.hpp"
#include "apps/cairn/names.hpp"
#include "apps/cairn/registry_calls.hpp"

#include "certs/authority.hpp"
#include "certs/files.hpp"
#include "certs/parse.hpp"
#include "core/system.hpp"
#include "registry/enrol.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

// The certificate outlives the invitation, so that whoever comes late is told why.
constexpr auto late_reading = 14 * 24h;

struct invite_options {
    std::string id;
    std::string kind;
    std::string name;
    std::vector<std::string> codes;
    std::vector<std::string> desks;
    std::string ask;
    std::vector<std::string> kinds;
    std::vector<std::string> purposes;
    std::string lasts = "72h";
    std::string authority;
    std::string out;
};

// "72h", "3d"
result<std::chrono::hours> span_of(const std::string& text) {
    int n = 0;
    char unit = 0;
    char more = 0;
    const bool read = std::sscanf(text.c_str(), "%d%c%c", &n, &unit, &more) == 2;
    if (!read || n < 1 || (unit != 'h' && unit != 'd') || n > (unit == 'h' ? 24 * 90 : 90)) {
        return fail(errc::usage, "--for: hours or days, 1h to 90d, for example 72h");
    }
    return std::chrono::hours(unit == 'h' ? n : 24 * n);
}

status fill_agency(const invite_options& o, const v1::RegistryState& state, v1::Agency& a) {
    if (const auto* old = row_of(state.agencies(), o.id)) {
        if (old->stage() != v1::AGENCY_STAGE_INVITED) {
            return fail(errc::enrolment_step, "agency " + o.id + ": it is not to be invited");
        }
        a = *old;
        return {};
    }
    if (o.kind.empty() || o.name.empty()) {
        return fail(errc::usage, "a new agency needs --kind and --name");
    }
    const auto kind = enum_value(*v1::AgencyKind_descriptor(), "AGENCY_KIND_", o.kind);
    if (!kind) return kind.error();
    a.set_id(o.id);
    a.set_name(o.name);
    a.set_kind(static_cast<v1::AgencyKind>(*kind));
    for (const auto& code : o.codes) a.add_organisation_codes(code);
    a.set_stage(v1::AGENCY_STAGE_INVITED);
    return {};
}

status fill_grants(const invite_options& o, v1::Enrolment& e) {
    for (const auto& d : o.desks) e.add_desks(d);
    // Without these two no agency could be tested, nor answer for what it receives.
    e.add_kinds(v1::CONCERN_KIND_NOTIFICATION);
    e.add_kinds(v1::CONCERN_KIND_ACKNOWLEDGEMENT);
    for (const auto& k : o.kinds) {
        const auto kind = enum_value(*v1::ConcernKind_descriptor(), "CONCERN_KIND_", k);
        if (!kind) return kind.error();
        const auto value = static_cast<v1::ConcernKind>(*kind);
        if (value != v1::CONCERN_KIND_NOTIFICATION && value != v1::CONCERN_KIND_ACKNOWLEDGEMENT)
            e.add_kinds(value);
    }
    for (const auto& x : o.purposes) {
        const auto purpose = enum_value(*v1::Purpose_descriptor(), "PURPOSE_", x);
        if (!purpose) return purpose.error();
        e.add_purposes(static_cast<v1::Purpose>(*purpose));
    }
    return {};
}

// oakfield-1, oakfield-2, …
std::string next_id(const v1::RegistryState& state, const std::string& agency) {
    const std::string stem = agency.substr(0, 35);
    for (int n = 1;; ++n) {
        std::string id = stem + "-" + std::to_string(n);
        if (registry::find_enrolment(state, id) == nullptr) return id;
    }
}

// Key and certificate of the invitation, by the authority.
status
make_certificate(const fs::path& folder, wall_time until, invitation& i, v1::Certificate& row) {
    const auto authority = certs::authority::load(folder);
    if (!authority) return authority.error();
    const certs::identity who{certs::identity_kind::invite, i.id};
    auto made = certs::make_request(who, i.partnership);
    if (!made) return made.error();
    const wall_time now = std::chrono::floor<std::chrono::seconds>(system_clock().wall_now());
    const certs::certificate_order order{
        .request_pem = made->request_pem, .who = who, .valid = {now - 10min, until + late_reading}};
    auto pem = authority->issue(order, system_random());
    if (!pem) return pem.error();
    const auto facts = certs::parse_certificate(*pem);
    if (!facts) return facts.error();
    row.set_sha256(to_hex(view(facts->fingerprint)));
    row.set_uri(facts->uris.front());
    row.set_not_before_us(to_us(facts->not_before));
    row.set_not_after_us(to_us(facts->not_after));
    i.certificate_pem = std::move(*pem);
    i.key_pem = std::move(made->key_pem);
    i.authority_pem = authority->certificate_pem();
    return keep_issued(folder, i.certificate_pem, row.sha256());
}

struct prepared_invitation {
    invitation file;
    v1::ApplyRequest request;
};

result<prepared_invitation>
prepare(const invite_options& o, const context& mine, const v1::RegistryState& state) {
    const auto lasts = span_of(o.lasts);
    if (!lasts) return lasts.error();
    const wall_time now = std::chrono::floor<std::chrono::seconds>(system_clock().wall_now());
    const wall_time until = now + *lasts;
    prepared_invitation out;
    CAIRN_TRY(fill_agency(o, state, *out.request.add_changes()->mutable_agency()));
    for (const auto& id : o.desks) {
        if (row_of(state.desks(), id) != nullptr) continue;
        v1::Desk& d = *out.request.add_changes()->mutable_desk();
        d.set_id(id);
        d.set_ask(o.ask);
    }
    v1::Enrolment e;
    e.set_id(next_id(state, o.id));
    e.set_agency(o.id);
    CAIRN_TRY(fill_grants(o, e));
    e.set_until_us(to_us(until));
    e.set_step(v1::ENROLMENT_STEP_INVITED);
    out.file.id = e.id();
    out.file.partnership = mine.partnership;
    out.file.agency = o.id;
    out.file.desks = o.desks;
    out.file.broker = host_for_others(mine.host, mine.name) + ":" + std::to_string(mine.port);
    out.file.name = mine.name;
    out.file.until = time_text(to_us(until));
    const auto vkeys = certs::read_file(mine.vkey_file);
    if (!vkeys) return vkeys.error();
    out.file.vkeys = *vkeys;
    v1::Certificate& c = *out.request.add_changes()->mutable_certificate();
    const std::string folder = o.authority.empty() ? mine.authority_folder : o.authority;
    CAIRN_TRY(make_certificate(folder, until, out.file, c));
    e.set_invitation_sha256(c.sha256());
    *out.request.add_changes()->mutable_enrolment() = e;
    return out;
}

void invite(program& p, const invite_options& o) {
    const auto mine = p.load_context();
    if (!mine) return p.stop_with(mine.error());
    const auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    const auto made = prepare(o, *mine, *state);
    if (!made) return p.stop_with(made.error());
    const std::string file = o.out.empty() ? made->file.id + ".invitation" : o.out;
    if (const status ok = certs::write_file(
            file, to_text(made->file), certs::reach::secret, certs::existing::keep
        );
        !ok) {
        return p.stop_with(ok.error());
    }
    const auto done = p.call<v1::ApplyResponse>("/cairn.v1.Admin/Apply", made->request);
    if (!done) {
        std::error_code ec;
        fs::remove(file, ec);
        return p.stop_with(done.error());
    }
    if (p.json) {
        return p.print_json(nlohmann::ordered_json{
            {"enrolment", made->file.id}, {"file", file}, {"until", made->file.until}});
    }
    fmt::print(
        "{} is invited as {}; nothing can be sent to it or by it yet.\n"
        "  give it {} by a safe way: whoever has the file can ask in its name, once, until {}\n"
        "  it runs:  cairn enrol {} FOLDER\n"
        "  then it reads a fingerprint to you by telephone:  cairn approve\n",
        o.id,
        made->file.id,
        file,
        made->file.until,
        fs::path(file).filename().string()
    );
}

} // namespace

void add_invite(CLI::App& agency, program& p) {
    auto o = std::make_shared<invite_options>();
    auto* c = agency.add_subcommand(
        "invite", "let an agency enrol itself; two administrators approve it later"
    );
    c->add_option("ID", o->id, "[a-z0-9-]{2,40}")->required();
    c->add_option("--kind", o->kind, "police, health, school, social_care, …");
    c->add_option("--name", o->name, "name for people");
    c->add_option("--code", o->codes, "organisation codes others know it by (URN, ODS, LA)");
    c->add_option("--desk", o->desks, "its desk, agency/role; repeat for more")->required();
    c->add_option("--ask", o->ask, "whom to ask at new desks, in words");
    c->add_option(
        "--send",
        o->kinds,
        "kind of concern it may send beside notification and acknowledgement; repeat for more"
    );
    c->add_option("--purpose", o->purposes, "purpose it may state; repeat for more")->required();
    c->add_option("--for", o->lasts, "how long the invitation is good")->capture_default_str();
    c->add_option("--authority", o->authority, "the authority's folder; else of the context");
    c->add_option("--out", o->out, "file to write; else ID-n.invitation");
    c->callback([o, &p] { invite(p, *o); });
}

} // namespace cairn::cli

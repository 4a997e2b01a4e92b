// cairn approve: what waits, two approvals, refusals, and the authority's signature.
#include "apps/cairn/invitation.hpp"
#include "apps/cairn/issue.hpp"
#include "apps/cairn/registry_calls.hpp"

#include "certs/authority.hpp"
#include "certs/parse.hpp"
#include "core/system.hpp"
#include "registry/enrol.hpp"

#include <CLI/CLI.hpp>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;
using namespace std::chrono_literals;

// The trial certificate is revoked within the run.
constexpr auto probe_life = 30 * 24h;

struct approve_options {
    std::string id;
    std::string fingerprint;
    std::string authority;
    std::string because;
    bool refuse = false;
    bool all = false;
    int days = 365;
};

std::string approvals_text(const v1::Enrolment& row) {
    std::string out;
    for (const auto& a : row.approvals()) out += (out.empty() ? "" : " ") + a.admin();
    return out.empty() ? "-" : out;
}

std::string agency_uri(const context& mine, const v1::Enrolment& row) {
    return "spiffe://" + mine.partnership + "/agency/" + row.agency();
}

void list(program& p, bool all) {
    const auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    if (p.json) return p.print_json(*state);
    std::vector<std::vector<std::string>> rows;
    for (const auto& e : state->enrolments()) {
        const bool over =
            e.step() == v1::ENROLMENT_STEP_LIVE || e.step() == v1::ENROLMENT_STEP_REFUSED;
        if (over && !all) continue;
        rows.push_back(
            {e.id(),
             e.agency(),
             std::string(registry::step_text(e.step())),
             approvals_text(e),
             day_text(e.until_us()),
             e.key_sha256().empty() ? "-" : fingerprint_text(e.key_sha256())}
        );
    }
    print_table({"ENROLMENT", "AGENCY", "STEP", "APPROVED BY", "ASK UNTIL", "FINGERPRINT"}, rows);
    if (rows.empty()) return;
    fmt::print("Ring the agency at a number you know, let it read the fingerprint to you, then\n"
               "  cairn approve ENROLMENT --fingerprint 'WHAT WAS READ TO YOU'\n");
}

// The broker's word is not taken for it: over the requests it holds, and as it was read out.
status compare(const context& mine, const v1::Enrolment& row, const std::string& told) {
    if (row.request_pem().empty()) {
        return fail(
            errc::enrolment_step, "enrolment: it is " + std::string(registry::step_text(row.step()))
        );
    }
    const auto computed =
        key_fingerprint(row.request_pem(), row.probe_request_pem(), agency_uri(mine, row));
    if (!computed) return computed.error();
    if (*computed != row.key_sha256() || !is_fingerprint(told, *computed)) {
        return fail(errc::key_differs, "--fingerprint");
    }
    return {};
}

void deliver(program& p, const approve_options& o, const v1::Enrolment& row) {
    const auto authority = certs::authority::load(o.authority);
    if (!authority) return p.stop_with(authority.error());
    v1::DeliverRequest request;
    request.set_enrolment(row.id());
    const auto life = std::chrono::hours(24 * o.days);
    const certs::identity who{certs::identity_kind::agency, row.agency()};
    const auto made = sign_request(*authority, o.authority, row.request_pem(), who, life);
    if (!made) return p.stop_with(made.error());
    const auto probe =
        sign_request(*authority, o.authority, row.probe_request_pem(), who, probe_life);
    if (!probe) return p.stop_with(probe.error());
    request.set_certificate_pem(*made);
    request.set_probe_pem(*probe);
    const auto done = p.call<v1::ApplyResponse>("/cairn.v1.Admin/Deliver", request);
    if (!done) return p.stop_with(done.error());
    if (p.json) return p.print_json(*done);
    fmt::print(
        "{} has its certificate and is testing; it is live once its run passed (registry epoch "
        "{}).\n",
        row.agency(),
        done->epoch()
    );
}

void say_approved(program& p, const v1::Enrolment& row, std::uint64_t epoch) {
    if (p.json) {
        return p.print_json(row);
    }
    fmt::print(
        "{} is {} (approved by: {}; registry epoch {}).\n",
        row.id(),
        registry::step_text(row.step()),
        approvals_text(row),
        epoch
    );
    if (row.step() == v1::ENROLMENT_STEP_APPROVED) {
        fmt::print(
            "  next, where the authority's key is:  cairn approve {} --fingerprint '{}' "
            "--authority FOLDER\n",
            row.id(),
            fingerprint_text(row.key_sha256())
        );
    } else {
        fmt::print("  a second administrator has to approve it as well\n");
    }
}

void approve(program& p, const approve_options& o) {
    const auto mine = p.load_context();
    if (!mine) return p.stop_with(mine.error());
    auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    const auto* row = registry::find_enrolment(*state, o.id);
    if (row == nullptr) return p.stop_with(fail(errc::not_found, "enrolment " + o.id));
    if (o.fingerprint.empty()) {
        return p.stop_with(fail(
            errc::usage, "give --fingerprint as the agency read it to you, or --refuse --because"
        ));
    }
    if (const status same = compare(*mine, *row, o.fingerprint); !same)
        return p.stop_with(same.error());
    if (row->step() != v1::ENROLMENT_STEP_APPROVED) {
        v1::ApproveRequest request;
        request.set_enrolment(o.id);
        request.set_key_sha256(row->key_sha256());
        const auto done = p.call<v1::ApplyResponse>("/cairn.v1.Admin/Approve", request);
        if (!done) return p.stop_with(done.error());
        state = registry_of(p);
        if (!state) return p.stop_with(state.error());
        row = registry::find_enrolment(*state, o.id);
        if (row == nullptr) return p.stop_with(fail(errc::not_found, "enrolment " + o.id));
        if (row->step() != v1::ENROLMENT_STEP_APPROVED || o.authority.empty())
            return say_approved(p, *row, done->epoch());
    }
    if (o.authority.empty()) {
        return p.stop_with(
            fail(errc::enrolment_step, "enrolment: it is approved; sign it with --authority FOLDER")
        );
    }
    deliver(p, o, *row);
}

void refuse(program& p, const approve_options& o) {
    v1::RefuseRequest request;
    request.set_enrolment(o.id);
    request.set_because(o.because);
    const auto done = p.call<v1::ApplyResponse>("/cairn.v1.Admin/Refuse", request);
    if (!done) return p.stop_with(done.error());
    if (p.json) return p.print_json(*done);
    fmt::print("{} is refused; the agency reads why (registry epoch {}).\n", o.id, done->epoch());
}

} // namespace

void add_approve(CLI::App& app, program& p) {
    auto o = std::make_shared<approve_options>();
    auto* c = app.add_subcommand(
        "approve", "enrolments that wait; approve one, refuse one, or sign an approved one"
    );
    c->add_option("ENROLMENT", o->id, "its id; none: list what waits");
    auto* told =
        c->add_option("--fingerprint", o->fingerprint, "as the agency read it to you by telephone");
    c->add_option("--authority", o->authority, "sign it with the authority in this folder");
    c->add_option("--days", o->days, "validity of the certificate")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
    auto* no = c->add_flag("--refuse", o->refuse, "refuse it")->excludes(told);
    c->add_option("--because", o->because, "why, for the agency to read")->needs(no);
    c->add_flag("--all", o->all, "list those that are over too");
    c->callback([o, &p] {
        if (o->id.empty()) return list(p, o->all);
        o->refuse ? refuse(p, *o) : approve(p, *o);
    });
}

} // namespace cairn::cli

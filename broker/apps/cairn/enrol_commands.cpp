// cairn enrol: an agency makes its keys, asks, waits and fetches. The keys never leave the folder.
//
//   DIR/client.key, client.csr, client.pem, context.toml, authority.pem, vkeys, agent.toml
//   DIR/probe/    the certificate the conformance run has revoked
//   DIR/invite/   the invitation, until the agency is live
#include "apps/cairn/invitation.hpp"
#include "apps/cairn/issue.hpp"

#include "certs/authority.hpp"
#include "certs/files.hpp"
#include "certs/parse.hpp"
#include "certs/verify.hpp"
#include "core/system.hpp"
#include "registry/enrol.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <future>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;
namespace fs = std::filesystem;
using certs::existing;
using certs::reach;

struct enrol_options {
    std::string file;
    std::string folder;
    bool wait = false;
    int patience_h = 72;
    int every_s = 20;
};

// A key made earlier stays: what was asked for with it may be on its way.
result<std::string> request_of(const fs::path& folder, const invitation& i) {
    if (auto before = certs::read_file(folder / "client.csr")) {
        if (const auto key = certs::read_secret(folder / "client.key"); !key) return key.error();
        return before;
    }
    CAIRN_TRY(certs::make_private_folder(folder));
    const auto made = certs::make_request({certs::identity_kind::agency, i.agency}, i.partnership);
    if (!made) return made.error();
    CAIRN_TRY(certs::write_file(folder / "client.key", made->key_pem, reach::secret, existing::keep)
    );
    CAIRN_TRY(
        certs::write_file(folder / "client.csr", made->request_pem, reach::open, existing::keep)
    );
    return made->request_pem;
}

context context_of(const invitation& i) {
    context out;
    const auto colon = i.broker.rfind(':');
    out.host = i.broker.substr(0, colon);
    out.port = static_cast<std::uint16_t>(std::atoi(i.broker.c_str() + colon + 1));
    out.name = i.name;
    out.partnership = i.partnership;
    out.tls.authority_pem = i.authority_pem;
    return out;
}

status write_folder(const fs::path& folder, const invitation& i) {
    CAIRN_TRY(certs::make_private_folder(folder));
    CAIRN_TRY(certs::write_file(folder / "vkeys", i.vkeys, reach::open, existing::replace));
    context c = context_of(i);
    c.vkey_file = folder / "vkeys";
    return write_context(c, folder);
}

status open_invitation(const fs::path& folder, const invitation& i) {
    CAIRN_TRY(write_folder(folder, i));
    CAIRN_TRY(
        certs::write_file(folder / "client.pem", i.certificate_pem, reach::open, existing::replace)
    );
    return certs::write_file(folder / "client.key", i.key_pem, reach::secret, existing::replace);
}

// The broker is not believed: of this key, under this name, by the authority of the invitation.
status check_issued(const std::string& pem, const std::string& request, const invitation& i) {
    const auto facts = certs::parse_certificate(pem);
    if (!facts) return facts.error();
    const auto who = certs::identity_of(*facts, i.partnership);
    if (!who) return who.error();
    const auto same = certs::same_key(pem, request);
    if (!same) return same.error();
    if (!*same || who->kind != certs::identity_kind::agency || who->id != i.agency) {
        return fail(errc::rights_differ, "what the broker gave: of another key or name");
    }
    certs::chain_question question;
    question.certificate_pem = pem;
    question.authority_pem = i.authority_pem;
    question.at = system_clock().wall_now();
    return certs::verify_chain(question);
}

std::string agent_config(const invitation& i) {
    std::string desks;
    for (const auto& d : i.desks) desks += (desks.empty() ? "\"" : ", \"") + d + "\"";
    const context c = context_of(i);
    return fmt::format(
        "[broker]\nhost = \"{}\"\nport = {}\nexpect_name = \"{}\"\n\n"
        "[tls]\ncertificate = \"client.pem\"\nkey = \"client.key\"\nauthority = "
        "\"authority.pem\"\n\n[agent]\nfolder = \"agent\"\ndesks = [{}]\n",
        c.host,
        c.port,
        c.name,
        desks
    );
}

status fetch(const fs::path& folder, const invitation& i, const v1::Enrolment& row) {
    const auto request = certs::read_file(folder / "client.csr");
    if (!request) return request.error();
    const auto probe = certs::read_file(folder / "probe" / "client.csr");
    if (!probe) return probe.error();
    CAIRN_TRY(check_issued(row.certificate_pem(), *request, i));
    CAIRN_TRY(check_issued(row.probe_pem(), *probe, i));
    CAIRN_TRY(write_folder(folder, i));
    CAIRN_TRY(write_folder(folder / "probe", i));
    CAIRN_TRY(certs::write_file(
        folder / "probe" / "client.pem", row.probe_pem(), reach::open, existing::replace
    ));
    const status config =
        certs::write_file(folder / "agent.toml", agent_config(i), reach::open, existing::keep);
    if (!config && config.error().code != errc::file_exists) return config;
    return certs::write_file(
        folder / "client.pem", row.certificate_pem(), reach::open, existing::replace
    );
}

void say_waiting(program& p, const v1::Enrolment& row, const std::string& fingerprint) {
    p.code = apps::exit_code::try_later;
    if (p.json) {
        return p.print_json(nlohmann::ordered_json{
            {"enrolment", row.id()},
            {"step", registry::step_text(row.step())},
            {"fingerprint", fingerprint},
            {"approvals", row.approvals_size()}});
    }
    if (row.step() == v1::ENROLMENT_STEP_APPROVED) {
        fmt::print("{}: approved by two administrators, waits for the authority.\n", row.id());
    } else {
        fmt::print(
            "{}: asked for, {} of 2 administrators approved.\n"
            "  read this to each by telephone:  {}\n",
            row.id(),
            row.approvals_size(),
            fingerprint
        );
    }
    fmt::print("  the same command again tells how it stands; with --wait it waits\n");
    std::fflush(stdout);
}

void say_ready(program& p, const enrol_options& o, const v1::Enrolment& row) {
    p.code = apps::exit_code::ok;
    if (p.json) {
        return p.print_json(nlohmann::ordered_json{
            {"enrolment", row.id()},
            {"step", registry::step_text(row.step())},
            {"context", o.folder + "/context.toml"}});
    }
    fmt::print(
        "{}: your certificate is in {}. It reaches your own desks alone until it is tested.\n"
        "  next:  cairn --context {}/context.toml conform\n",
        row.id(),
        o.folder,
        o.folder
    );
}

// True where there is nothing to wait for.
bool tell(
    program& p,
    const enrol_options& o,
    const invitation& i,
    const v1::Enrolment& row,
    const std::string& fingerprint
) {
    switch (row.step()) {
    case v1::ENROLMENT_STEP_REFUSED:
        p.stop_with(fail(errc::enrolment_refused, row.refused_because()));
        return true;
    case v1::ENROLMENT_STEP_TESTING: {
        const status done = fetch(o.folder, i, row);
        done ? say_ready(p, o, row) : p.stop_with(done.error());
        return true;
    }
    case v1::ENROLMENT_STEP_LIVE:
        p.stop_with(fail(errc::enrolment_step, "the agency is live"));
        return true;
    default:
        say_waiting(p, row, fingerprint);
        return false;
    }
}

void pause(transport::dialer& dialer, duration how_long) {
    std::promise<void> over;
    dialer.post_after(how_long, [&over] { over.set_value(); });
    over.get_future().wait();
}

// Until it is decided or the patience ends. A broker away for a while is waited for.
void wait_for(
    program& p, const enrol_options& o, const invitation& i, const std::string& fingerprint
) {
    const auto end = system_clock().mono_now() + std::chrono::hours(o.patience_h);
    auto before = v1::ENROLMENT_STEP_REQUESTED;
    int approvals = 0;
    while (system_clock().mono_now() < end) {
        pause(p.dial(), std::chrono::seconds(o.every_s));
        program one;
        one.context_path = p.context_path;
        const auto now = one.call<v1::EnrolState>("/cairn.v1.Enrol/State", v1::EnrolStateRequest{});
        if (!now) {
            if (describe(now.error().code).retryable) continue;
            return p.stop_with(now.error());
        }
        const v1::Enrolment& row = now->enrolment();
        if (row.step() == before && row.approvals_size() == approvals) continue;
        before = row.step();
        approvals = row.approvals_size();
        if (tell(p, o, i, row, fingerprint)) return;
    }
}

// The run that passed took the invitation away, and with it the broker's answer to who asks again.
bool is_over(const fs::path& folder) {
    std::error_code ec;
    return fs::exists(folder / "client.pem", ec) && !fs::exists(folder / "probe", ec);
}

void enrol(program& p, const enrol_options& o) {
    const auto i = read_invitation(o.file);
    if (!i) return p.stop_with(i.error());
    const fs::path folder(o.folder);
    if (is_over(folder))
        return p.stop_with(fail(errc::enrolment_step, o.folder + ": its agency is live"));
    v1::EnrolRequest asked;
    auto request = request_of(folder, *i);
    if (!request) return p.stop_with(request.error());
    auto probe = request_of(folder / "probe", *i);
    if (!probe) return p.stop_with(probe.error());
    asked.set_request_pem(*request);
    asked.set_probe_request_pem(*probe);
    const auto fingerprint =
        key_fingerprint(*request, *probe, "spiffe://" + i->partnership + "/agency/" + i->agency);
    if (!fingerprint) return p.stop_with(fingerprint.error());
    const std::string told = fingerprint_text(*fingerprint);
    if (const status ok = open_invitation(folder / "invite", *i); !ok)
        return p.stop_with(ok.error());
    p.context_path = folder / "invite" / "context.toml";
    auto state = p.call<v1::EnrolState>("/cairn.v1.Enrol/Request", asked);
    if (!state && state.error().code == errc::enrolment_refused) {
        // The words are in the row.
        state = p.call<v1::EnrolState>("/cairn.v1.Enrol/State", v1::EnrolStateRequest{});
    }
    if (!state) return p.stop_with(state.error());
    if (tell(p, o, *i, state->enrolment(), told) || !o.wait) return;
    wait_for(p, o, *i, told);
}

} // namespace

void add_enrol(CLI::App& app, program& p) {
    auto o = std::make_shared<enrol_options>();
    auto* c = app.add_subcommand("enrol", "join a partnership by its invitation");
    c->add_option("INVITATION", o->file, "the file the administrator gave you")->required();
    c->add_option("DIR", o->folder, "folder for your keys; again the same one to go on")
        ->required();
    c->add_flag("--wait", o->wait, "wait until it is decided");
    c->add_option("--patience", o->patience_h, "hours to wait")
        ->check(CLI::Range(1, 24 * 90))
        ->capture_default_str();
    c->add_option("--every", o->every_s, "seconds between two looks")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    c->callback([o, &p] { enrol(p, *o); });
}

} // namespace cairn::cli

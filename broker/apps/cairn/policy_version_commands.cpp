// cairn policy activate, status, history: what an administrator does with a text that is signed, on
// the broker's machine, and what the log says of all of them.
#include "apps/cairn/policy_commands.hpp"
#include "certs/files.hpp"
#include "certs/parse.hpp"
#include "core/system.hpp"
#include "daemon/policy_version.hpp"

#include "cairn/v1/admin.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace cairn::cli {
namespace {

struct activate_options {
    std::string file;
    std::string config = "/etc/cairn/broker/cairnd.toml";
    bool yes = false;
    bool dry_run = false;
};

status put(const std::string& path, const std::string& text) {
    return certs::write_file(path, text, certs::reach::open, certs::existing::replace);
}

// The two files of a text. Empty where there is none.
struct pair_of_files {
    std::optional<std::string> text;
    std::optional<std::string> note;
};

pair_of_files files_at(const std::string& path) {
    pair_of_files out;
    if (auto text = daemon::read_file(path)) out.text = std::move(*text);
    if (auto note = daemon::read_file(daemon::note_path(path))) out.note = std::move(*note);
    return out;
}

// One that was not there is not there again.
status put_one(const std::string& path, const std::optional<std::string>& text) {
    if (text) return put(path, *text);
    std::error_code failed;
    std::filesystem::remove(path, failed);
    return failed ? status{fail(errc::file_unwritable, path)} : status{};
}

// The note first: until both are there the broker refuses them, and what decides stays.
status put_files(const std::string& path, const pair_of_files& files) {
    CAIRN_TRY(put_one(daemon::note_path(path), files.note));
    return put_one(path, files.text);
}

status ask_reload(program& p) {
    const auto done = p.call<v1::ReloadResponse>("/cairn.v1.Admin/Reload", v1::ReloadRequest{});
    return done ? status{} : status{done.error()};
}

void print_signers(const std::vector<signing::signer>& signers) {
    for (const auto& s : signers)
        fmt::print("signed by {} as {}\n", s.name, signing::name_of(s.of));
}

result<daemon::policy_version>
admitted(const activate_options& o, const daemon::config& c, const pair_of_files& files) {
    auto trusted = daemon::read_signers(c);
    if (!trusted) return trusted.error();
    if (!files.text) return fail(errc::policy_missing, o.file);
    if (!files.note)
        return fail(errc::policy_unsigned, daemon::note_path(o.file) + ": there is no such file");
    return daemon::admit_policy(
        {o.file, *files.text, *files.note},
        {c.partnership, std::move(*trusted), to_us(system_clock().wall_now()), {}}
    );
}

void activate(program& p, const activate_options& o) {
    const auto c = daemon::load_config(o.config);
    if (!c) return p.stop_with(c.error());
    const std::string& place = c->values.policy_file;
    const pair_of_files next = files_at(o.file);
    const auto version = admitted(o, c->values, next);
    if (!version) return p.stop_with(version.error());
    print_signers(version->signers);
    const pair_of_files before = files_at(place);
    if (before.text) print_policy_difference(*before.text, *next.text);
    if (o.dry_run) return;
    if (!o.yes && !says_yes("put this in force"))
        return p.stop_with(fail(errc::usage, "nothing was changed; --yes does it without asking"));
    status done = put_files(place, next);
    if (done) done = ask_reload(p);
    if (!done) {
        const status back = put_files(place, before);
        fmt::print(
            stderr,
            "{}\n",
            back ? "the former files are in their place again"
                 : "and the former files could not be put back"
        );
        return p.stop_with(done.error());
    }
    fmt::print(
        "in force: {}, digest {}\n",
        version->rules->source().version(),
        version->rules->digest_hex()
    );
}

// Keys that cairn init made, which no person holds for themselves.
bool founding(const v1::PolicySigner& s) {
    const auto slash = s.name().rfind('/');
    return s.name().compare(slash + 1, 9, "founding-") == 0;
}

void print_status(const v1::StatusResponse& s) {
    if (!s.has_policy()) {
        fmt::print("no policy is in force: every submission is refused\n");
        return;
    }
    const auto& now = s.policy();
    fmt::print(
        "version    {}\ndigest     {}\nsince      {}\ngood until {}\nread again {}\n",
        now.version(),
        now.digest(),
        time_text(now.since_us()),
        now.valid_until(),
        now.review_by().empty() ? "-" : now.review_by()
    );
    bool nobody = false;
    for (const auto& signer : now.signers()) {
        fmt::print("{:<10} {}\n", signer.part(), signer.name());
        nobody = nobody || founding(signer);
    }
    if (nobody)
        fmt::print(
            "No person has signed it: a key of cairn init did. cairn policy key makes keys for "
            "author and officer.\n"
        );
    if (!now.refused_because().empty())
        fmt::print(
            "THE CONFIGURED TEXT IS REFUSED: {}\nWhat is above is the last good one.\n",
            now.refused_because()
        );
}

void show_status(program& p) {
    const auto s = p.call<v1::StatusResponse>("/cairn.v1.Admin/Status", v1::StatusRequest{});
    if (!s) return p.stop_with(s.error());
    if (p.json) {
        v1::StatusResponse about;
        if (s->has_policy()) *about.mutable_policy() = s->policy();
        if (s->has_shadow()) *about.mutable_shadow() = s->shadow();
        return p.print_json(about);
    }
    print_status(*s);
}

std::string signers_of(const v1::PolicyVersion& v) {
    std::string out;
    for (const auto& s : v.signers()) out += (out.empty() ? "" : ", ") + s.name();
    return out.empty() ? "-" : out;
}

std::string what_of(const v1::PolicyVersion& v) {
    if (v.event() == "refused") return v.refused_because();
    if (v.event() == "proved") return fmt::format("{} points, prover {}", v.points(), v.prover());
    std::string out = v.version();
    for (const auto& f : v.findings()) out += ", after " + f;
    return out;
}

// Administrators and auditors each ask their own service.
result<bool> is_auditor(const program& p) {
    const auto mine = p.load_context();
    if (!mine) return mine.error();
    const auto facts = certs::parse_certificate(mine->tls.certificate_pem);
    if (!facts) return facts.error();
    return std::any_of(facts->uris.begin(), facts->uris.end(), [](const std::string& uri) {
        return uri.find("/auditor/") != std::string::npos;
    });
}

void show_history(program& p, std::uint32_t max) {
    const auto auditor = is_auditor(p);
    if (!auditor) return p.stop_with(auditor.error());
    v1::PolicyHistoryRequest asked;
    asked.set_max(max);
    const auto h = p.call<v1::PolicyHistoryResponse>(
        *auditor ? "/cairn.v1.Audit/PolicyHistory" : "/cairn.v1.Admin/PolicyHistory", asked
    );
    if (!h) return p.stop_with(h.error());
    if (p.json) return p.print_json(*h);
    std::vector<std::vector<std::string>> rows;
    for (const auto& v : h->versions()) {
        rows.push_back(
            {time_text(v.recorded_at_us()),
             fmt::format("{}/{}", v.year(), v.index()),
             v.event() + (v.in_force() ? ", in force" : ""),
             v.digest().substr(0, 16),
             signers_of(v),
             what_of(v)}
        );
    }
    print_table({"WHEN", "RECORD", "WHAT", "TEXT", "SIGNED BY", "VERSION OR CAUSE"}, rows);
    if (h->more()) fmt::print("there are older ones: --max\n");
}

} // namespace

void add_policy_version(CLI::App& policy, program& p) {
    auto o = std::make_shared<activate_options>();
    auto* c = policy.add_subcommand(
        "activate", "put a signed text in force, or back in force, on the broker's machine"
    );
    c->add_option("FILE", o->file, "policy text, its signatures in FILE.sig")->required();
    c->add_option("--config", o->config, "the broker's")->capture_default_str();
    c->add_flag("--yes", o->yes, "without asking");
    c->add_flag("--dry-run", o->dry_run, "say what would change, and change nothing");
    c->callback([o, &p] { activate(p, *o); });
    c = policy.add_subcommand("status", "which text decides, since when, signed by whom");
    c->callback([&p] { show_status(p); });
    auto max = std::make_shared<std::uint32_t>(0);
    c = policy.add_subcommand("history", "every text put in force, put back, refused or proved");
    c->add_option("--max", *max, "at most this many, the newest; by default 100");
    c->callback([max, &p] { show_history(p, *max); });
}

} // namespace cairn::cli

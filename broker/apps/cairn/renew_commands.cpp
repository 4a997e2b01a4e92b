// cairn renew: one step of a certificate's renewal, for systems without cairn-agent; by a timer.
#include "apps/cairn/program.hpp"

#include "agents/core/renewal.hpp"
#include "core/system.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cairn::cli {
namespace {

struct renew_options {
    bool now = false;
    bool again = false;
};

const char* word_of(agents::renewal_step step) {
    switch (step) {
    case agents::renewal_step::not_due:
        return "not due";
    case agents::renewal_step::waits:
        return "waits";
    case agents::renewal_step::refused:
        return "refused";
    case agents::renewal_step::changed:
        return "changed";
    }
    return "";
}

void show(program& p, const agents::renewal_state& s) {
    const std::string due = day_text(to_us(s.due));
    const std::string ends = day_text(to_us(s.ends));
    if (s.step == agents::renewal_step::refused)
        return p.stop_with(fail(errc::enrolment_refused, s.why));
    if (s.step == agents::renewal_step::waits) p.code = apps::exit_code::try_later;
    if (p.json) {
        return p.print_json(nlohmann::ordered_json{
            {"renewal", word_of(s.step)}, {"due", due}, {"ends", ends}});
    }
    switch (s.step) {
    case agents::renewal_step::not_due:
        fmt::print("Good until {}; renewed from {} on.\n", ends, due);
        break;
    case agents::renewal_step::waits:
        fmt::print("Asked for; the authority has not signed it yet. Good until {}.\n", ends);
        break;
    default:
        fmt::print("Renewed: the files are the successor's, the old certificate is retired.\n");
    }
}

void renew(program& p, const renew_options& o) {
    const auto mine = p.load_context();
    if (!mine) return p.stop_with(mine.error());
    agents::renewal_files files;
    files.certificate = mine->certificate_file;
    files.key = mine->key_file;
    files.authority_pem = mine->tls.authority_pem;
    if (o.again) {
        std::error_code ec;
        std::filesystem::remove(mine->key_file + ".next", ec);
    }
    transport::dial_options where;
    where.host = mine->host;
    where.port = mine->port;
    where.expect_name = mine->name;
    where.proxy = mine->proxy;
    const wall_time now = system_clock().wall_now();
    const auto done = agents::renew(p.dial(), where, files, now, o.now || o.again);
    if (!done) return p.stop_with(done.error());
    show(p, *done);
}

} // namespace

void add_renew(CLI::App& app, program& p) {
    auto o = std::make_shared<renew_options>();
    auto* c = app.add_subcommand(
        "renew", "renew my own certificate when it is time; cairn-agent does it by itself"
    );
    c->add_flag("--now", o->now, "though it is not due");
    c->add_flag("--again", o->again, "with a new key, after a refusal");
    c->callback([o, &p] { renew(p, *o); });
}

} // namespace cairn::cli

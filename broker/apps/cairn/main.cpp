// cairn: the one command line, for admins, auditors and scripts.
#include "apps/cairn/host_commands.hpp"
#include "apps/cairn/program.hpp"
#include "core/version.hpp"

#include <CLI/CLI.hpp>
#include <sys/stat.h>

namespace {

// Before the command line is understood: how to say that it is not.
bool asks_for_json(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const std::string_view next = i + 1 < argc ? argv[i + 1] : "";
        if (word == "-ojson" || word == "-o=json" || word == "--output=json") return true;
        if ((word == "-o" || word == "--output") && next == "json") return true;
    }
    return false;
}

int refuse_command_line(
    CLI::App& app, const CLI::ParseError& e, cairn::cli::program& p, int argc, char** argv
) {
    if (e.get_exit_code() == 0) return app.exit(e);
    p.json = asks_for_json(argc, argv);
    if (p.json) {
        p.stop_with(cairn::fail(cairn::errc::usage, {}, e.what()));
    } else {
        app.exit(e);
    }
    return cairn::cli::exit_code::usage;
}

} // namespace

int main(int argc, char** argv) {
    // A new ledger and its keys are nobody else's; what is for others says so.
    ::umask(0077);
    cairn::cli::program p;
    CLI::App app{"Cairn: share a safeguarding concern, see who may read what and why, prove it."};
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string(cairn::version_text));
    app.add_option(
        "--context", p.context_path, "context file (default: CAIRN_CONTEXT, then ./context.toml)"
    );
    app.add_option("--wait", p.patience_s, "seconds to try while no broker answers yet")
        ->check(CLI::Range(0, 3600));
    app.add_option_function<std::string>(
           "-o,--output",
           [&p](const std::string& format) { p.json = format == "json"; },
           "table or json"
    )
        ->check(CLI::IsMember({"table", "json"}));
    app.footer("Exit status: sysexits.h, 0 good; check: 0 to 3 as Nagios has them; see "
               "docs/EXIT_CODES.md.");
    app.fallthrough();
    cairn::cli::add_init(app, p);
    cairn::cli::add_registry(app, p);
    cairn::cli::add_mandates(app, p);
    cairn::cli::add_certificates(app, p);
    cairn::cli::add_directory(app, p);
    cairn::cli::add_exchange(app, p);
    cairn::cli::add_answers(app, p);
    cairn::cli::add_audit(app, p);
    cairn::cli::add_backup(app, p);
    cairn::cli::add_restore(app, p);
    cairn::cli::add_sandbox(app, p);
    cairn::cli::add_enrol(app, p);
    cairn::cli::add_approve(app, p);
    cairn::cli::add_conform(app, p);
    cairn::cli::add_renewals(app, p);
    cairn::cli::add_renew(app, p);
    cairn::cli::add_policy(app, p);
    cairn::cli::add_check(app, p);
    cairn::cli::add_status(app, p);
    cairn::cli::add_admin(app, p);
    cairn::cli::add_support(app, p);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return refuse_command_line(app, e, p, argc, argv);
    }
    return p.code;
}

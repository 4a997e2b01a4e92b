// cairn: the one command line, for admins, auditors and scripts.
#include "apps/cairn/program.hpp"

#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
    cairn::cli::program p;
    CLI::App app{"Cairn: share a safeguarding concern, see who may read what and why, prove it."};
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("0.1.0"));
    app.add_option(
        "--context", p.context_path, "context file (default: CAIRN_CONTEXT, then ./context.toml)"
    );
    app.add_option_function<std::string>(
           "-o,--output",
           [&p](const std::string& format) { p.json = format == "json"; },
           "table or json"
    )
        ->check(CLI::IsMember({"table", "json"}));
    app.fallthrough();
    cairn::cli::add_init(app, p);
    cairn::cli::add_registry(app, p);
    cairn::cli::add_certificates(app, p);
    cairn::cli::add_exchange(app, p);
    cairn::cli::add_answers(app, p);
    cairn::cli::add_audit(app, p);
    cairn::cli::add_check(app, p);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? cairn::cli::exit_code::ok : cairn::cli::exit_code::usage;
    }
    return p.code;
}

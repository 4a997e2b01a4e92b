// cairn-verify: checks receipts, checkpoints and exported logs without a broker and without a
// network.
#include "apps/verify/commands.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <iostream>

namespace {

using namespace cairn;
using namespace cairn::verify_app;

struct arguments {
    receipt_options receipt;
    std::string checkpoint;
    consistency_options consistency;
    std::string folder;
    std::vector<std::string> keys;
    std::string output = "table";
};

struct command {
    std::string subject;
    std::function<result<report>()> run;
};

void add_keys(CLI::App& sub, std::vector<std::string>& keys, bool required) {
    sub.add_option(
           "--key", keys, "verifier key (name+id+key) or a file with one a line; repeatable"
    )
        ->required(required)
        ->allow_extra_args(false);
}

// Tells which command was given; the options are read when it runs.
void describe_commands(CLI::App& app, arguments& args, command& chosen) {
    app.require_subcommand(1);
    app.add_option("-o,--output", args.output, "table or json")
        ->check(CLI::IsMember({"table", "json"}));
    app.fallthrough();

    CLI::App& receipt =
        *app.add_subcommand("receipt", "a record is in the log, and what it says of you");
    receipt.add_option("FILE", args.receipt.file, "receipt (.tlog-proof)")->required();
    add_keys(receipt, args.receipt.keys, true);
    receipt.add_option("--body", args.receipt.body, "exact bytes you sent or got, to check too");
    receipt.callback([&] {
        chosen = {args.receipt.file, [&] { return check_receipt(args.receipt); }};
    });

    CLI::App& checkpoint = *app.add_subcommand("checkpoint", "a head of the log is signed");
    checkpoint.add_option("FILE", args.checkpoint, "checkpoint")->required();
    add_keys(checkpoint, args.keys, true);
    checkpoint.callback([&] {
        chosen = {args.checkpoint, [&] { return check_checkpoint(args.checkpoint, args.keys); }};
    });

    CLI::App& consistency =
        *app.add_subcommand("consistency", "a newer head contains an older one unchanged");
    consistency.add_option("OLD", args.consistency.older, "older checkpoint")->required();
    consistency.add_option("NEW", args.consistency.newer, "newer checkpoint")->required();
    consistency.add_option("PROOF", args.consistency.proof, "base64 hashes, one a line")
        ->required();
    add_keys(consistency, args.consistency.keys, false);
    consistency.callback([&] {
        chosen = {args.consistency.proof, [&] { return check_consistency(args.consistency); }};
    });

    CLI::App& log =
        *app.add_subcommand("log", "an exported log (C2SP tiles) is whole and unchanged");
    log.add_option("DIR", args.folder, "folder with checkpoint and tile/")->required();
    add_keys(log, args.keys, true);
    log.callback([&] {
        chosen = {args.folder, [&] { return check_log(args.folder, args.keys); }};
    });
}

int run(int argc, char** argv) {
    arguments args;
    command chosen;
    CLI::App app("Checks evidence of a Cairn log, offline.", "cairn-verify");
    app.footer("Exit status: 0 good, 64 usage, 65 the evidence is broken, 66 a file cannot be read."
    );
    describe_commands(app, args, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? exit_code::ok : exit_code::usage;
    }
    const bool json = args.output == "json";
    const auto outcome = chosen.run();
    if (outcome) {
        std::cout << (json ? outcome->json() : outcome->table()) << std::flush;
        // A full disk must not look like a good receipt to a script.
        return std::cout ? exit_code::ok : exit_code::io_error;
    }
    if (json) {
        std::cout << failure_json(outcome.error(), chosen.subject);
    } else {
        std::cerr << failure_text(outcome.error(), chosen.subject);
    }
    return exit_code_for(outcome.error());
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& e) {
        std::cerr << "cairn-verify: internal error: " << e.what() << "\n";
        return exit_code::internal;
    }
}

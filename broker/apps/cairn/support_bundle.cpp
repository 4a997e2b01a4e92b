// cairn support-bundle: what somebody who helps needs to see, and nothing personal. Everything is
// shown by name before a file is written; a person may look into it before it leaves the house.
#include "apps/cairn/archive.hpp"
#include "apps/cairn/probe.hpp"
#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/system.hpp"
#include "core/version.hpp"
#include "daemon/operations.hpp"

#include "cairn/v1/admin.pb.h"
#include "cairn/v1/exchange.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/util/json_util.h>

#include <iostream>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

constexpr const char* about =
    "A bundle for support, made by `cairn support-bundle`.\n\n"
    "version.txt   programs, schema and policy by their digests\n"
    "status.json   as `cairn -o json status` says it\n"
    "checks.txt    each `cairn check`\n"
    "settings.txt  every setting in force; folders left out, of a key only whether its file is "
    "good\n"
    "machine.txt   facts of the broker's machine\n"
    "metrics.txt   as /metrics has them\n"
    "log.jsonl     the last lines of the broker's log; addresses left out\n\n"
    "It holds no concern, no notice, no name, no key. Agencies and desks stand in it by their "
    "ids.\n";

// Which schema this program was built with: all its files, in the order of their names.
std::string schema_digest() {
    std::string all;
    for (const auto* file :
         {v1::StatusResponse::descriptor()->file(), v1::SubmitRequest::descriptor()->file()}) {
        google::protobuf::FileDescriptorProto proto;
        file->CopyTo(&proto);
        all += proto.SerializeAsString();
        for (int i = 0; i < file->dependency_count(); ++i) {
            google::protobuf::FileDescriptorProto needed;
            file->dependency(i)->CopyTo(&needed);
            all += needed.SerializeAsString();
        }
    }
    return to_hex(view(sha256(all)));
}

std::string settings_text(const v1::DiagnoseResponse& d) {
    std::string out;
    for (const auto& s : d.settings()) {
        out +=
            fmt::format("{:<20} {:<40} {:<18} {}\n", s.key(), s.value(), s.source(), s.verdict());
    }
    return out;
}

std::string facts_text(const v1::DiagnoseResponse& d) {
    std::string out;
    for (const auto& f : d.facts()) out += fmt::format("{}: {}\n", f.name(), f.value());
    return out;
}

std::string log_text(const v1::DiagnoseResponse& d) {
    std::string out;
    for (const auto& line : d.log()) out += line + "\n";
    return out;
}

std::string json_of(const google::protobuf::Message& m) {
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = true;
    std::string out;
    (void) google::protobuf::util::MessageToJsonString(m, &out, options);
    return out;
}

std::string words_of(const failure& f) {
    return f.public_text() + (f.detail.empty() ? "" : "; " + f.detail) + "\n";
}

// With the broker away: its settings from the file, where that is named, and why it is away.
v1::DiagnoseResponse without_broker(const std::string& config_file, std::string& why) {
    v1::DiagnoseResponse out;
    if (config_file.empty()) return out;
    const auto config = daemon::load_config(config_file);
    if (config)
        daemon::diagnose_settings(*config, out);
    else
        why += words_of(config.error());
    daemon::diagnose_machine(out);
    return out;
}

std::vector<archive_part> gather(program& p, const std::string& config_file) {
    std::string version =
        fmt::format("cairn {}\nschema {}\n", std::string(version_text), schema_digest());
    const auto status = p.call<v1::StatusResponse>("/cairn.v1.Admin/Status", v1::StatusRequest{});
    auto told = p.call<v1::DiagnoseResponse>("/cairn.v1.Admin/Diagnose", v1::DiagnoseRequest{});
    std::string why;
    if (status) {
        version +=
            fmt::format("broker {}\npolicy {}\n", status->version(), status->policy_digest());
    } else {
        why = "The broker did not tell its status: " + words_of(status.error());
    }
    const auto d = told ? std::move(*told) : without_broker(config_file, why);
    std::vector<archive_part> out{
        {"README.txt", about},
        {"version.txt", version},
        {"status.json", status ? json_of(*status) : std::string()},
        {"checks.txt", run_checks(p)},
        {"settings.txt", settings_text(d)},
        {"machine.txt", facts_text(d)},
        {"metrics.txt", d.metrics()},
        {"log.jsonl", log_text(d)},
        {"missing.txt", why},
    };
    std::erase_if(out, [](const archive_part& a) { return a.text.empty(); });
    for (auto& part : out) part.text = daemon::scrubbed(std::move(part.text));
    return out;
}

void make(program& p, std::string file, const std::string& config_file, bool yes) {
    const auto now = system_clock().wall_now();
    if (file.empty()) {
        file = "cairn-support-" + time_text(to_us(now)).substr(0, 10) + ".tar.gz";
    }
    const auto parts = gather(p, config_file);
    // The listing goes to standard error: it asks.
    std::string listing = file + " will hold:\n";
    for (const auto& part : parts)
        listing += fmt::format("  {:<14} {:>8} bytes\n", part.name, part.text.size());
    fmt::print(stderr, "{}", listing);
    if (!yes) {
        fmt::print(stderr, "write it? [y/N] ");
        std::string line;
        if (!std::getline(std::cin, line) || (line != "y" && line != "yes")) {
            return p.stop_with(fail(errc::usage, "nothing was written; --yes writes it"));
        }
    }
    if (const status ok = write_archive(file, parts, now); !ok) return p.stop_with(ok.error());
    fmt::print("{}\n", file);
}

} // namespace

void add_support(CLI::App& app, program& p) {
    auto file = std::make_shared<std::string>();
    auto config = std::make_shared<std::string>();
    auto yes = std::make_shared<bool>(false);
    auto* c = app.add_subcommand(
        "support-bundle", "one archive for whoever helps: nothing personal, listed before written"
    );
    c->add_option("--out", *file, "the archive (default: cairn-support-DATE.tar.gz)");
    c->add_option("--config", *config, "cairnd.toml, for when the broker does not answer");
    c->add_flag("--yes", *yes, "write it without asking");
    c->callback([file, config, yes, &p] { make(p, *file, *config, *yes); });
}

} // namespace cairn::cli

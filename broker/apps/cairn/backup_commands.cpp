// cairn backup, cairn backup key: on the broker's host, as the service's user.
#include "apps/cairn/host_commands.hpp"
#include "backup/make.hpp"
#include "certs/files.hpp"
#include "core/system.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

namespace cairn::cli {
namespace {

struct backup_options {
    std::string config = "cairnd.toml";
    std::string to;
    std::string keys_to;
    std::vector<std::string> recipients;
    std::vector<std::string> keys_recipients;
    std::string key_file;
};

// The broker's work comes first.
constexpr int niceness = 10;

result<std::vector<backup::recipient>>
recipients_of(const std::vector<std::string>& texts, const char* option) {
    std::vector<backup::recipient> out;
    for (const std::string& t : texts) {
        auto r = backup::parse_recipient(t);
        if (!r) return fail(errc::usage, option, r.error().detail);
        out.push_back(*r);
    }
    if (out.empty()) return fail(errc::usage, std::string(option) + " is missing");
    if (out.size() > backup::recipients_max)
        return fail(errc::usage, std::string(option) + ": at most 16");
    return out;
}

nlohmann::ordered_json json_of(const backup::archive_facts& a) {
    return {{"file", a.path.string()}, {"bytes", a.size}, {"sha256", a.sha256}};
}

void print(program& p, const backup::backup_report& r) {
    const auto& f = r.facts;
    const std::string last = fmt::format("{}/{}", f.last.year(), f.last.index());
    if (p.json) {
        return p.print_json(nlohmann::ordered_json{
            {"ledgerArchive", json_of(r.ledger)},
            {"keysArchive", json_of(r.keys)},
            {"erasedList", r.erased.string()},
            {"takenAt", time_text(r.taken_us)},
            {"lastRecord", last},
            {"lastRecordAt", time_text(f.last_us)},
            {"records", f.counts.records},
            {"heads", f.counts.heads},
            {"notices", f.counts.notices},
            {"erased", f.counts.erased},
            {"checkpoint", f.checkpoint},
            {"online", r.online},
            {"onRecord", r.on_record}});
    }
    fmt::print(
        "Backed up and verified: {} records, {} signed heads, {} notices, the last of {}.\n"
        "  ledger   {}  {} bytes\n"
        "           SHA-256 {}\n"
        "  keys     {}  {} bytes\n"
        "           SHA-256 {}\n"
        "  erased   {}\n"
        "  {}\n"
        "Keep the two archives in two places, and the list of erasures in a third.\n",
        f.counts.records,
        f.counts.heads,
        f.counts.notices,
        time_text(f.last_us),
        r.ledger.path.string(),
        r.ledger.size,
        r.ledger.sha256,
        r.keys.path.string(),
        r.keys.size,
        r.keys.sha256,
        r.erased.string(),
        r.on_record ? "the broker went on serving and has it in its log"
        : r.online  ? "the broker went on serving, but its log has no note of it"
                    : "the broker was stopped"
    );
}

status run_backup(program& p, const backup_options& o) {
    backup::backup_order order;
    order.config_path = o.config;
    if (o.to.empty()) return fail(errc::usage, "--to is missing");
    if (o.keys_to.empty()) return fail(errc::usage, "--keys-to is missing");
    order.ledger_to = o.to;
    order.keys_to = o.keys_to;
    auto ledger = recipients_of(o.recipients, "--recipient");
    if (!ledger) return ledger.error();
    auto keys = recipients_of(o.keys_recipients, "--keys-recipient");
    if (!keys) return keys.error();
    order.ledger_recipients = std::move(*ledger);
    order.keys_recipients = std::move(*keys);
    [[maybe_unused]] const int kept = ::nice(niceness);
    const auto done = backup::make_backup(order, system_clock(), system_random());
    if (!done) return done.error();
    print(p, *done);
    return {};
}

status make_key(program& p, const backup_options& o) {
    backup::identity key = backup::make_identity(system_random());
    const std::string to = backup::print_recipient(backup::recipient_of(key));
    std::string secret = backup::print_identity(key);
    std::string text = "# recipient: " + to + "\n" + secret + "\n";
    const status written =
        certs::write_file(o.key_file, text, certs::reach::secret, certs::existing::keep);
    wipe(key.secret);
    wipe(secret.data(), secret.size());
    wipe(text.data(), text.size());
    if (!written) return written;
    if (p.json)
        p.print_json(nlohmann::ordered_json{{"recipient", to}, {"identity", o.key_file}});
    else
        fmt::print(
            "{}\n  identity {}: take it off the broker's host; who has it reads the archives, and "
            "without it nobody does\n",
            to,
            o.key_file
        );
    return {};
}

} // namespace

void add_backup(CLI::App& app, program& p) {
    auto o = std::make_shared<backup_options>();
    auto* c = app.add_subcommand(
        "backup",
        "copy ledger and keys, encrypted, while the broker serves; verified before it ends"
    );
    c->add_option("--config", o->config, "the broker's configuration file")->capture_default_str();
    c->add_option("--to", o->to, "folder of the ledger archive and the list of erasures");
    c->add_option("--keys-to", o->keys_to, "another folder, for the keys archive");
    c->add_option("--recipient", o->recipients, "age1…: who may open the ledger archive");
    c->add_option("--keys-recipient", o->keys_recipients, "age1…: who may open the keys archive");
    auto* key =
        c->add_subcommand("key", "make an identity that opens archives, on another machine");
    key->add_option("FILE", o->key_file, "new file for the identity")->required();
    c->require_subcommand(0, 1);
    c->callback([o, &p, c] {
        const bool keys = !c->get_subcommands().empty();
        const status done = keys ? make_key(p, *o) : run_backup(p, *o);
        if (!done) p.stop_with(done.error());
    });
}

} // namespace cairn::cli

// cairn restore: a broker's folder from its archives, or from a folder its broker refuses.
#include "apps/cairn/host_commands.hpp"
#include "backup/restore.hpp"
#include "certs/files.hpp"
#include "core/system.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cairn::cli {
namespace {

struct restore_options {
    std::string to;
    std::string ledger;
    std::string keys;
    std::vector<std::string> identities;
    std::string from;
    std::vector<std::string> heads;
    std::vector<std::string> erased;
    std::string lost_since;
};

result<std::vector<backup::identity>> identities_of(const std::vector<std::string>& files) {
    std::vector<backup::identity> out;
    for (const std::string& path : files) {
        auto text = certs::read_secret(path);
        if (!text) return text.error();
        auto some = backup::parse_identities(*text);
        wipe(text->data(), text->size());
        if (!some) return fail(errc::bad_value, path + ", " + some.error().where);
        out.insert(out.end(), some->begin(), some->end());
    }
    return out;
}

result<backup::restore_order> order_of(const restore_options& o) {
    backup::restore_order out;
    const bool archives = !o.ledger.empty() && !o.keys.empty() && !o.identities.empty();
    const bool some = !o.ledger.empty() || !o.keys.empty() || !o.identities.empty();
    if (o.from.empty() ? !archives : some)
        return fail(errc::usage, "name --ledger, --keys and --identity, or --from alone");
    out.to = o.to;
    out.from_config = o.from;
    out.ledger_archive = o.ledger;
    out.keys_archive = o.keys;
    auto ids = identities_of(o.identities);
    if (!ids) return ids.error();
    out.ledger_identities = *ids;
    out.keys_identities = std::move(*ids);
    out.heads.assign(o.heads.begin(), o.heads.end());
    out.erased.assign(o.erased.begin(), o.erased.end());
    if (!o.lost_since.empty()) {
        const auto at = time_from(o.lost_since, "--lost-since");
        if (!at) return at.error();
        out.lost_since_us = *at;
    }
    return out;
}

void print(program& p, const restore_options& o, const backup::restore_report& r) {
    const auto& f = r.facts;
    const std::string last = fmt::format("{}/{}", f.last.year(), f.last.index());
    if (p.json) {
        return p.print_json(nlohmann::ordered_json{
            {"folder", o.to},
            {"config", o.to + "/cairnd.toml"},
            {"takenAt", time_text(r.taken_us)},
            {"lastRecord", last},
            {"recoveryPoint", time_text(f.last_us)},
            {"records", f.counts.records},
            {"registryEpoch", f.registry_epoch},
            {"headsShown", r.heads_shown},
            {"knownLost", r.lost},
            {"erasedAgain", r.erased_again},
            {"checkpoint", r.checkpoint}});
    }
    fmt::print(
        "Restored and proved: {} records, {} signed heads, {} notices; heads shown: {}.\n"
        "  recovery point  {}, record {}: what came later is not here\n"
        "  known lost      {}\n"
        "  erased again    {}\n"
        "  registry        epoch {}: repeat what was added or revoked since\n"
        "  the log says so in its next record\n"
        "Next: look into {}/cairnd.toml, then start it: cairnd --config {}/cairnd.toml\n",
        f.counts.records,
        f.counts.heads,
        f.counts.notices,
        r.heads_shown,
        time_text(f.last_us),
        last,
        r.lost == 0 ? "nothing, as far as was shown" : fmt::format("{} records or more", r.lost),
        r.erased_again,
        f.registry_epoch,
        o.to,
        o.to
    );
}

status run_restore(program& p, const restore_options& o) {
    auto order = order_of(o);
    if (!order) return order.error();
    const auto done = backup::restore(*order, system_clock(), system_random());
    for (backup::identity& i : order->ledger_identities) wipe(i.secret);
    for (backup::identity& i : order->keys_identities) wipe(i.secret);
    if (!done) return done.error();
    print(p, o, *done);
    return {};
}

} // namespace

void add_restore(CLI::App& app, program& p) {
    auto o = std::make_shared<restore_options>();
    auto* c = app.add_subcommand(
        "restore", "make a broker's folder from its archives, and prove its log before it serves"
    );
    c->add_option("DIR", o->to, "new or empty folder")->required();
    c->add_option("--ledger", o->ledger, "the ledger archive");
    c->add_option("--keys", o->keys, "the keys archive of the same run, or a younger one");
    c->add_option("--identity", o->identities, "identity files that open the two");
    c->add_option(
        "--from", o->from, "instead: cairnd.toml of a stopped broker, which is left alone"
    );
    c->add_option("--head", o->heads, "newest checkpoints or receipts that agencies kept");
    c->add_option("--erased", o->erased, "lists of erasures, to be erased again");
    c->add_option(
        "--lost-since", o->lost_since, "accept that all after the copy's last record is lost"
    );
    c->callback([o, &p] {
        if (const status done = run_restore(p, *o); !done) p.stop_with(done.error());
    });
}

} // namespace cairn::cli

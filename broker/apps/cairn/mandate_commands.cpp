// cairn mandate: who may act for whom, at which desks, from when until when.
#include "apps/cairn/registry_calls.hpp"
#include "core/system.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

struct mandate_options {
    std::string id;
    std::string holder;
    std::string for_agency;
    std::vector<std::string> desks;
    std::string from;
    std::string until;
    std::string reason;
};

void add(program& p, const mandate_options& o) {
    std::int64_t from = to_us(system_clock().wall_now());
    if (!o.from.empty()) {
        const auto at = time_from(o.from, "--from");
        if (!at) return p.stop_with(at.error());
        from = *at;
    }
    const auto until = time_from(o.until, "--until");
    if (!until) return p.stop_with(until.error());
    const auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    // A mandate that ended has records; the new one gets a name of its own.
    if (row_of(state->mandates(), o.id) != nullptr) {
        return p.stop_with(
            fail(errc::bad_value, "mandate " + o.id + " is there already: give another ID")
        );
    }
    v1::RegistryChange change;
    v1::Mandate& m = *change.mutable_mandate();
    m.set_id(o.id);
    m.set_holder(o.holder);
    m.set_for_agency(o.for_agency);
    for (const auto& d : o.desks) m.add_desks(d);
    m.set_from_us(from);
    m.set_until_us(*until);
    apply(p, change, o.holder + " may act for " + o.for_agency + " until " + time_text(*until));
}

void end(program& p, const mandate_options& o) {
    const auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    const v1::Mandate* m = row_of(state->mandates(), o.id);
    if (m == nullptr) return p.stop_with(fail(errc::not_found, "mandate " + o.id));
    v1::RegistryChange change;
    *change.mutable_mandate() = *m;
    change.mutable_mandate()->set_revoked(true);
    change.set_reason(o.reason);
    apply(p, change, "Mandate " + o.id + " has ended");
}

std::string state_of(const v1::Mandate& m, std::int64_t now) {
    if (m.revoked()) return "ended";
    if (now < m.from_us()) return "later";
    return now < m.until_us() ? "in force" : "expired";
}

void list(program& p) {
    const auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    if (p.json) return p.print_json(*state);
    const std::int64_t now = to_us(system_clock().wall_now());
    std::vector<std::vector<std::string>> rows;
    for (const auto& m : state->mandates()) {
        std::string desks;
        for (const auto& d : m.desks()) desks += (desks.empty() ? "" : " ") + d;
        rows.push_back(
            {m.id(),
             m.holder(),
             m.for_agency(),
             state_of(m, now),
             time_text(m.from_us()),
             time_text(m.until_us()),
             desks}
        );
    }
    print_table({"MANDATE", "HOLDER", "FOR", "STATE", "FROM", "UNTIL", "DESKS"}, rows);
}

} // namespace

void add_mandates(CLI::App& app, program& p) {
    auto* mandate = app.add_subcommand("mandate", "intermediaries that act for an agency")
                        ->require_subcommand(1);
    auto o = std::make_shared<mandate_options>();
    auto* a = mandate->add_subcommand("add", "let an agency act for another");
    a->add_option("ID", o->id, "name of the mandate")->required();
    a->add_option("--holder", o->holder, "agency that acts, the intermediary")->required();
    a->add_option("--for", o->for_agency, "agency it acts for")->required();
    a->add_option("--desk", o->desks, "desk it may receive for; repeat for more");
    a->add_option("--from", o->from, "2026-11-22 or 2026-11-22T09:30:00Z (default: now)");
    a->add_option("--until", o->until, "when it ends, in the same form")->required();
    a->callback([o, &p] { add(p, *o); });
    auto* e = mandate->add_subcommand("end", "end a mandate now");
    e->add_option("ID", o->id)->required();
    e->add_option("--reason", o->reason, "why, for the log")->required();
    e->callback([o, &p] { end(p, *o); });
    mandate->add_subcommand("list", "all mandates")->callback([&p] { list(p); });
}

} // namespace cairn::cli

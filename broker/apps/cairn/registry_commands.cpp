// cairn agency, cairn desk: who is in the partnership.
#include "apps/cairn/names.hpp"
#include "apps/cairn/program.hpp"

#include "cairn/v1/admin.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

constexpr const char* apply_path = "/cairn.v1.Admin/Apply";
constexpr const char* list_path = "/cairn.v1.Admin/ListRegistry";

void apply(program& p, const v1::RegistryChange& change, const std::string& said) {
    v1::ApplyRequest request;
    *request.add_changes() = change;
    auto done = p.call<v1::ApplyResponse>(apply_path, request);
    if (!done) return p.stop_with(done.error());
    if (p.json) return p.print_json(*done);
    fmt::print("{} (registry epoch {})\n", said, done->epoch());
}

result<v1::RegistryState> registry_of(program& p) {
    return p.call<v1::RegistryState>(list_path, v1::ListRegistryRequest{});
}

struct agency_options {
    std::string id;
    std::string name;
    std::string kind;
    std::vector<std::string> codes;
    std::string reason;
};

void add_agency(program& p, const agency_options& o) {
    const auto kind = enum_value(*v1::AgencyKind_descriptor(), "AGENCY_KIND_", o.kind);
    if (!kind) return p.stop_with(kind.error());
    v1::RegistryChange change;
    v1::Agency& a = *change.mutable_agency();
    a.set_id(o.id);
    a.set_name(o.name);
    a.set_kind(static_cast<v1::AgencyKind>(*kind));
    for (const auto& code : o.codes) a.add_organisation_codes(code);
    apply(p, change, "Agency " + o.id + " is in the registry");
}

void list_agencies(program& p, const std::string& only) {
    const auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    if (p.json && only.empty()) return p.print_json(*state);
    std::vector<std::vector<std::string>> rows;
    for (const auto& a : state->agencies()) {
        if (!only.empty() && a.id() != only) continue;
        if (p.json) return p.print_json(a);
        std::string codes;
        for (const auto& c : a.organisation_codes()) codes += (codes.empty() ? "" : " ") + c;
        rows.push_back(
            {a.id(),
             enum_word(*v1::AgencyKind_descriptor(), "AGENCY_KIND_", a.kind()),
             codes.empty() ? "-" : codes,
             a.suspended() ? "suspended" : "live",
             a.name()}
        );
    }
    if (rows.empty() && !only.empty()) return p.stop_with(fail(errc::not_found, "agency " + only));
    print_table({"AGENCY", "KIND", "CODES", "STATE", "NAME"}, rows);
}

void suspend_agency(program& p, const agency_options& o) {
    const auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    for (const auto& a : state->agencies()) {
        if (a.id() != o.id) continue;
        v1::RegistryChange change;
        *change.mutable_agency() = a;
        change.mutable_agency()->set_suspended(true);
        change.set_reason(o.reason);
        return apply(p, change, "Agency " + o.id + " is suspended; its sessions are cut");
    }
    p.stop_with(fail(errc::not_found, "agency " + o.id));
}

struct desk_options {
    std::string id;
    std::vector<std::string> deputies;
    std::string out_of_hours;
    std::string ask;
};

void add_desk(program& p, const desk_options& o) {
    v1::RegistryChange change;
    v1::Desk& d = *change.mutable_desk();
    d.set_id(o.id);
    for (const auto& x : o.deputies) d.add_deputies(x);
    d.set_out_of_hours(o.out_of_hours);
    d.set_ask(o.ask);
    apply(p, change, "Desk " + o.id + " is in the registry");
}

void list_desks(program& p) {
    const auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    if (p.json) return p.print_json(*state);
    std::vector<std::vector<std::string>> rows;
    for (const auto& d : state->desks()) {
        std::string deputies;
        for (const auto& x : d.deputies()) deputies += (deputies.empty() ? "" : " ") + x;
        rows.push_back(
            {d.id(), deputies.empty() ? "-" : deputies, d.closed() ? "closed" : "open", d.ask()}
        );
    }
    print_table({"DESK", "DEPUTIES", "STATE", "ASK"}, rows);
}

} // namespace

void add_registry(CLI::App& app, program& p) {
    auto* agency =
        app.add_subcommand("agency", "agencies of the partnership")->require_subcommand(1);
    auto a = std::make_shared<agency_options>();
    auto* add = agency->add_subcommand("add", "add or change an agency");
    add->add_option("ID", a->id, "[a-z0-9-]{2,40}")->required();
    add->add_option("--kind", a->kind, "police, health, school, social_care, …")->required();
    add->add_option("--name", a->name, "name for people")->required();
    add->add_option("--code", a->codes, "organisation codes others know it by (URN, ODS, LA)");
    add->callback([a, &p] { add_agency(p, *a); });
    agency->add_subcommand("list", "all agencies")->callback([&p] { list_agencies(p, {}); });
    auto* show = agency->add_subcommand("show", "one agency");
    show->add_option("ID", a->id)->required();
    show->callback([a, &p] { list_agencies(p, a->id); });
    auto* suspend = agency->add_subcommand("suspend", "refuse an agency and cut its sessions");
    suspend->add_option("ID", a->id)->required();
    suspend->add_option("--reason", a->reason, "why, for the log")->required();
    suspend->callback([a, &p] { suspend_agency(p, *a); });

    auto* desk = app.add_subcommand("desk", "desks that get notices")->require_subcommand(1);
    auto d = std::make_shared<desk_options>();
    auto* add_d = desk->add_subcommand("add", "add or change a desk");
    add_d->add_option("ID", d->id, "agency/role, for example oakfield/dsl")->required();
    add_d->add_option("--deputy", d->deputies, "desk that stands in; repeat for more, in order");
    add_d->add_option("--out-of-hours", d->out_of_hours, "desk for out of hours");
    add_d->add_option("--ask", d->ask, "whom to ask, in words");
    add_d->callback([d, &p] { add_desk(p, *d); });
    desk->add_subcommand("list", "all desks")->callback([&p] { list_desks(p); });
}

} // namespace cairn::cli

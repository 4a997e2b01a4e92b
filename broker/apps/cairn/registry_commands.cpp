// cairn agency, cairn desk: who is in the partnership.
#include "apps/cairn/names.hpp"
#include "apps/cairn/registry_calls.hpp"

#include <CLI/CLI.hpp>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

struct agency_options {
    std::string id;
    std::string name;
    std::string kind;
    std::vector<std::string> codes;
    std::string reason;
};

// What was given on the command line over what the row has; the rest of it stays.
status fill(v1::Agency& a, const agency_options& o) {
    a.set_id(o.id);
    if (!o.name.empty()) a.set_name(o.name);
    if (!o.kind.empty()) {
        const auto kind = enum_value(*v1::AgencyKind_descriptor(), "AGENCY_KIND_", o.kind);
        if (!kind) return kind.error();
        a.set_kind(static_cast<v1::AgencyKind>(*kind));
    }
    if (!o.codes.empty()) a.clear_organisation_codes();
    for (const auto& code : o.codes) a.add_organisation_codes(code);
    return {};
}

void add_agency(program& p, const agency_options& o) {
    v1::RegistryChange change;
    if (const status ok = fill(*change.mutable_agency(), o); !ok) return p.stop_with(ok.error());
    const auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    // A row written anew would lose what is not said again, a suspension first of all.
    if (row_of(state->agencies(), o.id) != nullptr) {
        return p.stop_with(fail(
            errc::bad_value,
            "agency " + o.id + " is there already: cairn agency change, suspend or resume"
        ));
    }
    apply(p, change, "Agency " + o.id + " is in the registry");
}

void change_agency(program& p, const agency_options& o) {
    const auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    const v1::Agency* a = row_of(state->agencies(), o.id);
    if (a == nullptr) return p.stop_with(fail(errc::not_found, "agency " + o.id));
    v1::RegistryChange change;
    *change.mutable_agency() = *a;
    if (const status ok = fill(*change.mutable_agency(), o); !ok) return p.stop_with(ok.error());
    apply(p, change, "Agency " + o.id + " is changed");
}

std::string state_text(const v1::Agency& a) {
    if (a.suspended()) return "suspended";
    if (a.stage() == v1::AGENCY_STAGE_INVITED) return "invited";
    return a.stage() == v1::AGENCY_STAGE_TESTING ? "testing" : "live";
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
             state_text(a),
             a.name()}
        );
    }
    if (rows.empty() && !only.empty()) return p.stop_with(fail(errc::not_found, "agency " + only));
    print_table({"AGENCY", "KIND", "CODES", "STATE", "NAME"}, rows);
}

void set_suspended(program& p, const agency_options& o, bool suspended) {
    const auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    const v1::Agency* a = row_of(state->agencies(), o.id);
    if (a == nullptr) return p.stop_with(fail(errc::not_found, "agency " + o.id));
    v1::RegistryChange change;
    *change.mutable_agency() = *a;
    change.mutable_agency()->set_suspended(suspended);
    change.set_reason(o.reason);
    const std::string said = suspended ? " is suspended; its sessions are cut" : " is live again";
    apply(p, change, "Agency " + o.id + said);
}

struct desk_options {
    std::string id;
    std::vector<std::string> deputies;
    std::string out_of_hours;
    std::string ask;
    std::string reason;
};

void fill(v1::Desk& d, const desk_options& o) {
    d.set_id(o.id);
    if (!o.deputies.empty()) d.clear_deputies();
    for (const auto& x : o.deputies) d.add_deputies(x);
    if (!o.out_of_hours.empty()) d.set_out_of_hours(o.out_of_hours);
    if (!o.ask.empty()) d.set_ask(o.ask);
}

void add_desk(program& p, const desk_options& o) {
    const auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    if (row_of(state->desks(), o.id) != nullptr) {
        return p.stop_with(fail(
            errc::bad_value, "desk " + o.id + " is there already: cairn desk change, close or open"
        ));
    }
    v1::RegistryChange change;
    fill(*change.mutable_desk(), o);
    apply(p, change, "Desk " + o.id + " is in the registry");
}

enum class desk_state { as_it_was, open, closed };

void change_desk(program& p, const desk_options& o, desk_state wanted, const std::string& said) {
    const auto state = registry_of(p);
    if (!state) return p.stop_with(state.error());
    const v1::Desk* d = row_of(state->desks(), o.id);
    if (d == nullptr) return p.stop_with(fail(errc::not_found, "desk " + o.id));
    v1::RegistryChange change;
    *change.mutable_desk() = *d;
    fill(*change.mutable_desk(), o);
    if (wanted != desk_state::as_it_was) {
        change.mutable_desk()->set_closed(wanted == desk_state::closed);
    }
    change.set_reason(o.reason);
    apply(p, change, "Desk " + o.id + said);
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

void agency_flags(CLI::App& c, agency_options& a, bool whole) {
    c.add_option("ID", a.id, "[a-z0-9-]{2,40}")->required();
    c.add_option("--kind", a.kind, "police, health, school, social_care, …")->required(whole);
    c.add_option("--name", a.name, "name for people")->required(whole);
    c.add_option("--code", a.codes, "organisation codes others know it by (URN, ODS, LA)");
}

void add_agencies(CLI::App& app, program& p) {
    auto* agency =
        app.add_subcommand("agency", "agencies of the partnership")->require_subcommand(1);
    auto a = std::make_shared<agency_options>();
    auto* add = agency->add_subcommand("add", "add an agency");
    agency_flags(*add, *a, true);
    add->callback([a, &p] { add_agency(p, *a); });
    auto* change = agency->add_subcommand("change", "change what is given, keep the rest");
    agency_flags(*change, *a, false);
    change->callback([a, &p] { change_agency(p, *a); });
    agency->add_subcommand("list", "all agencies")->callback([&p] { list_agencies(p, {}); });
    auto* show = agency->add_subcommand("show", "one agency");
    show->add_option("ID", a->id)->required();
    show->callback([a, &p] { list_agencies(p, a->id); });
    auto* suspend = agency->add_subcommand("suspend", "refuse an agency and cut its sessions");
    auto* resume = agency->add_subcommand("resume", "end a suspension");
    for (CLI::App* c : {suspend, resume}) {
        c->add_option("ID", a->id)->required();
        c->add_option("--reason", a->reason, "why, for the log")->required();
    }
    add_invite(*agency, p);
    suspend->callback([a, &p] { set_suspended(p, *a, true); });
    resume->callback([a, &p] { set_suspended(p, *a, false); });
}

void desk_flags(CLI::App& c, desk_options& d) {
    c.add_option("ID", d.id, "agency/role, for example oakfield/dsl")->required();
    c.add_option("--deputy", d.deputies, "desk that stands in; repeat for more, in order");
    c.add_option("--out-of-hours", d.out_of_hours, "desk for out of hours");
    c.add_option("--ask", d.ask, "whom to ask, in words");
}

void add_desks(CLI::App& app, program& p) {
    auto* desk = app.add_subcommand("desk", "desks that get notices")->require_subcommand(1);
    auto d = std::make_shared<desk_options>();
    auto* add = desk->add_subcommand("add", "add a desk");
    desk_flags(*add, *d);
    add->callback([d, &p] { add_desk(p, *d); });
    auto* change = desk->add_subcommand("change", "change what is given, keep the rest");
    desk_flags(*change, *d);
    change->callback([d, &p] { change_desk(p, *d, desk_state::as_it_was, " is changed"); });
    auto* close = desk->add_subcommand("close", "send it nothing new");
    auto* open = desk->add_subcommand("open", "open a closed desk again");
    for (CLI::App* c : {close, open}) {
        c->add_option("ID", d->id)->required();
        c->add_option("--reason", d->reason, "why, for the log")->required();
    }
    close->callback([d, &p] { change_desk(p, *d, desk_state::closed, " is closed"); });
    open->callback([d, &p] { change_desk(p, *d, desk_state::open, " is open"); });
    desk->add_subcommand("list", "all desks")->callback([&p] { list_desks(p); });
}

} // namespace

void add_registry(CLI::App& app, program& p) {
    add_agencies(app, p);
    add_desks(app, p);
}

} // namespace cairn::cli

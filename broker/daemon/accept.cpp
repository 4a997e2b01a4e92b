#include "daemon/accept.hpp"

#include "core/limits.hpp"
#include "daemon/names.hpp"
#include "daemon/originator.hpp"
#include "intake/validate.hpp"
#include "obligations/uk_time.hpp"
#include "redaction/challenge.hpp"
#include "routing/testing.hpp"

#include <algorithm>

namespace cairn::daemon {
namespace {

v1::ConcernKind kind_of(const v1::Concern& c) {
    // Body members 30 to 40 stand in the order of ConcernKind 1 to 11 (checked by a test).
    const int number = static_cast<int>(c.body_case());
    return number == 0 ? v1::CONCERN_KIND_UNSPECIFIED : static_cast<v1::ConcernKind>(number - 29);
}

// Whom to ask about something hidden: the sender's first open desk in its own words, else the
// agency.
std::string ask_line(const submission& s) {
    for (const v1::Desk& d : s.registry->state().desks()) {
        const auto name = registry::parse_desk(d.id());
        if (name && name->agency == s.sender && !d.closed() && !d.ask().empty()) return d.ask();
    }
    const v1::Agency* agency = s.registry->agency(s.sender);
    return agency == nullptr || agency->name().empty() ? s.sender : agency->name();
}

redaction::desk_context
context_in(const submission& s, const routing::routed_desk& to, const earlier& answers) {
    redaction::desk_context d = context_of(*s.registry, to.desk, to.rule);
    const std::string& asked = answers.parties.sender_agency;
    d.in_reply = !asked.empty() && agency_of(to.desk) == asked;
    d.lead_practitioner = s.request.concern().lead_practitioner_desk() == to.desk;
    d.sender_desk = agency_of(to.desk) == s.sender;
    return d;
}

// Who else was told is itself told to nobody beyond what any recipient of a referral may presume:
// the front door and the police (docs/adr/0010-also-told.md).
bool may_be_named_to_others(const routing::routed_desk& d) {
    const bool presumed =
        d.role == v1::ROLE_FRONT_DOOR || d.role == v1::ROLE_MASH || d.role == v1::ROLE_PPU;
    return presumed && !d.hidden_from_sender;
}

// A referral the front door could not read in full would be a referral nobody acts on: the sender
// learns it now, not after a child was harmed. Who stands in for it counts as the front door.
const desk_notice* blind_front_door(const prepared& p) {
    if (p.kind != v1::CONCERN_KIND_NOTIFICATION) return nullptr;
    const auto blind = std::find_if(p.desks.begin(), p.desks.end(), [](const desk_notice& d) {
        return d.desk.for_front_door && !d.verdicts.narrative_shown;
    });
    return blind == p.desks.end() ? nullptr : &*blind;
}

// The cell that is not shown in full and so closes the text: "persons[0], CATEGORY_CONTACT".
std::string closing_cell(const redaction::verdicts& v) {
    for (const auto& group : v.decisions) {
        if (group.form() == v1::FORM_FULL) continue;
        for (const std::uint32_t cell : group.cells()) {
            const auto category = redaction::category_of(cell);
            if (category == v1::CATEGORY_NARRATIVE || category == v1::CATEGORY_HEADER ||
                category == v1::CATEGORY_SEALED) {
                continue;
            }
            const auto person = redaction::person_of(cell);
            std::string out =
                person == 0 ? "concern" : "concern.persons[" + std::to_string(person - 1) + "]";
            return out + ", " + v1::Category_Name(category);
        }
    }
    return "the text itself";
}

// The first text the front door would miss, for the sender to move elsewhere.
std::string narrative_place(const v1::Concern& c) {
    const auto item = [](std::string_view list, int i, std::string_view field) {
        std::string out("concern.");
        out.append(list).append("[").append(std::to_string(i)).append("].").append(field);
        return out;
    };
    if (!c.notification().narrative().empty()) return "concern.notification.narrative";
    for (int i = 0; i < c.persons_size(); ++i) {
        if (!c.persons(i).voice().own_words().empty()) return item("persons", i, "voice.own_words");
    }
    for (int i = 0; i < c.assertions_size(); ++i) {
        if (!c.assertions(i).text().empty()) return item("assertions", i, "text");
        if (!c.assertions(i).allegation().what().empty())
            return item("assertions", i, "allegation.what");
        if (!c.assertions(i).intelligence().content().empty())
            return item("assertions", i, "intelligence.content");
    }
    if (!c.risk().reasoning().empty()) return "concern.risk.reasoning";
    if (!c.family_informed().reason().empty()) return "concern.family_informed.reason";
    return "concern: a free text of the place or of a requested action";
}

// Every concern may bring answers; an agency without a desk hears none of them.
void warn_if_unanswerable(const submission& s, prepared& p) {
    const auto open = [&s](const v1::Desk* d) {
        return d != nullptr && agency_of(d->id()) == s.sender && s.registry->is_open(*d);
    };
    // Most certificates act for one: the whole registry is not walked for each concern.
    if (const auto* c = s.registry->certificate(s.caller.certificate_sha256)) {
        for (const auto& id : c->desks()) {
            if (open(s.registry->desk(id))) return;
        }
    }
    for (const v1::Desk& d : s.registry->state().desks()) {
        if (open(&d)) return;
    }
    auto& w = p.warnings.emplace_back();
    w.set_code("no_desk_for_answers");
    w.set_text("Your agency has no open desk: nobody can answer this, and no acknowledgement comes"
    );
}

void add_warnings(std::vector<v1::Warning> more, prepared& p) {
    for (auto& w : more) {
        if (p.warnings.size() >= limits::warnings) break;
        p.warnings.push_back(std::move(w));
    }
}

// A correction by which an address turns out to be protected.
bool protects_late(const prepared& p) {
    const auto& cells = p.analysis.cells;
    return p.kind == v1::CONCERN_KIND_CORRECTION &&
           std::any_of(cells.begin(), cells.end(), [](const redaction::cell_input& in) {
               return redaction::category_of(in.id) == v1::CATEGORY_PROTECTED_ADDRESS;
           });
}

intake::review_days review_days_of(const submission& s) {
    const obligations::calendar weekends;
    const auto& days = s.days == nullptr ? weekends : *s.days;
    const auto today = obligations::uk_day(s.decided_at_us);
    const auto iso = [&](int working) {
        const auto day = obligations::working_day_after(today, working, days);
        return iso_day(std::chrono::microseconds(day.time_since_epoch()).count());
    };
    return {iso(0), iso(1), iso(5)};
}

} // namespace

redaction::desk_context
context_of(const registry::snapshot& registry, std::string_view desk, std::uint32_t route_rule) {
    redaction::desk_context d;
    d.desk = std::string(desk);
    d.route_rule = route_rule;
    const auto name = registry::parse_desk(desk);
    if (!name) return d;
    d.role = name->role;
    if (const v1::Agency* a = registry.agency(name->agency)) {
        d.organisation_codes.assign(a->organisation_codes().begin(), a->organisation_codes().end());
    }
    return d;
}

status check(submission& s, prepared& p) {
    const v1::Concern& c = s.request.concern();
    p.kind = kind_of(c);
    registry::request asked;
    asked.what = registry::operation::submit;
    asked.kind = p.kind;
    asked.purpose = c.purpose();
    asked.on_behalf_of = s.request.on_behalf_of();
    asked.now_us = s.decided_at_us;
    if (s.exact.size() > limits::concern_bytes) {
        return fail(errc::too_large, "limit " + std::to_string(limits::concern_bytes) + " bytes");
    }
    auto fit = intake::validate(s.request, review_days_of(s));
    if (!fit) return fit.error();
    auto sender = registry::authorise(*s.registry, s.caller, asked);
    if (!sender) return sender.error();
    s.sender = *sender;
    CAIRN_TRY(check_names(c, *s.registry));
    p.warnings = std::move(fit->warnings);
    if (!speaks_for_originator(*s.registry, s.sender)) add_warnings(ignored_releases(c), p);
    if (!routing::is_test(*s.registry, s.sender)) warn_if_unanswerable(s, p);
    if (s.policy == nullptr) return fail(errc::policy_missing);
    if (!s.policy->in_force(s.decided_at_us)) return fail(errc::policy_expired);
    return {};
}

status decide(const submission& s, const key256& pseudonym_key, prepared& p) {
    const v1::Concern& c = s.request.concern();
    const routing::origin from{
        s.sender, desks_of(*s.registry, s.caller, s.sender, s.decided_at_us)};
    auto route = routing::find_route(c, from, *s.registry, *s.policy, p.answers.parties);
    if (!route) return route.error();
    std::move(route->warnings.begin(), route->warnings.end(), std::back_inserter(p.warnings));
    p.analysis = redaction::analyse(c, speaks_for_originator(*s.registry, s.sender));
    if (protects_late(p))
        add_warnings(still_given_as_safe(p.answers.contacts.beside(c.in_reply_to())), p);
    redaction::concern_context shared;
    shared.concern_id = p.concern_id;
    p.thread = c.thread().empty() ? p.concern_id : c.thread();
    shared.thread = p.thread;
    shared.sender = s.sender;
    shared.decided_at_us = s.decided_at_us;
    shared.ask = ask_line(s);
    shared.pseudonym_key = pseudonym_key;
    shared.test = routing::is_test(*s.registry, s.sender);
    shared.decided = p.decided;
    for (const auto& d : route->desks) {
        if (may_be_named_to_others(d)) shared.open_desks.push_back(d.desk);
    }
    p.desks.reserve(route->desks.size());
    // Those the sender may know of: what another would be owed is no warning of the sender's.
    std::vector<redaction::desk_context> known;
    for (auto& to : route->desks) {
        const auto context = context_in(s, to, p.answers);
        if (!c.detriments().empty() && routing::shown_to_sender(to)) known.push_back(context);
        auto made = redaction::make_encoded_notice(c, p.analysis, *s.policy, shared, context);
        p.desks.push_back({to, std::move(made), std::move(made.encoded)});
        if (p.redacted) p.redacted();
    }
    auto challenged = redaction::challenges(c, p.analysis, *s.policy, known);
    p.challenged = static_cast<std::uint32_t>(challenged.size());
    std::move(challenged.begin(), challenged.end(), std::back_inserter(p.warnings));
    if (const desk_notice* blind = blind_front_door(p)) {
        return fail(
            errc::narrative_unreachable,
            narrative_place(c) + ", closed by " + closing_cell(blind->verdicts)
        );
    }
    return {};
}

bool adds_hidden(const prepared& p) {
    return std::any_of(p.desks.begin(), p.desks.end(), [](const desk_notice& d) {
        return d.desk.hidden_from_sender;
    });
}

bool withdraws(const prepared& p) {
    return p.kind == v1::CONCERN_KIND_RECALL || protects_late(p);
}

} // namespace cairn::daemon

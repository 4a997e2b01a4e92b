#include "routing/route.hpp"

#include "core/limits.hpp"
#include "routing/conflict.hpp"
#include "routing/council.hpp"
#include "routing/match.hpp"
#include "routing/testing.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace cairn::routing {

namespace {

// The conflicts of a thread bind whatever follows in it.
conflict_set conflicts_of(const v1::Concern& c, const thread_parties& thread) {
    conflict_set out = conflict_set::of(c);
    out.join(thread.conflicts);
    return out;
}

bool is_exclusive(const std::vector<const v1::RoutingRule*>& rules) {
    return !rules.empty() && rules.front()->exclusive();
}

// What the rules say of an allegation about staff, whatever the incident this concern is sent for.
std::vector<const v1::RoutingRule*>
allegation_rules(const policy::table& rules, v1::ConcernKind kind, v1::RiskLevel risk) {
    const bool notification = kind == v1::CONCERN_KIND_NOTIFICATION;
    return matching(
        rules,
        {kind,
         notification ? v1::Notification::INCIDENT_STAFF_ALLEGATION
                      : v1::Notification::INCIDENT_UNSPECIFIED,
         v1::PURPOSE_ALLEGATION,
         risk}
    );
}

class router {
public:
    router(
        const v1::Concern& c,
        const origin& from,
        const registry::snapshot& registry,
        const thread_parties& thread
    )
        : concern_(c), from_(from), registry_(registry), thread_(thread),
          conflicts_(conflicts_of(c, thread)),
          // The accused may sit at the sender's own screen: what policy adds is not told there.
          sender_bound_(conflicts_.binds_agency(from.agency)) {}

    result<route> find(const policy::table& rules);

private:
    struct place {
        std::uint32_t rule = 0;
        bool hide = false;
        std::string where;
        // The role it is sent to: a front door's deputy stands for the front door.
        bool for_front_door = false;
    };

    std::vector<const v1::RoutingRule*> rules_of(const policy::table& rules);
    status addressed(const std::vector<const v1::RoutingRule*>& rules);
    [[nodiscard]] bool is_officer(v1::Role role) const;
    [[nodiscard]] bool officer_may_tell(v1::Role officer, std::string_view desk) const;
    void officer(const v1::RoutingRule& rule);
    void tell_officer_too(const policy::table& rules);
    void thread_desks(const place& from);
    std::vector<const v1::Desk*> all_of(v1::Role role) const;
    status follow(const v1::RoutingRule& rule);
    void school(const v1::RoutingRule& rule);
    enum class school_answer { told, not_told, unknown };
    school_answer send_to_school(const v1::Person& child, const place& from);
    void role(v1::Role role, place from);
    // False where nobody got it: gone, or closed or bound with no stand-in.
    bool send(std::string_view desk, const place& from);
    [[nodiscard]] bool is_hidden(std::string_view desk, const place& from) const;
    [[nodiscard]] const v1::Desk* stand_in(const v1::Desk& desk) const;
    void add(routed_desk d);
    void warn(std::string code, std::string where, std::string text);

    const v1::Concern& concern_;
    const origin& from_;
    const registry::snapshot& registry_;
    const thread_parties& thread_;
    const conflict_set conflicts_;
    const bool sender_bound_;
    std::map<std::string, routed_desk, std::less<>> desks_;
    std::vector<v1::Warning> warnings_;
};

void router::warn(std::string code, std::string where, std::string text) {
    for (const auto& w : warnings_) {
        if (w.code() == code && w.where() == where) return;
    }
    auto& w = warnings_.emplace_back();
    w.set_code(std::move(code));
    w.set_where(std::move(where));
    w.set_text(std::move(text));
}

void router::add(routed_desk d) {
    const auto [at, fresh] = desks_.emplace(d.desk, d);
    if (fresh) return;
    auto& have = at->second;
    // What the sender wrote is no secret from the sender; whether policy added the same desk is.
    have.hidden_from_sender = have.named || d.named
                                  ? have.hidden_from_sender || d.hidden_from_sender
                                  : have.hidden_from_sender && d.hidden_from_sender;
    have.rule = std::min(have.rule, d.rule);
    have.named = have.named || d.named;
    have.deputy = have.deputy && d.deputy;
    have.for_front_door = have.for_front_door || d.for_front_door;
}

// The first of the deputies, then of theirs, that is open and not in conflict itself.
const v1::Desk* router::stand_in(const v1::Desk& desk) const {
    std::vector<const v1::Desk*> level = {&desk};
    std::set<std::string_view> seen = {desk.id()};
    while (!level.empty()) {
        std::vector<const v1::Desk*> next;
        for (const auto* d : level) {
            for (const auto& id : d->deputies()) {
                const auto* deputy = registry_.desk(id);
                if (!deputy || !seen.insert(deputy->id()).second) continue;
                if (registry_.is_open(*deputy) && !conflicts_.binds(deputy->id())) return deputy;
                next.push_back(deputy);
            }
        }
        level = std::move(next);
    }
    return nullptr;
}

// What the sender was told of earlier in the thread is no secret now.
bool router::is_hidden(std::string_view id, const place& from) const {
    if (thread_.hidden.contains(id)) return true;
    const auto& before = thread_.desks;
    const bool known = thread_.sender_agency == from_.agency &&
                       std::find(before.begin(), before.end(), id) != before.end();
    return from.hide || (sender_bound_ && !known);
}

bool router::send(std::string_view id, const place& from) {
    const auto* desk = registry_.desk(id);
    if (!desk) return false; // a desk of an earlier concern that is no more
    const auto role = registry::parse_desk(id)->role;
    // Where it came from is told nothing new by an answer, unless its own agency listed it.
    const bool answered = id == thread_.reply_desk && !conflicts_.lists(id);
    const bool bound = conflicts_.binds(id) && !answered;
    const bool hide = from.rule != 0 && is_hidden(id, from);
    const bool named = from.rule == 0 || thread_.named.contains(id);
    const bool front_door = from.for_front_door || role == v1::ROLE_FRONT_DOOR;
    if (!bound && registry_.is_open(*desk)) {
        add({std::string(id), role, from.rule, hide, named, false, front_door});
        return true;
    }
    if (const auto* other = stand_in(*desk)) {
        // Told by name, the stand-in of a desk in conflict would tell which conflict it is.
        add(
            {other->id(),
             registry::parse_desk(other->id())->role,
             from.rule,
             hide || bound || thread_.hidden.contains(other->id()),
             false,
             true,
             front_door}
        );
        return true;
    }
    // Who is left out for a conflict is not said: a refusal by name would confirm it.
    if (bound) {
        warn("desk_left_out", from.where, "A desk was left out; policy chose the route");
    } else if (!from.where.empty()) {
        // Nothing the sender wrote: one closed desk among those of a role is no news to the sender.
        warn("desk_closed", from.where, "The desk is closed and no open desk stands in for it");
    }
    return false;
}

// An allegation stays on its route whatever purpose a later concern of its thread states.
std::vector<const v1::RoutingRule*> router::rules_of(const policy::table& rules) {
    const route_point point = point_of(concern_);
    auto own = matching(rules, point);
    if (!thread_.exclusive || is_exclusive(own)) return own;
    return allegation_rules(rules, point.kind, point.risk);
}

// The officer for allegations alone: a certificate that acts for other desks of the agency too may
// be anybody's there.
bool router::is_officer(v1::Role role) const {
    return !from_.desks.empty() &&
           std::all_of(from_.desks.begin(), from_.desks.end(), [&](const std::string& desk) {
               return registry::parse_desk(desk)->role == role;
           });
}

// Police, and the officers of other areas.
bool router::officer_may_tell(v1::Role officer, std::string_view desk) const {
    const auto name = registry::parse_desk(desk);
    const auto* agency = registry_.agency(name->agency);
    return name->role == officer || (agency != nullptr && agency->kind() == v1::AGENCY_KIND_POLICE);
}

status router::addressed(const std::vector<const v1::RoutingRule*>& rules) {
    const bool exclusive = is_exclusive(rules);
    const bool officer = exclusive && rules.front()->role() != v1::ROLE_UNSPECIFIED &&
                         is_officer(rules.front()->role());
    for (int i = 0; i < concern_.desks_size(); ++i) {
        const auto& id = concern_.desks(i);
        const std::string where = "desks[" + std::to_string(i) + "]";
        if (!registry_.desk(id)) return fail(errc::unknown_desk, where);
        if (exclusive && !(officer && officer_may_tell(rules.front()->role(), id))) {
            warn("exclusive_route", where, "Policy alone chooses the route of such a concern");
        } else {
            send(id, {0, false, where});
        }
    }
    return {};
}

// What the officer itself writes goes on, not back: to the other side of the thread and to the
// desks it may tell.
void router::officer(const v1::RoutingRule& rule) {
    const place from{rule.number(), rule.hide_from_sender(), {}};
    if (!is_officer(rule.role())) return role(rule.role(), from);
    thread_desks(from);
    if (desks_.empty()) role(rule.role(), from);
}

// A person who works with children is accused beside something else: the officer is told as well,
// and the concern keeps its other desks.
void router::tell_officer_too(const policy::table& rules) {
    const bool works_with_children = std::any_of(
        concern_.assertions().begin(),
        concern_.assertions().end(),
        [](const v1::Assertion& a) { return a.allegation().works_with_children(); }
    );
    if (!works_with_children) return;
    for (const auto* r :
         allegation_rules(rules, v1::CONCERN_KIND_NOTIFICATION, v1::RISK_LEVEL_UNSPECIFIED)) {
        if (r->target() != v1::RoutingRule::TARGET_ROLE || is_officer(r->role())) continue;
        role(r->role(), {r->number(), r->hide_from_sender(), {}});
    }
}

void router::thread_desks(const place& from) {
    for (const auto& desk : thread_.desks) send(desk, from);
}

// Closed desks too: a deputy may stand in.
std::vector<const v1::Desk*> router::all_of(v1::Role role) const {
    std::vector<const v1::Desk*> out;
    for (const auto& d : registry_.state().desks()) {
        const auto name = registry::parse_desk(d.id());
        if (name && name->role == role) out.push_back(&d);
    }
    return out;
}

// Of several councils the one whose area it is; all of them where that is not said, or where the
// one has nobody free of conflict: a child is not to fall between two areas.
void router::role(v1::Role role, place from) {
    from.for_front_door = role == v1::ROLE_FRONT_DOOR;
    const auto all = all_of(role);
    std::set<std::string_view> councils;
    for (const auto* d : all) {
        const auto agency = registry::parse_desk(d->id())->agency;
        if (!registry_.is_open(*d)) continue;
        if (registry_.agency(agency)->kind() == v1::AGENCY_KIND_SOCIAL_CARE)
            councils.insert(agency);
    }
    bool told = false;
    if (councils.size() > 1) {
        const auto area = councils_of(concern_, registry_);
        for (const auto* d : all) {
            if (area.contains(registry::parse_desk(d->id())->agency))
                told = send(d->id(), from) || told;
        }
        if (!told && !from.hide && !sender_bound_) {
            warn(
                "area_unknown",
                "persons",
                "More than one council could be meant and all are told: state the child's local "
                "authority"
            );
        }
    }
    if (told) return;
    for (const auto* d : all) send(d->id(), from);
}

router::school_answer router::send_to_school(const v1::Person& child, const place& from) {
    const auto* school = registry_.by_organisation_code(child.education().school_code());
    if (!school || school->kind() != v1::AGENCY_KIND_SCHOOL) return school_answer::unknown;
    std::string desk = school->id();
    desk.append("/").append(registry::role_text(v1::ROLE_DSL));
    if (!registry_.desk(desk)) return school_answer::unknown;
    return send(desk, from) ? school_answer::told : school_answer::not_told;
}

// Each child's own school. Brothers and sisters go by their own concern: a school is told of its
// pupil.
void router::school(const v1::RoutingRule& rule) {
    place from{rule.number(), rule.hide_from_sender(), {}};
    bool any_child = false;
    bool all_told = true;
    for (int i = 0; i < concern_.persons_size(); ++i) {
        const auto& child = concern_.persons(i);
        if (child.role() != v1::SUBJECT_CHILD) continue;
        any_child = true;
        from.where = "persons[" + std::to_string(i) + "].education.school_code";
        const auto answer = send_to_school(child, from);
        all_told = all_told && answer == school_answer::told;
        if (answer != school_answer::unknown) continue;
        const bool missing = child.education().school_code().empty();
        warn(
            "school_unknown",
            from.where,
            missing ? "No school is named for this child: it goes to the front door"
                    : "No desk here has this school's code: it goes to the front door"
        );
    }
    if (!any_child || !all_told) role(rule.fallback_role(), {rule.number(), from.hide, {}});
}

status router::follow(const v1::RoutingRule& rule) {
    const place from{rule.number(), rule.hide_from_sender(), {}};
    const bool unaddressed = concern_.desks().empty();
    switch (rule.target()) {
    case v1::RoutingRule::TARGET_ROLE:
        if (rule.exclusive())
            officer(rule);
        else
            role(rule.role(), from);
        return {};
    case v1::RoutingRule::TARGET_SCHOOL_OF_CHILD:
        school(rule);
        return {};
    case v1::RoutingRule::TARGET_ADDRESSED:
        if (unaddressed && rule.fallback_role() != v1::ROLE_UNSPECIFIED) {
            role(rule.fallback_role(), from);
        }
        return {};
    case v1::RoutingRule::TARGET_THREAD_PARTIES:
        // A link may name its desks; the thread's parties are for when it does not.
        if (concern_.has_link() && !unaddressed) return {};
        if (thread_.desks.empty() && !concern_.has_link()) {
            return fail(errc::reply_unknown, "in_reply_to");
        }
        thread_desks(from);
        return {};
    default:
        return {};
    }
}

result<route> router::find(const policy::table& rules) {
    const auto found = rules_of(rules);
    CAIRN_TRY(addressed(found));
    for (const auto* rule : found) CAIRN_TRY(follow(*rule));
    if (!is_exclusive(found)) tell_officer_too(rules);
    if (desks_.empty()) return fail(errc::no_route, {}, "no desk open and free of conflict");
    if (desks_.size() > limits::desks) {
        return fail(errc::too_many, "desks, at most " + std::to_string(limits::desks));
    }
    route out;
    for (auto& [id, desk] : desks_) out.desks.push_back(std::move(desk));
    out.warnings = std::move(warnings_);
    return out;
}

} // namespace

bool exclusive_route(const v1::Concern& c, const policy::table& rules) {
    return is_exclusive(matching(rules, point_of(c)));
}

result<route> find_route(
    const v1::Concern& c,
    const origin& from,
    const registry::snapshot& registry,
    const policy::table& rules,
    const thread_parties& thread
) {
    if (is_test(registry, from.agency)) return test_route(c, from, registry, thread);
    return router(c, from, registry, thread).find(rules);
}

} // namespace cairn::routing

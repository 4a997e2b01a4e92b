#include "routing/route.hpp"

#include "core/limits.hpp"
#include "routing/conflict.hpp"
#include "routing/match.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace cairn::routing {

namespace {

class router {
public:
    router(
        const v1::Concern& c,
        std::string_view sender_agency,
        const registry::snapshot& registry,
        const thread_parties& thread
    )
        : concern_(c), registry_(registry), thread_(thread), conflicts_(conflict_set::of(c)),
          // The accused may sit at the sender's own screen: what policy adds is not told there.
          sender_bound_(conflicts_.binds_agency(sender_agency)) {}

    result<route> find(const std::vector<const v1::RoutingRule*>& rules);

private:
    struct place {
        std::uint32_t rule = 0;
        bool hide = false;
        std::string where;
    };

    status addressed(bool dropped);
    status follow(const v1::RoutingRule& rule);
    void school(const v1::RoutingRule& rule);
    enum class school_answer { told, not_told, unknown };
    school_answer send_to_school(const v1::Person& child, const place& from);
    void role(v1::Role role, const place& from);
    // False where nobody got it: gone, or closed or bound with no stand-in.
    bool send(std::string_view desk, const place& from);
    [[nodiscard]] const v1::Desk* stand_in(const v1::Desk& desk) const;
    void add(std::string_view desk, const place& from, bool deputy, bool hidden);
    void warn(std::string code, std::string where, std::string text);

    const v1::Concern& concern_;
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

void router::add(std::string_view desk, const place& from, bool deputy, bool hidden) {
    const auto role = registry::parse_desk(desk)->role;
    const auto [at, fresh] = desks_.emplace(
        std::string(desk), routed_desk{std::string(desk), role, from.rule, hidden, deputy}
    );
    if (fresh) return;
    auto& have = at->second;
    // Named by the sender beats any rule: what the sender wrote is no secret from the sender.
    have.rule = std::min(have.rule, from.rule);
    have.hidden_from_sender = have.hidden_from_sender && hidden;
    have.deputy = have.deputy && deputy;
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

bool router::send(std::string_view id, const place& from) {
    const auto* desk = registry_.desk(id);
    if (!desk) return false; // a desk of an earlier concern that is no more
    const bool bound = conflicts_.binds(id);
    const bool hide = from.rule != 0 && (from.hide || sender_bound_);
    if (!bound && registry_.is_open(*desk)) {
        add(id, from, false, hide);
        return true;
    }
    if (const auto* other = stand_in(*desk)) {
        // Told by name, the stand-in of a desk in conflict would tell which conflict it is.
        add(other->id(), from, true, hide || bound);
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

status router::addressed(bool dropped) {
    for (int i = 0; i < concern_.desks_size(); ++i) {
        const auto& id = concern_.desks(i);
        const std::string where = "desks[" + std::to_string(i) + "]";
        if (!registry_.desk(id)) return fail(errc::unknown_desk, where);
        if (dropped) {
            warn("exclusive_route", where, "Policy alone chooses the route of such a concern");
        } else {
            send(id, {0, false, where});
        }
    }
    return {};
}

void router::role(v1::Role role, const place& from) {
    // Closed desks too: a deputy may stand in.
    for (const auto& d : registry_.state().desks()) {
        const auto name = registry::parse_desk(d.id());
        if (name && name->role == role) send(d.id(), from);
    }
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
        for (const auto& desk : thread_.desks) send(desk, from);
        return {};
    default:
        return {};
    }
}

result<route> router::find(const std::vector<const v1::RoutingRule*>& rules) {
    const bool exclusive = !rules.empty() && rules.front()->exclusive();
    CAIRN_TRY(addressed(exclusive));
    for (const auto* rule : rules) CAIRN_TRY(follow(*rule));
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

result<route> find_route(
    const v1::Concern& c,
    std::string_view sender_agency,
    const registry::snapshot& registry,
    const policy::table& rules,
    const thread_parties& thread
) {
    return router(c, sender_agency, registry, thread).find(matching(rules, point_of(c)));
}

} // namespace cairn::routing

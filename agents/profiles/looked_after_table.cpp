#include "agents/profiles/cin_values.hpp"
#include "agents/profiles/dirty_values.hpp"
#include "agents/profiles/looked_after.hpp"

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;
using formats::leaf;
using target = looked_after_target;

constexpr leaf_outcome taken{};
constexpr leaf_outcome not_a_date{false, "not a date of the form DD/MM/YYYY"};
constexpr leaf_outcome not_a_code{false, "not a code of the set"};

leaf_outcome put_child(target& to, const leaf& l) {
    if (!to.child.identifiers().empty()) return taken;
    auto& id = *to.child.add_identifiers();
    id.set_scheme(v1::Identifier::SCHEME_LA_CHILD_ID);
    id.set_value(l.value);
    return taken;
}

leaf_outcome put_born(target& to, const leaf& l) {
    const auto date = english_date(l.value);
    return date ? put_birth(to.child, *date) : not_a_date;
}

template <class Part>
leaf_outcome put_date(Part& part, v1::PartialDate* (Part::*field)(), const leaf& l) {
    const auto date = english_date(l.value);
    if (!date) return not_a_date;
    *(part.*field)() = *date;
    return taken;
}

leaf_outcome put_kind(target& to, const leaf& l) {
    using kind = v1::MissingEpisode;
    if (l.value != "M" && l.value != "A") return not_a_code;
    to.missing.set_kind(l.value == "M" ? kind::KIND_MISSING : kind::KIND_AWAY_WITHOUT_AUTHORITY);
    return taken;
}

leaf_outcome put_missing_from(target& to, const leaf& l) {
    return put_date(to.missing, &v1::MissingEpisode::mutable_started, l);
}

leaf_outcome put_missing_until(target& to, const leaf& l) {
    return put_date(to.missing, &v1::MissingEpisode::mutable_ended, l);
}

leaf_outcome put_placed_from(target& to, const leaf& l) {
    return put_date(to.placement, &v1::CaseStatus::Plan::mutable_from, l);
}

leaf_outcome put_placed_until(target& to, const leaf& l) {
    return put_date(to.placement, &v1::CaseStatus::Plan::mutable_until, l);
}

leaf_outcome put_review(target& to, const leaf& l) {
    const auto date = english_date(l.value);
    if (!date) return not_a_date;
    *to.placement.add_reviewed_on() = *date;
    return taken;
}

// Codes of the return's guide that say an order a partner has to know of; the others are how a
// child came to be accommodated.
leaf_outcome put_legal_status(target& to, const leaf& l) {
    const std::pair<std::string_view, v1::Order::Kind> orders[] = {
        {"C1", v1::Order::KIND_CARE},
        {"C2", v1::Order::KIND_CARE},
        {"L1", v1::Order::KIND_POLICE_PROTECTION},
        {"L2", v1::Order::KIND_EMERGENCY_PROTECTION}};
    for (const auto& [code, kind] : orders) {
        if (l.value != code) continue;
        to.order.set_kind(kind);
        return taken;
    }
    return {false, "no order that a concern knows"};
}

leaf_outcome put_need(target& to, const leaf& l) {
    const auto code = census_code(*v1::PrimaryNeed_descriptor(), l.value);
    if (!code) return not_a_code;
    to.child.mutable_case_status()->set_primary_need(static_cast<v1::PrimaryNeed>(*code));
    return taken;
}

leaf_outcome put_home(target& to, const leaf& l) {
    to.home.set_use(v1::Address::USE_HOME);
    return put_postcode(to.home, l.value);
}

// Where a child is placed is what others must not find out.
leaf_outcome put_placed_at(target& to, const leaf& l) {
    to.placed_at.set_use(v1::Address::USE_PLACEMENT);
    to.placed_at.set_harm(v1::Address::HARM_PROTECTED);
    return put_postcode(to.placed_at, l.value);
}

// clang-format off
constexpr row<target> missing[] = {
    {"CHILD", put_child, "persons.identifiers.value"},
    {"DOB", put_born, "persons.birth.born"},
    {"MISSING", put_kind, "persons.missing_episodes.kind"},
    {"MIS_START", put_missing_from, "persons.missing_episodes.started"},
    {"MIS_END", put_missing_until, "persons.missing_episodes.ended"},
};

constexpr row<target> episodes[] = {
    {"CHILD", put_child, "persons.identifiers.value"},
    {"DECOM", put_placed_from, "persons.case_status.plans.from"},
    {"DEC", put_placed_until, "persons.case_status.plans.until"},
    {"LS", put_legal_status, "persons.orders.kind"},
    {"CIN", put_need, "persons.case_status.primary_need"},
    {"HOME_POST", put_home, "persons.addresses.postcode"},
    {"PL_POST", put_placed_at, "persons.addresses.postcode"},
    {"RNE", nullptr, "why an episode begins, for statistics"},
    {"REC", nullptr, "why an episode ends, for statistics"},
    {"PLACE", nullptr, "the kind of placement, for statistics"},
    {"PLACE_PROVIDER", nullptr, "who provides the placement, for statistics"},
    {"REASON_PLACE_CHANGE", nullptr, "for statistics"},
    {"URN", nullptr, "names the home, and with it the placement's address"},
};

constexpr row<target> reviews[] = {
    {"CHILD", put_child, "persons.identifiers.value"},
    {"DOB", put_born, "persons.birth.born"},
    {"REVIEW", put_review, "persons.case_status.plans.reviewed_on"},
    {"REVIEW_CODE", nullptr, "how the child took part, for statistics"},
};
// clang-format on

} // namespace

std::span<const row<target>> missing_rows() {
    return missing;
}
std::span<const row<target>> episode_rows() {
    return episodes;
}
std::span<const row<target>> review_rows() {
    return reviews;
}

} // namespace cairn::agents::profiles

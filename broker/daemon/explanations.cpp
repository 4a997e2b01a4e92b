#include "daemon/explanations.hpp"

#include "core/limits.hpp"
#include "daemon/accept.hpp"

namespace cairn::daemon {

explanations::explanations(
    const policy::table& rules,
    const registry::snapshot& registry,
    const v1::ConcernRecord& record,
    const v1::Concern& own
)
    : rules_(rules), registry_(registry), record_(record), own_(own),
      inputs_(redaction::analysis_of(record.inputs())), declared_(own) {}

std::uint32_t explanations::flags_at(std::string_view desk) const {
    for (const auto& d : record_.inputs().desks()) {
        if (d.desk() == desk) return d.flags();
    }
    return 0;
}

v1::DeskExplanation
explanations::of(const v1::ConcernRecord::Notified& desk, redaction::audience to) const {
    redaction::explained_desk d;
    d.desk = desk.desk();
    d.route_rule = desk.route_rule();
    d.flags = flags_at(desk.desk());
    auto context = context_of(registry_, desk.desk(), desk.route_rule());
    d.role = context.role;
    const auto kept = [&d](v1::Flag f) { return (d.flags & policy::bit(f)) != 0; };
    context.sender_desk = kept(v1::FLAG_SENDER_DESK);
    context.lead_practitioner = kept(v1::FLAG_LEAD_PRACTITIONER);
    context.in_reply = kept(v1::FLAG_IN_REPLY);
    context.conflict = kept(v1::FLAG_CONFLICT);
    d.challenged = declared_.challenged(inputs_, rules_, context);
    const auto desks = static_cast<std::size_t>(record_.desks_size());
    d.each_in_words = inputs_.cells.size() * desks <= limits::explained_cells;
    // The auditor reads of persons by number, never by the sender's words for them.
    const v1::Concern* names = to == redaction::audience::sender ? &own_ : nullptr;
    return redaction::explain(rules_, to, d, desk.decisions(), inputs_, names);
}

} // namespace cairn::daemon

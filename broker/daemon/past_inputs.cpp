#include "daemon/past_inputs.hpp"

#include <algorithm>

namespace cairn::daemon {
namespace {

template <class Groups>
std::vector<std::pair<policy::cell_id, std::uint32_t>> rules_of(const Groups& groups) {
    std::vector<std::pair<policy::cell_id, std::uint32_t>> out;
    for (const v1::DecisionGroup& g : groups) {
        for (const std::uint32_t cell : g.cells()) out.emplace_back(cell, g.rule());
    }
    return out;
}

// Nothing else needs the rules: most desks are no school.
bool needs_rules(std::uint32_t flags) {
    return (flags & policy::bit(v1::FLAG_OWN_PUPIL)) != 0;
}

} // namespace

std::optional<policy::past_concern>
past_inputs(const v1::ConcernRecord& record, const registry::snapshot& registry) {
    if (!record.has_inputs() || record.inputs().desks_size() != record.desks_size()) {
        return std::nullopt;
    }
    const v1::DecisionInputs& in = record.inputs();
    policy::past_concern out;
    out.id = record.concern_id();
    out.purpose = in.purpose();
    out.risk = in.risk();
    out.cells.reserve(static_cast<std::size_t>(in.cells_size()));
    for (const auto& cell : in.cells()) {
        const auto subject = static_cast<v1::Subject>(cell.subject());
        out.cells.push_back({cell.cell(), subject, cell.flags()});
    }
    for (int i = 0; i < in.desks_size(); ++i) {
        const auto& kept = in.desks(i);
        const auto name = registry::parse_desk(kept.desk());
        if (!name || registry.desk(kept.desk()) == nullptr) return std::nullopt;
        policy::past_desk desk{kept.desk(), name->role, kept.flags(), {}};
        if (needs_rules(desk.flags)) desk.rules = rules_of(record.desks(i).decisions());
        out.desks.push_back(std::move(desk));
    }
    return out;
}

policy::past_concern past_inputs(const prepared& p) {
    policy::past_concern out;
    out.id = p.concern_id;
    out.purpose = p.analysis.purpose;
    out.risk = p.analysis.risk;
    out.cells = p.analysis.cells;
    for (const desk_notice& d : p.desks) {
        policy::past_desk desk{d.desk.desk, d.desk.role, d.verdicts.desk_flags, {}};
        if (needs_rules(desk.flags)) desk.rules = rules_of(d.verdicts.decisions);
        out.desks.push_back(std::move(desk));
    }
    return out;
}

std::shared_ptr<const policy::table>
past_policies::at(const digest& text, std::int64_t decided_at_us) {
    const std::string day = policy_day(decided_at_us);
    const auto found = std::find_if(known_.begin(), known_.end(), [&](const kept& k) {
        return k.text == text && k.from <= day && (k.before.empty() || day < k.before);
    });
    if (found != known_.end()) return found->table;
    if (known_.size() == most) known_.pop_front();
    return known_.emplace_back(make(text, day)).table;
}

past_policies::kept past_policies::make(const digest& text, const std::string& day) {
    kept out{text, day, {}, nullptr};
    const auto exact = rt_.store().read().policy_text(text);
    auto compiled = exact ? policy::table::compile(*exact, day)
                          : result<std::shared_ptr<const policy::table>>(exact.error());
    // Not asked again for every concern it decided.
    if (!compiled) return out;
    out.from.clear();
    for (const auto& r : (*compiled)->source().rules()) {
        const std::string& begins = r.in_force();
        if (begins <= day) out.from = std::max(out.from, begins);
        if (begins > day && (out.before.empty() || begins < out.before)) out.before = begins;
    }
    out.table = std::move(*compiled);
    return out;
}

} // namespace cairn::daemon

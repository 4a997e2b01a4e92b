// The answer to "because of GDPR": a detriment that is declared for data protection alone, of
// something that a must rule shows. The declaration is honoured all the same; it is challenged.
#pragma once

#include "redaction/notice.hpp"
#include "redaction/scope.hpp"

#include "cairn/v1/exchange.pb.h"

#include <cstdint>
#include <vector>

namespace cairn::redaction {

// A hidden cell that the must rule `rule` shows once the declaration is gone; `hidden_by` hides it.
struct challenged_cell {
    cell_id id = 0;
    std::uint32_t rule = 0;
    std::uint32_t hidden_by = 0;
};

// What a concern declares, its reasons read once. Keeps a reference to the concern.
class declared {
public:
    explicit declared(const v1::Concern& c);

    // In id order. A cell is challenged where every detriment that covers it rests on data
    // protection: one real harm is enough to hide.
    [[nodiscard]] std::vector<challenged_cell>
    challenged(const analysis& a, const policy::table& rules, const desk_context& desk) const;
    // By detriment: whether it is declared of the cell.
    [[nodiscard]] bool covers(int detriment, cell_id id) const;

private:
    [[nodiscard]] bool rests_on_data_protection(cell_id id) const;

    const v1::Concern& concern_;
    people who_;
    // By detriment: it names data protection and no harm.
    std::vector<bool> protection_;
    bool any_ = false;
};

// To the sender: one warning for each challenged detriment, by the lowest of the rules that speak
// against it, and one for an answer refused for data protection. It names rule, authority, who
// answers for the rule, the version of the text and the kinds of desk; no value, and nothing of the
// reason. `desks`: those the sender may know of, for what another would see is not told by a
// warning either.
std::vector<v1::Warning> challenges(
    const v1::Concern& c,
    const analysis& a,
    const policy::table& rules,
    const std::vector<desk_context>& desks
);

// What an explanation says of such a cell beside why it is hidden: to sender and auditor, never to
// the desk.
std::string challenge_sentence(const policy::table& rules, const challenged_cell& cell);

// Of an earlier concern, from what its record keeps.
analysis analysis_of(const v1::DecisionInputs& kept);

} // namespace cairn::redaction

// What was decided, decided again from its stored inputs under two texts: the one that decided
// then, and a candidate. No values take part (docs/formats/decision-inputs.md).
#pragma once

#include "policy/cell.hpp"

#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::policy {

// One desk's part of a concern as it was kept. Keeps views into the record.
struct past_desk {
    std::string_view desk;
    v1::Role role = v1::ROLE_UNSPECIFIED;
    // OWN_PUPIL where it held for anybody.
    std::uint32_t flags = 0;
    // The cells and the rules that decided them; read where `flags` has OWN_PUPIL alone.
    std::vector<std::pair<cell_id, std::uint32_t>> rules;
};

struct past_concern {
    std::string_view id;
    v1::Purpose purpose = v1::PURPOSE_UNSPECIFIED;
    v1::RiskLevel risk = v1::RISK_LEVEL_UNSPECIFIED;
    std::vector<cell_input> cells;
    std::vector<past_desk> desks;
};

// A decision of which the candidate shows less or more.
struct flip {
    const past_concern& concern;
    const past_desk& desk;
    const cell_input& cell;
    decision before;
    decision after;

    [[nodiscard]] bool closes() const;
    // A must rule showed it, and the candidate shows less of it.
    [[nodiscard]] bool owed() const;
};

// What a desk's decisions depended on. The record says that OWN_PUPIL held, not for whom; where
// several persons come into question, the rules that decided under `then` tell. Nullopt where they
// do not and it matters to one of the texts.
std::optional<desk_inputs>
inputs_of(const past_concern& c, const past_desk& desk, const table& then, const table& candidate);

// Decides every cell for every desk under both and tells `told` of each flip. How many decisions
// that were; nullopt, and nothing told, where the inputs of one of its desks are not known.
std::optional<std::uint64_t> replay(
    const past_concern& c,
    const table& then,
    const table& candidate,
    const std::function<void(const flip&)>& told
);

} // namespace cairn::policy

#include "fuzz/targets.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace cairn::fuzz {

std::span<const target> targets() {
    static const std::array<target, 15> all{{
        {"http2", http2, http2_seeds},
        {"http1", http1, http1_seeds},
        {"submission", submission, submission_seeds},
        {"json", json, json_seeds},
        {"policy", policy_text, policy_seeds},
        {"policy_rows", policy_rows, policy_rows_seeds},
        {"census", census, census_seeds},
        {"fhir", fhir, fhir_seeds},
        {"note", note, note_seeds},
        {"receipt", receipt, receipt_seeds},
        {"broker_toml", broker_toml, broker_toml_seeds},
        {"agent_toml", agent_toml, agent_toml_seeds},
        {"table", table, table_seeds},
        {"foreign_json", foreign_json, foreign_json_seeds},
        {"sidecar", sidecar, sidecar_seeds},
    }};
    return all;
}

const target* find(std::string_view name) {
    for (const target& t : targets()) {
        if (t.name == name) return &t;
    }
    return nullptr;
}

void must(bool holds, const char* words) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", words);
    std::abort();
}

} // namespace cairn::fuzz

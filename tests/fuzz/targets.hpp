// What reads bytes that others wrote, one function each: run by libFuzzer (./dev fuzz), and by
// replay.cpp over the seeds and over what was once found.
#pragma once

#include "core/bytes.hpp"

#include <span>
#include <string>
#include <vector>

namespace cairn::fuzz {

struct target {
    std::string_view name;
    // Ends the process where something does not hold.
    void (*run)(bytes_view in);
    // Valid inputs to start from.
    std::vector<bytes> (*seeds)();
};

std::span<const target> targets();
const target* find(std::string_view name);

// The process ends with these words where it does not hold.
void must(bool holds, const char* words);

void http2(bytes_view in);
void http1(bytes_view in);
void submission(bytes_view in);
void json(bytes_view in);
void policy_text(bytes_view in);
void policy_rows(bytes_view in);
void census(bytes_view in);
void fhir(bytes_view in);
void note(bytes_view in);
void receipt(bytes_view in);
void broker_toml(bytes_view in);
void agent_toml(bytes_view in);
void table(bytes_view in);
void foreign_json(bytes_view in);
void sidecar(bytes_view in);

std::vector<bytes> http2_seeds();
std::vector<bytes> http1_seeds();
std::vector<bytes> submission_seeds();
std::vector<bytes> json_seeds();
std::vector<bytes> policy_seeds();
std::vector<bytes> policy_rows_seeds();
std::vector<bytes> census_seeds();
std::vector<bytes> fhir_seeds();
std::vector<bytes> note_seeds();
std::vector<bytes> receipt_seeds();
std::vector<bytes> broker_toml_seeds();
std::vector<bytes> agent_toml_seeds();
std::vector<bytes> table_seeds();
std::vector<bytes> foreign_json_seeds();
std::vector<bytes> sidecar_seeds();

} // namespace cairn::fuzz

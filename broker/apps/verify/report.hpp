// What cairn-verify prints: one table or one JSON object, and how it exits.
#pragma once

#include "apps/exit_codes.hpp"
#include "core/result.hpp"
#include "merkle/note.hpp"

#include <nlohmann/json.hpp>

#include <span>
#include <string>
#include <vector>

namespace cairn::verify_app {

using apps::exit_code;

struct row {
    std::string label;
    std::string key;
    nlohmann::ordered_json value;
    // For the table; empty: the value itself.
    std::string text;
};

class report {
public:
    // What was found good, in words: the table's first line.
    explicit report(std::string headline) : headline_(std::move(headline)) {}

    void
    add(std::string label, std::string key, nlohmann::ordered_json value, std::string text = {});
    void add_signatures(std::span<const merkle::good_signature> signatures);

    // Ends with a newline.
    [[nodiscard]] std::string table() const;
    [[nodiscard]] std::string json() const;

private:
    std::string headline_;
    std::vector<row> rows_;
};

// Of microseconds since 1970: 2026-01-01T00:00:00.002500Z.
std::string utc_text(std::uint64_t us);

// What, where, what next.
std::string failure_text(const failure& f, const std::string& subject);
std::string failure_json(const failure& f, const std::string& subject);
// As docs/EXIT_CODES.md has it; a value that cannot be is a key of the command line: wrong use.
int exit_code_for(const failure& f);

} // namespace cairn::verify_app

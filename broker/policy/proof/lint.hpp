// What a reader of a policy text ought to know though nothing of it is refused.
#pragma once

#include "policy/parse.hpp"

#include <chrono>
#include <cstdint>

namespace cairn::policy {

enum class grade { note, warning };

struct finding {
    grade how = grade::note;
    // "dead", "shadowed", "overlap", "stands_over", "barred", "not_in_force", "review",
    // "unverified", "route", "unanswered", "promises", "flag".
    const char* kind = "";
    // "line 12, column 1" of the row, of two that meet the one that decides; empty where it speaks
    // of many or of the text.
    std::string place;
    std::vector<std::uint32_t> rules;
    // For people, with what to do next.
    std::string text;
};

// Warnings first. `text` has passed check().
std::vector<finding> lint(const parsed& text, std::chrono::sys_days today);

// The part of it that needs no proof and that every check of a text says: rows whose day of review
// has passed.
std::vector<finding> overdue(const parsed& text, std::chrono::sys_days today);

} // namespace cairn::policy

// The policy's own words for points and decisions, for people.
#pragma once

#include "policy/decision.hpp"

#include <map>
#include <string>
#include <string_view>

namespace cairn::policy {

class wording {
public:
    explicit wording(const v1::Policy& policy);

    // Word of an enum's value. Flags and provisions that the text has no word for have one here.
    [[nodiscard]] std::string of(std::string_view enum_name) const;
    // "where the conviction matters to the child and its originator released it"; empty without
    // flags.
    [[nodiscard]] std::string where(std::uint32_t flags) const;
    // "would not see physical health of the child".
    [[nodiscard]] std::string would(v1::Form form, v1::Category c, v1::Subject s) const;
    // "school's safeguarding lead, for early help, at imminent danger, where ...,"
    [[nodiscard]] std::string who(const point& p) const;
    // `rule 280 "Declared detriment"`, "no rule" for the default.
    [[nodiscard]] std::string rule(std::uint32_t number) const;

private:
    std::map<std::string, std::string, std::less<>> words_;
    std::map<std::uint32_t, std::string> titles_;
};

} // namespace cairn::policy

// Points of the decision space and the shipped policy, for the tests of the module.
#pragma once

#include "support/shipped_policy.hpp"

#include <google/protobuf/text_format.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace cairn::policy::testing {

inline constexpr std::string_view today = test::today;

inline const table& shipped() {
    return *test::shipped_policy();
}

inline std::string text_of(const v1::Policy& p) {
    std::string out;
    google::protobuf::TextFormat::PrintToString(p, &out);
    return out;
}

inline std::shared_ptr<const table> compiled(const v1::Policy& p) {
    auto made = table::compile(text_of(p), today);
    if (!made) FAIL(made.error().public_text());
    return *made;
}

inline bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// For a change; fails the test where there is none.
inline v1::Rule* rule_of(v1::Policy& p, std::uint32_t number) {
    for (auto& r : *p.mutable_rules()) {
        if (r.number() == number) return &r;
    }
    FAIL("no rule " << number);
    return nullptr;
}

inline std::uint32_t flags(std::initializer_list<v1::Flag> set) {
    std::uint32_t out = 0;
    for (const auto f : set) out |= bit(f);
    return out;
}

template <class Enum>
std::vector<Enum> values(int first, int last) {
    std::vector<Enum> out;
    for (int v = first; v <= last; ++v) out.push_back(static_cast<Enum>(v));
    return out;
}
inline const auto categories = values<v1::Category>(1, v1::Category_MAX);
inline const auto subjects = values<v1::Subject>(1, v1::SUBJECT_CONCERN);
inline const auto roles = values<v1::Role>(1, v1::Role_MAX);
inline const auto purposes = values<v1::Purpose>(1, v1::Purpose_MAX);
inline const auto risks = values<v1::RiskLevel>(0, v1::RiskLevel_MAX);

inline const std::vector<v1::Role> police = {v1::ROLE_MASH, v1::ROLE_PPU};
inline const std::vector<v1::Role> social_care = {
    v1::ROLE_FRONT_DOOR, v1::ROLE_ALLOCATED, v1::ROLE_CP_CHAIR};

// Every point of some categories, under one set of flags.
template <class See>
void sweep(std::uint32_t set, const std::vector<v1::Category>& of, See&& see) {
    for (const auto c : of) {
        for (const auto s : subjects) {
            for (const auto r : roles) {
                for (const auto p : purposes) {
                    for (const auto k : risks) see(point{c, s, r, p, k, set});
                }
            }
        }
    }
}

template <class See>
void sweep(std::uint32_t set, See&& see) {
    sweep(set, categories, see);
}

inline std::string words(const point& p) {
    return v1::Category_Name(p.category) + " of " + v1::Subject_Name(p.subject) + " to " +
           v1::Role_Name(p.role) + " for " + v1::Purpose_Name(p.purpose) + " at " +
           v1::RiskLevel_Name(p.risk) + " flags " + std::to_string(p.flags);
}

inline bool shown(v1::Form f) {
    return f == v1::FORM_FULL || f == v1::FORM_GENERALISED || f == v1::FORM_PSEUDONYM;
}
// More is more open.
inline int openness(v1::Form f) {
    return shown(f) ? 10 - static_cast<int>(f) : 0;
}

} // namespace cairn::policy::testing

// A policy whose answers a test writes down, and one drawn from a seed.
#pragma once

#include "policy/table.hpp"
#include "redaction/notice.hpp"

#include <functional>
#include <set>
#include <string>

namespace cairn::test {

class fake_table final : public policy::table {
public:
    using rule_fn = std::function<policy::decision(const policy::point&)>;

    explicit fake_table(rule_fn decide) : decide_(std::move(decide)) {}

    static policy::decision full() {
        return {v1::FORM_FULL, v1::TIER_ALLOW, 10, v1::REASON_NEEDED_FOR_ROLE};
    }
    static policy::decision masked() {
        return {v1::FORM_MASKED, v1::TIER_DENY, 20, v1::REASON_NOT_NEEDED_FOR_PURPOSE};
    }
    static policy::decision of(v1::Form form) {
        return {form, v1::TIER_ALLOW, 30, v1::REASON_SUMMARY_IS_ENOUGH};
    }
    // One answer for every point, drawn from the seed.
    static fake_table random(std::uint64_t seed);

    fake_table& veil(v1::Category c) {
        veiled_.insert(c);
        return *this;
    }

    [[nodiscard]] policy::decision decide(const policy::point& p) const override {
        return decide_(p);
    }
    [[nodiscard]] const digest& text_digest() const override { return digest_; }
    [[nodiscard]] const std::string& digest_hex() const override { return hex_; }
    [[nodiscard]] const v1::Policy& source() const override { return source_; }
    [[nodiscard]] const std::string& signed_by() const override { return signed_by_; }
    [[nodiscard]] const v1::Rule* rule(std::uint32_t number) const override {
        return number == 10 ? &rule_ : nullptr;
    }
    [[nodiscard]] const v1::RoutingRule* routing_rule(std::uint32_t) const override {
        return nullptr;
    }
    [[nodiscard]] bool veiled(v1::Category c) const override { return veiled_.count(c) != 0; }
    [[nodiscard]] bool in_force(std::int64_t) const override { return true; }
    [[nodiscard]] std::string word(std::string_view name) const override {
        return "word:" + std::string{name};
    }
    [[nodiscard]] std::string
    sentence(v1::ReasonCode r, v1::Category c, v1::Subject, std::string_view ask) const override {
        if (c == v1::CATEGORY_UNSPECIFIED) return "Other information is held.";
        return "Reason " + std::to_string(r) + " ask " + std::string{ask};
    }
    [[nodiscard]] std::string sentence_of_part(
        v1::ReasonCode r, v1::Category, v1::Subject, std::string_view ask
    ) const override {
        return "Part " + std::to_string(r) + " ask " + std::string{ask};
    }

    v1::Rule rule_;

private:
    rule_fn decide_;
    std::set<v1::Category> veiled_;
    digest digest_{};
    std::string signed_by_;
    std::string hex_ = std::string(64, 'a');
    v1::Policy source_;
};

inline fake_table fake_table::random(std::uint64_t seed) {
    fake_table out{[seed](const policy::point& p) {
        std::uint64_t x = seed ^ (static_cast<std::uint64_t>(p.category) << 32U) ^
                          (static_cast<std::uint64_t>(p.subject) << 40U) ^
                          (static_cast<std::uint64_t>(p.role) << 48U) ^ p.flags;
        x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
        x ^= x >> 31U;
        if (p.category == v1::CATEGORY_SEALED) return masked();
        const auto form = static_cast<v1::Form>(1 + x % 5);
        if (p.category == v1::CATEGORY_PROTECTED_ADDRESS && form != v1::FORM_SILENT) {
            return masked(); // the list of who may see one is final, and these desks are not on it
        }
        return policy::decision{
            form,
            v1::TIER_ALLOW,
            static_cast<std::uint32_t>(40 + x / 5 % 7),
            v1::REASON_SUMMARY_IS_ENOUGH};
    }};
    for (int c = 1; c <= 24; ++c) {
        if ((seed >> (c % 13)) % 3 == 0) out.veil(static_cast<v1::Category>(c));
    }
    return out;
}

// What the school's desk gets of a concern under these rules.
inline redaction::redacted notice_for_dsl(const v1::Concern& c, const policy::table& rules) {
    redaction::concern_context shared;
    shared.concern_id = std::string(32, '1');
    shared.thread = std::string(32, '2');
    shared.pseudonym_key.fill(7);
    redaction::desk_context desk;
    desk.desk = "oakfield/dsl";
    desk.role = v1::ROLE_DSL;
    return redaction::make_notice(c, redaction::analyse(c), rules, shared, desk);
}

} // namespace cairn::test

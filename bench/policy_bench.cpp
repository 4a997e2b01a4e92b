// usage: cairn-bench-policy
//
// What a decision, an explanation and a desk's sentence take, over the shipped policy: nanoseconds
// each, the median of seven rounds over the same random points. Figures of a release build alone
// mean anything.
#include "core/assert.hpp"
#include "core/system.hpp"
#include "policy/explain.hpp"
#include "policy/render/outcomes.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace cairn;
using namespace cairn::policy;

namespace {

std::vector<point> points(std::size_t count) {
    std::mt19937 random(1);
    const auto any = [&](int last) {
        return 1 + static_cast<int>(random() % static_cast<unsigned>(last));
    };
    std::vector<point> out(count);
    for (auto& p : out) {
        p.category = static_cast<v1::Category>(any(v1::Category_MAX));
        p.subject = static_cast<v1::Subject>(any(v1::SUBJECT_CONCERN));
        p.role = static_cast<v1::Role>(any(v1::Role_MAX));
        p.purpose = static_cast<v1::Purpose>(any(v1::Purpose_MAX));
        p.risk = static_cast<v1::RiskLevel>(any(v1::RiskLevel_MAX));
        p.flags = static_cast<std::uint32_t>(random()) & ((1U << (v1::Flag_MAX + 1)) - 2);
        p.flags &= ~bit(v1::FLAG_CONFLICT);
    }
    return out;
}

// One concern: one purpose, risk and set of flags; every category of every person, for four desks.
std::vector<point> one_concern() {
    std::vector<point> out;
    for (const auto role : {v1::ROLE_MASH, v1::ROLE_NAMED, v1::ROLE_DSL, v1::ROLE_FRONT_DOOR}) {
        for (int s = 1; s <= v1::SUBJECT_CONCERN; ++s) {
            for (int c = 1; c <= v1::Category_MAX; ++c) {
                out.push_back(
                    {static_cast<v1::Category>(c),
                     static_cast<v1::Subject>(s),
                     role,
                     v1::PURPOSE_S47,
                     v1::RISK_LEVEL_SIGNIFICANT_HARM,
                     bit(v1::FLAG_RELEVANT_CONVICTION)}
                );
            }
        }
    }
    return out;
}

template <class Do>
void measure(const char* what, const std::vector<point>& at, int times, Do&& one) {
    const auto& machine = system_clock();
    std::vector<double> rounds;
    std::size_t sum = 0;
    for (int round = 0; round < 7; ++round) {
        const auto began = machine.mono_now();
        for (int n = 0; n < times; ++n) {
            for (const auto& p : at) sum += one(p);
        }
        const auto took = std::chrono::duration<double, std::nano>(machine.mono_now() - began);
        rounds.push_back(took.count() / static_cast<double>(at.size()) / times);
    }
    std::sort(rounds.begin(), rounds.end());
    // The sum keeps the work from being optimised away.
    fmt::print("{:<42}{:>9.1f} ns   (sum {})\n", what, rounds[rounds.size() / 2], sum % 1000);
}

} // namespace

int main() {
    const auto made = table::compile(template_policy(), "2026-11-22");
    CAIRN_ASSERT(made.has_value(), "the template compiles");
    const auto& policy = **made;
    const auto flags = mentioned_flags(policy.source());
    const auto decide = [&](const point& p) {
        return static_cast<std::size_t>(policy.decide(p).form);
    };
    measure("a decision, the cells of one concern", one_concern(), 500, decide);
    const auto far = points(100'000);
    measure("a decision, anywhere in the space", far, 5, decide);
    const auto few = points(5'000);
    measure("an explanation: what would change it", few, 1, [&](const point& p) {
        return explain(policy, p, flags).opens.size();
    });
    std::vector<explanation> whys;
    for (const auto& p : few) whys.push_back(explain(policy, p, 0));
    std::size_t next = 0;
    measure("a desk's sentence", few, 5, [&](const point&) {
        return recipient_sentence(policy, whys[next++ % whys.size()], "Northshire front door")
            .size();
    });
    return 0;
}

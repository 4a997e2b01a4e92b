// usage: cairn-bench-policy [ROUNDS]
//
// What a decision, an explanation and its three sentences take, over the shipped policy:
// nanoseconds each over the same points, the median of seven rounds, or ROUNDS, and the least,
// which a busy machine spoils less. Figures of a release build alone mean anything.
//
// A sentence is the whole text that one reader gets of one cell, made of an explanation that is
// there already: the desk's says what is shown or held, why and whom to ask; the sender's names
// desk, rule, lawful route and what would show more; the auditor's has purpose, risk, flags,
// authority and who verified it besides, and what would show less. How long they are is printed.
#include "core/assert.hpp"
#include "core/system.hpp"
#include "policy/explain.hpp"
#include "policy/render/outcomes.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
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

// Keeps the work from being optimised away.
volatile std::size_t sink = 0;

class meter {
public:
    explicit meter(std::size_t rounds) : rounds_(rounds) {}

    // Prints what a call of `one` takes, which gives a number of letters or of anything.
    template <class Do>
    void measure(const std::string& what, const std::vector<point>& at, int times, Do&& one) const {
        std::size_t sum = 0;
        print(what, at.size(), times, [&] {
            for (const auto& p : at) sum += one(p);
        });
        sink = sum;
    }
    // The three sentences, of an explanation that is there already.
    void sentences(const char* where, const table& policy, const std::vector<point>& at) const;

private:
    template <class Round>
    void print(const std::string& what, std::size_t points, int times, Round&& round) const {
        const auto& machine = system_clock();
        std::vector<double> took;
        for (std::size_t r = 0; r < rounds_; ++r) {
            const auto began = machine.mono_now();
            for (int n = 0; n < times; ++n) round();
            const std::chrono::duration<double, std::nano> all = machine.mono_now() - began;
            took.push_back(all.count() / static_cast<double>(points) / times);
        }
        std::sort(took.begin(), took.end());
        fmt::print("{:<54}{:>9.1f} ns{:>9.1f} ns\n", what, took[took.size() / 2], took.front());
    }

    std::size_t rounds_;
};

void meter::sentences(const char* where, const table& policy, const std::vector<point>& at) const {
    const vocabulary words(policy.source());
    const auto flags = mentioned_flags(policy.source());
    std::vector<explanation> whys;
    for (const auto& p : at) whys.push_back(explain(policy, p, flags));
    const auto say = [&](const char* whose, auto&& sentence) {
        std::size_t letters = 0;
        for (const auto& why : whys) letters += sentence(why).size();
        std::size_t next = 0;
        measure(
            fmt::format("{} sentence, {}, {} letters", whose, where, letters / whys.size()),
            at,
            5,
            [&](const point&) { return sentence(whys[next++ % whys.size()]).size(); }
        );
    };
    say("a desk's",
        [&](const auto& why) { return recipient_sentence(policy, why, "Northshire front door"); });
    say("the sender's", [&](const auto& why) { return sender_sentence(policy, words, why); });
    say("an auditor's", [&](const auto& why) { return auditor_sentence(policy, words, why); });
}

} // namespace

int main(int argc, char** argv) {
    const int rounds = argc == 2 ? std::atoi(argv[1]) : 7;
    if (argc > 2 || rounds < 1) {
        fmt::print(stderr, "usage: cairn-bench-policy [ROUNDS]\n");
        return 64;
    }
    const auto made = table::compile(template_policy(), "2026-11-22");
    CAIRN_ASSERT(made.has_value(), "the template compiles");
    const auto& policy = **made;
    const auto flags = mentioned_flags(policy.source());
    const meter m(static_cast<std::size_t>(rounds));
    const auto decide = [&](const point& p) {
        return static_cast<std::size_t>(policy.decide(p).form);
    };
    m.measure("a decision, the cells of one concern", one_concern(), 500, decide);
    m.measure("a decision, anywhere in the space", points(100'000), 5, decide);
    const auto few = points(5'000);
    m.measure("an explanation: what would change it", few, 1, [&](const point& p) {
        return explain(policy, p, flags).opens.size();
    });
    m.sentences("one concern", policy, one_concern());
    m.sentences("anywhere", policy, few);
    return 0;
}

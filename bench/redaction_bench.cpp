// usage: cairn-bench-redaction CONCERN.json [ROUNDS]
//
// What a concern costs on one core between its check and the ledger, in microseconds: reading it
// once (cells, flags, the fields that the log commits to), and the notice of each of three desks,
// decided, built and encoded. The median of 15 rounds, or ROUNDS, and the least, which a busy
// machine spoils less. Figures of a release build alone mean anything.
#include "core/assert.hpp"
#include "core/system.hpp"
#include "redaction/notice.hpp"

#include <fmt/core.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace cairn;
using namespace cairn::redaction;

namespace {

// Keeps the work from being optimised away.
volatile std::size_t sink = 0;

template <class Do>
void measure(const std::string& what, int rounds, Do&& one) {
    constexpr int times = 500;
    std::vector<double> took;
    for (int r = 0; r < rounds; ++r) {
        const auto began = system_clock().mono_now();
        for (int n = 0; n < times; ++n) sink = one();
        const std::chrono::duration<double, std::micro> all = system_clock().mono_now() - began;
        took.push_back(all.count() / times);
    }
    std::sort(took.begin(), took.end());
    fmt::print("{:<42}{:>8.1f} us{:>8.1f} us\n", what, took[took.size() / 2], took.front());
}

concern_context shared() {
    concern_context out;
    out.concern_id = "0190c3b0-0000-7000-8000-000000000001";
    out.thread = out.concern_id;
    out.sender = "oakfield";
    out.decided_at_us = 1'770'000'000'000'000;
    out.ask = "Oakfield's safeguarding lead, 01632 960101";
    out.open_desks = {"northshire-council/front_door", "northshire-police/mash"};
    return out;
}

std::vector<desk_context> desks() {
    std::vector<desk_context> out(3);
    out[0].desk = "northshire-police/mash";
    out[0].role = v1::ROLE_MASH;
    out[1].desk = "northshire-health/named";
    out[1].role = v1::ROLE_NAMED;
    out[2].desk = "northshire-council/front_door";
    out[2].role = v1::ROLE_FRONT_DOOR;
    return out;
}

} // namespace

int main(int argc, char** argv) {
    const int rounds = argc == 3 ? std::atoi(argv[2]) : 15;
    if (argc < 2 || argc > 3 || rounds < 1) {
        fmt::print(stderr, "usage: cairn-bench-redaction CONCERN.json [ROUNDS]\n");
        return 64;
    }
    std::ifstream in(argv[1], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    v1::Concern c;
    if (!in || !google::protobuf::util::JsonStringToMessage(text, &c).ok()) {
        fmt::print(stderr, "cairn-bench-redaction: {} is no concern as JSON\n", argv[1]);
        return 66;
    }
    const auto made = policy::table::compile(policy::template_policy(), "2026-11-22");
    CAIRN_ASSERT(made.has_value(), "the template compiles");
    const auto& rules = **made;
    const analysis read = analyse(c);
    const concern_context all = shared();
    fmt::print("{} fields in {} cells\n", read.populated_fields, read.cells.size());
    measure("reading it", rounds, [&] { return analyse(c).fields.size(); });
    for (const auto& desk : desks()) {
        measure(desk.desk, rounds, [&] {
            return make_encoded_notice(c, read, rules, all, desk).encoded.size();
        });
    }
    return 0;
}

// What one record costs the ledger thread: 3 notices of 1.3 KB and a body of 1.5 KB, groups of 256.
//
//   cairn-bench-ledger [records] [folder]
//
// Preparing a draft (sealing, commitments) is timed apart: in the broker the network threads do it.
#include "core/system.hpp"
#include "ledger/ledger.hpp"
#include "merkle/seed.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fmt/core.h>
#include <string>
#include <vector>

namespace {

using namespace cairn;

constexpr std::size_t notice_bytes = 1300;
constexpr std::size_t body_bytes = 1500;
constexpr std::size_t group = 256;
const char* const desks[] = {"northshire-police/mash", "northshire-health/mash", "oakfield/dsl"};

double cpu_seconds() {
    std::timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}
double wall_seconds() {
    const auto t = system_clock().mono_now().time_since_epoch();
    return std::chrono::duration<double>(t).count();
}

// Wall and processor time of one step, summed.
struct step {
    double wall = 0;
    double cpu = 0;
    template <class Work>
    void time(Work&& work) {
        const double w = wall_seconds();
        const double c = cpu_seconds();
        work();
        wall += wall_seconds() - w;
        cpu += cpu_seconds() - c;
    }
    void print(const char* name, std::size_t n) const {
        const double each = 1e6 / static_cast<double>(n);
        fmt::print(
            "{:<22}{:>10.2f} us/record {:>10.2f} us cpu {:>10.0f} records/s\n",
            name,
            wall * each,
            cpu * each,
            static_cast<double>(n) / wall
        );
    }
};

template <class T>
T must(result<T> r) {
    if (!r) {
        fmt::print(stderr, "{} {}\n", r.error().public_text(), r.error().detail);
        std::exit(1);
    }
    return std::move(*r);
}

ledger::draft concern(ledger::ledger& l, std::uint64_t n, std::vector<std::uint64_t>& positions) {
    const ledger::data_key key = must(l.take_key());
    ledger::draft d;
    d.kind = ledger::record_kind::concern;
    system_random().fill(d.seed);
    const bytes notice(notice_bytes, 'n');
    ledger::concern_effect e;
    e.concern_id = random_id(system_random());
    e.thread = e.concern_id;
    e.sender = "northshire-council";
    e.key = "bench-key-" + std::to_string(n);
    const auto commit = [&d](ledger::party::part_kind part, const char* name, bytes_view exact) {
        const auto i = static_cast<std::uint32_t>(d.parties.size());
        d.parties.push_back(
            {part, name, merkle::commit(merkle::commitment_randomness(d.seed, i), exact)}
        );
    };
    commit(ledger::party::part_kind::sender, "northshire-council", notice);
    std::uint32_t part = 0;
    for (const char* desk : desks) {
        commit(ledger::party::part_kind::desk, desk, notice);
        ledger::notice_draft out;
        out.desk = desk;
        out.sealed = ledger::seal_part(key, ++part, notice);
        e.notices.push_back(std::move(out));
    }
    d.key_slot = key.slot;
    d.sealed_body = ledger::seal_part(key, 0, bytes(body_bytes, 'b'));
    d.changes = std::move(e);
    d.done = [&positions](const result<ledger::committed>& r) {
        if (!r) std::exit(2);
        positions.push_back(r->at.value);
    };
    return d;
}

ledger::draft confirm(ledger::ledger& l, const char* desk, std::vector<std::uint64_t> positions) {
    const ledger::data_key key = must(l.take_key());
    ledger::draft d;
    d.kind = ledger::record_kind::confirm;
    system_random().fill(d.seed);
    d.parties.push_back({ledger::party::part_kind::actor, desk, {}});
    d.key_slot = key.slot;
    d.sealed_body = ledger::seal_part(key, 0, bytes(10 * positions.size(), 'c'));
    d.changes = ledger::confirm_effect{desk, std::move(positions)};
    return d;
}

void run(ledger::ledger& l, std::size_t records) {
    step prepare;
    step append;
    step read;
    step settle;
    std::size_t done = 0;
    std::uint64_t after = 0;
    while (done < records) {
        std::vector<ledger::draft> drafts;
        std::vector<std::uint64_t> positions;
        prepare.time([&] {
            for (std::size_t i = 0; i < group; ++i) {
                drafts.push_back(concern(l, done + i, positions));
            }
        });
        append.time([&] {
            for (auto& d : drafts) {
                if (!l.append(std::move(d))) std::exit(3);
            }
            while (l.run_once()) {
            }
        });
        read.time([&] {
            for (const char* desk : desks) {
                if (must(l.read().pending(desk, after, group)).size() != group) std::exit(4);
            }
        });
        settle.time([&] {
            for (const char* desk : desks) (void) l.append(confirm(l, desk, positions));
            while (l.run_once()) {
            }
        });
        after = positions.back();
        done += group;
    }
    prepare.print("prepare (any thread)", done);
    append.print("append", done);
    read.print("read 3 notices", done);
    settle.print("confirm 3 notices", done);
    const auto writer = append.wall + settle.wall;
    fmt::print("ledger thread in all  {:>10.0f} records/s\n", static_cast<double>(done) / writer);
    fmt::print("commits {}\n", l.counters().commits);
}

} // namespace

int main(int argc, char** argv) {
    const std::size_t records = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 50'000;
    ledger::options o;
    o.folder = argc > 2 ? argv[2] : "bench-ledger";
    o.partnership = "northshire.example";
    system_random().fill(o.partnership_key);
    system_random().fill(o.log_key.seed);
    std::filesystem::remove_all(o.folder);
    {
        const auto l = must(ledger::ledger::create(o, system_clock(), system_random()));
        run(*l, records);
    }
    std::uintmax_t size = 0;
    for (const auto& f : std::filesystem::directory_iterator(o.folder)) size += f.file_size();
    fmt::print(
        "bytes on disk {:.0f} a record\n", static_cast<double>(size) / static_cast<double>(records)
    );
    // A folder that was named is left for a look.
    if (argc <= 2) std::filesystem::remove_all(o.folder);
    return 0;
}

// Twenty events over every effect, a journal of what was answered, and what must hold between
// journal and ledger whatever happened to the disk.
#pragma once

#include "support/fault_vfs.hpp"
#include "unit/ledger/fixture.hpp"

#include <map>

namespace cairn::ledger::test {

inline constexpr std::size_t script_events = 20;
inline constexpr std::int64_t script_step_us = 1'000'000;

// What left the process: answers by event, signed heads by size.
struct journal {
    std::map<std::size_t, committed> answered;
    std::map<std::uint64_t, std::string> heads;
};

options options_on(const cairn::test::memory_disk& disk);

// Runs the whole script, repeating what was answered before (which must be answered the same).
// False when the ledger stopped answering.
bool run_script(bench_ledger& l, journal& j);

// The invariants of a crash, in the letters of the reference page: (a) what was answered is there,
// (b) and (c) released heads hold, (d) records are whole, (e) the files are sound.
void check_survival(bench_ledger& l, const cairn::test::memory_disk& disk, const journal& j);

// PRAGMA integrity_check of a file nobody has open, or open for reading.
std::string integrity(const std::string& vfs, const std::string& path);

} // namespace cairn::ledger::test

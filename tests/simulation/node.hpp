// The broker's machine: the real services over the real ledger on the simulated disk, clock and
// network. It crashes, and it starts again from what the disk kept.
#pragma once

#include "ledger/ledger.hpp"
#include "simulation/faults.hpp"
#include "simulation/journal.hpp"
#include "support/fault_vfs.hpp"

#include <memory>

namespace cairn::sim {

class node {
public:
    node(loop& time, network& net, journal& seen, std::uint64_t seed, bug planted);
    ~node();
    node(const node&) = delete;
    node& operator=(const node&) = delete;

    // A new folder with the partnership's founding record; then start().
    void found();
    void start();
    // Power goes: every connection, every thread, all memory and what was not synced.
    void crash();
    // Power goes at the n-th write from now; the machine is up again some time later.
    void crash_within(std::uint64_t n) { disk_.crash_at(n); }
    void crash_no_more() { disk_.crash_at(std::uint64_t{1} << 40U); }
    [[nodiscard]] bool up() const { return running_ != nullptr; }
    [[nodiscard]] std::uint64_t crashes() const { return crashes_; }
    [[nodiscard]] ledger::ledger& store();

private:
    [[nodiscard]] bool on_disk() const;
    struct instance;
    [[nodiscard]] ledger::options options() const;
    void start_after(duration wait);
    void run_writer();
    void down_if_broken();
    void restore_old_backup();

    loop& time_;
    network& net_;
    journal& seen_;
    bug planted_;
    std::uint64_t seed_;
    dice random_;
    dice product_random_;
    test::memory_disk disk_;
    std::unique_ptr<instance> running_;
    std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
    std::uint64_t durable_ = 0;
    std::uint64_t crashes_ = 0;
    std::map<std::string, std::string> backup_;
};

} // namespace cairn::sim

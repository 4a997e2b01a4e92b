// The ledger as the simulated broker sees it: the real one, its writer driven by the loop, and any
// planted bug of the ledger's kind in between.
#pragma once

#include "ledger/ledger.hpp"
#include "simulation/faults.hpp"

#include <map>
#include <set>

namespace cairn::sim {

class spoiled_ledger final : public ledger::ledger {
public:
    struct hooks {
        // A draft is queued: run the writer soon.
        std::function<void()> queued;
        // A registry change is through and the services know it.
        std::function<void()> registry_changed;
    };
    spoiled_ledger(std::unique_ptr<ledger> inner, bug planted, bool restarted, hooks h)
        : inner_(std::move(inner)), bug_(planted), restarted_(restarted), hooks_(std::move(h)) {}

    // The writer's turn is asked for from here on; before, whoever starts drives it.
    void on_queued(std::function<void()> soon) { hooks_.queued = std::move(soon); }

    status append(cairn::ledger::draft d) override { return append_quietly(d); }
    status append_quietly(cairn::ledger::draft& d) override;
    result<cairn::ledger::data_key> take_key() override;
    bool run_once() override { return inner_->run_once(); }
    bool wait() override { return inner_->wait(); }
    void stop() override { inner_->stop(); }
    [[nodiscard]] bool poisoned() const override { return inner_->poisoned(); }
    void after_commit(std::function<void()> hook) override {
        inner_->after_commit(std::move(hook));
    }
    [[nodiscard]] cairn::ledger::head current_head() const override {
        return inner_->current_head();
    }
    [[nodiscard]] std::string vkey(std::uint32_t year) const override { return inner_->vkey(year); }
    [[nodiscard]] key256 keyed_hash_key(std::string_view use) const override {
        return inner_->keyed_hash_key(use);
    }
    [[nodiscard]] cairn::ledger::reader& read() override { return inner_->read(); }
    [[nodiscard]] cairn::ledger::writer_counters counters() const override {
        return inner_->counters();
    }
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> failing_checks() override {
        return inner_->failing_checks();
    }

private:
    void spoil_concern(cairn::ledger::draft& d, cairn::ledger::concern_effect& e);
    void spoil_confirm(cairn::ledger::confirm_effect& e);
    void leak_address(cairn::ledger::draft& d, cairn::ledger::concern_effect& e);

    std::unique_ptr<ledger> inner_;
    bug bug_;
    bool restarted_;
    hooks hooks_;
    std::map<std::uint64_t, key256> keys_;
    std::map<std::uint64_t, std::set<std::string>> desks_;
    std::string last_receipt_;
    std::uint64_t concerns_ = 0;
};

} // namespace cairn::sim

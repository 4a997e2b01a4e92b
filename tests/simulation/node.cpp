#include "simulation/node.hpp"

#include "core/assert.hpp"
#include "daemon/record.hpp"
#include "daemon/start.hpp"
#include "session/connection.hpp"
#include "simulation/partnership.hpp"
#include "simulation/spoiled_ledger.hpp"
#include "simulation/spoiled_routes.hpp"
#include "support/proved_policy.hpp"

#include <atomic>
#include <sqlite3.h>

namespace cairn::sim {
namespace {

constexpr std::uint64_t post_lost_every = 9;

std::string fresh_name() {
    static std::atomic<unsigned> next{0};
    return "cairn-simulation-" + std::to_string(next++);
}

// One thread stands for all: what is posted comes in order and a little later, a question to the
// store takes its time.
class sim_runtime final : public daemon::runtime {
public:
    sim_runtime(loop& time, network& net, dice& random, dice& product_random, bug planted)
        : time_(time), net_(net), random_(random), product_(product_random), planted_(planted) {}

    const clock& time() const override { return time_; }
    random_source& random() override { return product_; }
    ledger::ledger& store() override { return *store_; }
    unsigned here() const override { return 0; }

    void post(unsigned, std::function<void()> work) override {
        if (planted_ == bug::post_dropped && ++posts_ % post_lost_every == 0) return;
        if (planted_ == bug::notice_lost_on_reconnect && flushing && reading_ > 0) return;
        post_at_ = std::max(post_at_, time_.mono_now() + random_.between(1us, 200us));
        time_.at(post_at_, alive_, std::move(work));
    }
    bool query(std::function<void()> work) override {
        if (random_.chance(1)) return false;
        ++reading_;
        time_.after(random_.between(50us, 3ms), alive_, [this, work = std::move(work)] {
            work();
            // The answer is still on its way to the network thread; under the planted bug a
            // stream takes longer over it.
            const bool slow = planted_ == bug::notice_lost_on_reconnect;
            time_.at(slow ? post_at_ + 500ms : post_at_, alive_, [this] { --reading_; });
        });
        return true;
    }
    void cut(const std::string& pin) override {
        if (planted_ == bug::revocation_ignored) return;
        time_.after(random_.between(1us, 200us), alive_, [this, pin] { net_.cut(pin); });
    }
    void log(std::string_view event, std::string_view detail) override {
        time_.note(event, detail);
    }

    std::unique_ptr<ledger::ledger> store_;
    bool flushing = false;

private:
    loop& time_;
    network& net_;
    dice& random_;
    dice& product_;
    bug planted_;
    std::uint64_t posts_ = 0;
    std::uint64_t reading_ = 0;
    mono_time post_at_{};
    std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
};

// The registry as a broker would have it that missed part of the change.
void forget_part_of_change(daemon::runtime& rt, bug planted) {
    v1::RegistryState state = rt.registry.now()->state();
    if (planted == bug::stale_routing) {
        for (auto& d : *state.mutable_desks()) d.set_closed(false);
    } else if (planted == bug::revocation_ignored) {
        for (auto& c : *state.mutable_certificates()) c.set_revoked(false);
    } else {
        return;
    }
    auto built = registry::snapshot::build(std::move(state));
    CAIRN_ASSERT(built.has_value(), "the registry no longer builds");
    rt.registry.swap_in(std::move(*built));
}

} // namespace

struct node::instance {
    instance(loop& time, network& net, dice& random, dice& product, bug planted)
        : rt(time, net, random, product, planted), services(rt) {}
    sim_runtime rt;
    daemon::services services;
    session::router routes;
    bool writer_due = false;
    std::shared_ptr<const int> alive = std::make_shared<const int>(0);
};

node::node(loop& time, network& net, journal& seen, std::uint64_t seed, bug planted)
    : time_(time), net_(net), seen_(seen), planted_(planted), seed_(seed), random_(seed, "broker"),
      product_random_(seed, "ids"), disk_(fresh_name(), seed) {
    // SQLite's own numbers (salts of the write-ahead log) would else go on from the run before.
    sqlite3_test_control(
        SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed % 1'000'000) + 1, nullptr
    );
    net_.durable = [this] { return durable_; };
    disk_.forget_syncs(planted == bug::sync_forgotten);
}

node::~node() {
    net_.broker_gone();
    net_.durable = [] { return 0; };
}

ledger::options node::options() const {
    ledger::options o;
    o.folder = "/broker";
    o.vfs = disk_.name();
    o.partnership = std::string(partnership_name);
    o.partnership_key.fill(7);
    o.log_key.seed.fill(9);
    o.no_lock = true;
    o.slots_ahead = 64;
    return o;
}

ledger::ledger& node::store() {
    return running_->rt.store();
}

void node::found() {
    disk_.forget_syncs(false);
    auto store = ledger::ledger::create(options(), time_, product_random_);
    CAIRN_ASSERT(store.has_value(), "the ledger cannot be made");
    v1::RecordBody body;
    for (auto& change : founding()) *body.mutable_registry()->add_changes() = std::move(change);
    body.mutable_registry()->set_epoch(1);
    body.mutable_registry()->set_admin("ops");
    const auto& changes = body.registry().changes();
    const auto state = registry::apply({}, {changes.begin(), changes.end()});
    CAIRN_ASSERT(state.has_value(), "the founding registry does not fit");
    auto d = daemon::make_first_draft(**store, product_random_, body, "ops");
    CAIRN_ASSERT(d.has_value(), "no draft");
    d->changes = ledger::registry_effect{state->SerializeAsString(), state->epoch()};
    d->done = [](const result<ledger::committed>& r) {
        CAIRN_ASSERT(r.has_value(), "not founded");
    };
    CAIRN_ASSERT((*store)->append(std::move(*d)).has_value(), "not queued");
    while ((*store)->run_once()) {
    }
    store->reset();
    disk_.forget_syncs(planted_ == bug::sync_forgotten);
    start();
}

void node::start() {
    auto opened = ledger::ledger::open(options(), time_, product_random_);
    if (!opened) {
        const failure& why = opened.error();
        // Power may go while it starts.
        if (disk_.crashed()) return start_after(random_.between(50ms, 500ms));
        return seen_.violated(
            property::recovers, std::string(why.public_text()) + " " + why.where + " " + why.detail
        );
    }
    running_ = std::make_unique<instance>(time_, net_, random_, product_random_, planted_);
    instance& now = *running_;
    spoiled_ledger::hooks hooks;
    hooks.registry_changed = [this] { forget_part_of_change(running_->rt, planted_); };
    auto spoiled = std::make_unique<spoiled_ledger>(
        std::move(*opened), planted_, crashes_ != 0, std::move(hooks)
    );
    spoiled_ledger& ledger = *spoiled;
    now.rt.store_ = std::move(spoiled);
    now.rt.partnership = std::string(partnership_name);
    auto version = test::proved_policy(policy::template_policy(), daemon::now_us(now.rt));
    const auto ok = daemon::prepare(now.rt, {std::move(version), std::nullopt});
    if (!ok) {
        if (disk_.crashed() || now.rt.store().poisoned()) return crash();
        return seen_.violated(property::recovers, std::string(ok.error().public_text()));
    }
    ledger.on_queued([this] { run_writer(); });
    now.rt.store().after_commit([this] {
        running_->rt.flushing = true;
        running_->services.after_commit();
        running_->rt.flushing = false;
    });
    daemon::add_all(now.routes, now.services);
    spoil(now.routes, planted_, options().log_key);
    net_.accept = [this](const session::peer& who) {
        return session::make_http2_server(running_->routes, who, {}, time_.mono_now());
    };
    time_.note("broker up", std::to_string(now.rt.store().current_head().size));
}

// Nothing waits for a sync in the write-ahead log, or it was copied whole and cut: the cut itself
// may be lost, what it copied not.
bool node::on_disk() const {
    const std::string log = "/broker/ledger.db-wal";
    return disk_.synced(log) || (disk_.read(log).empty() && disk_.synced("/broker/ledger.db"));
}

void node::run_writer() {
    instance& now = *running_;
    if (now.writer_due) return;
    now.writer_due = true;
    time_.after(random_.between(100us, 4ms), now.alive, [this] {
        instance& mine = *running_;
        mine.writer_due = false;
        const bool any = mine.rt.store().run_once();
        const auto head = mine.rt.store().current_head();
        if (any && head.size != 0 && on_disk()) {
            durable_ = ledger::position::at(head.year, head.size - 1).value;
        }
        down_if_broken();
        if (any && running_ != nullptr) run_writer();
    });
}

// A failed commit ends the process; so does the power.
void node::down_if_broken() {
    if (!running_->rt.store().poisoned() && !disk_.crashed()) return;
    crash();
}

void node::start_after(duration wait) {
    if (disk_.crashed()) disk_.restart();
    time_.after(wait, alive_, [this] {
        if (running_ == nullptr) start();
    });
}

void node::crash() {
    if (running_ == nullptr) return;
    ++crashes_;
    time_.note("crash", std::to_string(crashes_));
    disk_.crash_now();
    net_.broker_gone();
    running_.reset();
    disk_.restart();
    if (planted_ == bug::old_backup) restore_old_backup();
    start_after(random_.between(50ms, 3s));
}

// The first crash keeps what it found; the third finds it again.
void node::restore_old_backup() {
    if (crashes_ == 1) {
        for (const auto& name : disk_.files()) backup_[name] = disk_.read(name);
    } else if (crashes_ == 3) {
        for (const auto& name : disk_.files()) {
            const auto kept = backup_.find(name);
            if (kept == backup_.end())
                disk_.remove(name);
            else
                disk_.damage(name, [&kept](std::string& content) { content = kept->second; });
        }
    }
}

} // namespace cairn::sim

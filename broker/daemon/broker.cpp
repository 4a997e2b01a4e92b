#include "daemon/broker.hpp"

#include "daemon/control.hpp"
#include "daemon/control_answers.hpp"
#include "daemon/files.hpp"
#include "daemon/query_pool.hpp"
#include "daemon/services.hpp"
#include "daemon/start.hpp"
#include "daemon/status.hpp"
#include "daemon/tick.hpp"
#include "transport/server.hpp"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <thread>

namespace cairn::daemon {
namespace {

constexpr unsigned query_threads = 2;
constexpr std::size_t queries_queued = 4096;
constexpr unsigned batch_worth_waking = 64;

class running_broker;

// Posts from the ledger thread are held per network thread until the commit's completions are
// through: one wake a commit, not one a record.
class threaded_runtime final : public runtime {
public:
    threaded_runtime(const clock& time, random_source& random, json_log& log)
        : time_(time), random_(random), log_(log), pool_(query_threads, queries_queued) {}

    const clock& time() const override { return time_; }
    random_source& random() override { return random_; }
    ledger::ledger& store() override { return *store_; }
    unsigned here() const override { return server_->current_thread(); }
    bool query(std::function<void()> work) override { return pool_.run(std::move(work)); }
    void cut(const std::string& pin) override { server_->cut(pin); }
    void log(std::string_view event, std::string_view detail) override {
        log_.write("info", event, detail);
    }
    void alarm(std::string_view event, std::string_view detail) override {
        log_.write("error", event, detail);
    }

    // A turn is what one read of a connection brings. The ledger is woken at its end, or when a
    // good batch is together: the writer has the disk to wait for, and a commit of one costs as
    // much as a commit of fifty.
    status append(ledger::draft& d) override {
        if (std::this_thread::get_id() == ledger_thread_) return store_->append_quietly(d);
        thread_local unsigned in_turn = 0;
        if (const status ok = store_->append_quietly(d); !ok) return ok;
        if (++in_turn == 1) {
            server_->post(here(), [this] {
                in_turn = 0;
                store_->wake();
            });
        } else if (in_turn % batch_worth_waking == 0) {
            store_->wake();
        }
        return {};
    }

    void post(unsigned thread, std::function<void()> work) override {
        if (std::this_thread::get_id() != ledger_thread_)
            return server_->post(thread, std::move(work));
        if (held_.size() <= thread) held_.resize(thread + 1);
        held_[thread].push_back(std::move(work));
    }
    // Ledger thread, after each commit.
    void release() {
        for (unsigned t = 0; t < held_.size(); ++t) {
            if (held_[t].empty()) continue;
            server_->post(t, [batch = std::move(held_[t])] {
                for (const auto& work : batch) work();
            });
            held_[t] = {};
        }
    }

    std::unique_ptr<ledger::ledger> store_;
    std::unique_ptr<transport::server> server_;
    std::thread::id ledger_thread_;
    query_pool& pool() { return pool_; }

private:
    const clock& time_;
    random_source& random_;
    json_log& log_;
    query_pool pool_;
    std::vector<std::vector<std::function<void()>>> held_;
};

class running_broker final : public broker {
public:
    running_broker(const clock& time, random_source& random, json_log& log)
        : log_(log), rt_(time, random, log), services_(rt_) {}
    ~running_broker() override { stop(); }

    status bring_up(const config& c, const clock& time, random_source& random) {
        auto options = ledger_options(c);
        if (!options) return options.error();
        auto tls = read_tls(c);
        if (!tls) return tls.error();
        auto days = read_calendar(c);
        if (!days) return days.error();
        auto store = ledger::ledger::open(*options, time, random);
        if (!store) return store.error();
        rt_.store_ = std::move(*store);
        rt_.partnership = c.partnership;
        rt_.data_folder = c.data_folder;
        rt_.days = std::move(*days);
        const auto today = std::chrono::floor<std::chrono::days>(time.wall_now());
        for (const auto& warning : rt_.days.warnings(today)) {
            log_.write("warning", "calendar", warning);
        }
        config_ = c;
        const auto policy_text = read_policy(c);
        if (!policy_text) return policy_text.error();
        CAIRN_TRY(prepare(rt_, *policy_text, started_with(c)));
        started_ = true;
        ticker_ = std::make_unique<ticker>(services_);
        rt_.store().after_commit([this] {
            services_.after_commit();
            rt_.release();
        });
        add_all(routes_, services_);
        add_open_pages(health_routes_, services_);
        CAIRN_TRY(serve(c, std::move(*tls)));
        auto ear = control::listen(c.data_folder, [this](std::string_view line) {
            return answer_control(rt_, line);
        });
        if (!ear) return ear.error();
        control_ = std::move(*ear);
        return {};
    }

    std::uint16_t port() const override { return rt_.server_->port(); }
    std::uint16_t health_port() const override { return rt_.server_->health_port(); }
    bool poisoned() const override { return rt_.store_ != nullptr && rt_.store_->poisoned(); }

    void tick() override { ticker_->tick(); }

    bool alive() override {
        const std::uint64_t now = turns_;
        const bool moved = now != turns_seen_;
        turns_seen_ = now;
        rt_.store().nudge();
        return moved;
    }

    status reload() override {
        auto tls = read_tls(config_);
        status ok = tls ? rt_.server_->reload(*tls) : status{tls.error()};
        if (ok)
            log_.write("info", "reloaded", "certificates and revocation list, for new connections");
        else
            log_.write("error", "reload_failed", "as before: " + ok.error().public_text());
        return ok;
    }

    // Stop taking work, then let the ledger finish what was accepted, then close.
    void stop() override {
        control_.reset();
        if (rt_.server_ != nullptr) {
            services_.hub.close();
            services_.clients.close();
            rt_.server_->stop();
        }
        if (ledger_thread_.joinable()) {
            rt_.store().stop();
            ledger_thread_.join();
        }
        rt_.pool().stop();
        if (started_ && !poisoned()) {
            rt_.store().after_commit({});
            if (const status ok = write_note(rt_, "stopped"); !ok)
                log_.write("warning", "note_lost", "stopped");
        }
        started_ = false;
        if (rt_.store_ != nullptr) log_.write("info", "stopped", "ledger closed");
        rt_.store_.reset();
    }

private:
    // What ran: enough to tell later which program, settings and log key a record was made under.
    std::string started_with(const config& c) {
        return "cairnd " + std::string(version_text) + ", configuration " + config_digest(c) +
               ", log key " + rt_.store().vkey(rt_.store().current_head().year);
    }

    status serve(const config& c, transport::tls_files tls) {
        transport::server_options o;
        o.address = c.listen_address;
        o.port = c.listen_port;
        o.threads = c.network_threads;
        o.tls = std::move(tls);
        o.health_address = c.health_address;
        o.health_port = c.health_port;
        rt_.server_ =
            transport::make_server(routes_, health_routes_, o, [this](auto event, auto detail) {
                log_.write("info", event, detail);
            });
        start_ledger_thread();
        CAIRN_TRY(rt_.server_->start());
        log_.write(
            "info",
            "listening",
            "calls on port " + std::to_string(port()) + ", health on port " +
                std::to_string(health_port())
        );
        return {};
    }

    void start_ledger_thread() {
        std::mutex m;
        std::condition_variable known;
        bool ready = false;
        ledger_thread_ = std::thread([&, this] {
            ::pthread_setname_np(::pthread_self(), "ledger");
            {
                // The thread's own id must be known to everybody before the first completion.
                const std::lock_guard lock(m);
                rt_.ledger_thread_ = std::this_thread::get_id();
                ready = true;
                known.notify_one();
            }
            while (rt_.store().wait()) {
                rt_.store().run_once();
                // A batch that failed ran no commit hook, and its refusals wait too.
                services_.room.wake();
                rt_.release();
                ++turns_;
            }
        });
        std::unique_lock lock(m);
        known.wait(lock, [&ready] { return ready; });
    }

    json_log& log_;
    config config_;
    threaded_runtime rt_;
    services services_;
    // The start is in the log: so must be the stop.
    bool started_ = false;
    std::unique_ptr<ticker> ticker_;
    session::router routes_;
    session::router health_routes_;
    std::thread ledger_thread_;
    // Of the ledger thread's loop: written there, read by alive().
    std::atomic<std::uint64_t> turns_{1};
    std::uint64_t turns_seen_ = 0;
    std::unique_ptr<control> control_;
};

} // namespace

result<std::unique_ptr<broker>>
broker::start(const config& c, const clock& time, random_source& random, json_log& log) {
    auto b = std::make_unique<running_broker>(time, random, log);
    CAIRN_TRY(b->bring_up(c, time, random));
    return std::unique_ptr<broker>(std::move(b));
}

} // namespace cairn::daemon

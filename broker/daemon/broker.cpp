#include "daemon/broker.hpp"

#include "core/version.hpp"
#include "daemon/control.hpp"
#include "daemon/control_answers.hpp"
#include "daemon/operations.hpp"
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
        log_.write(log_level::info, event, detail);
    }
    void alarm(std::string_view event, std::string_view detail) override {
        log_.write(log_level::error, event, detail);
    }
    bool debugging() const override { return log_.takes(log_level::debug); }
    void
    debug(std::string_view event, std::string_view detail, const log_attributes& more) override {
        log_.write(log_level::debug, event, detail, more);
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

class running_broker final : public broker, public operations {
public:
    running_broker(const clock& time, random_source& random, json_log& log)
        : log_(log), rt_(time, random, log), services_(rt_) {
        services_.daemon = this;
    }
    ~running_broker() override { stop(); }

    status bring_up(loaded_config loaded, const clock& time, random_source& random) {
        const config c = loaded.values;
        log_.set_base(level_of(c.log_level).value_or(log_level::info));
        auto options = ledger_options(c);
        if (!options) return options.error();
        started_us_ = to_us(time.wall_now());
        auto files = read_files(std::move(loaded), started_us_);
        if (!files) return files.error();
        auto store = ledger::ledger::open(*options, time, random);
        if (!store) return store.error();
        rt_.store_ = std::move(*store);
        rt_.partnership = c.partnership;
        rt_.data_folder = c.data_folder;
        rt_.days.swap_in(files->days);
        const auto today = std::chrono::floor<std::chrono::days>(time.wall_now());
        for (const auto& warning : files->days->warnings(today)) {
            log_.write(log_level::warning, "calendar", warning);
        }
        auto policy = choose_policy(rt_.store(), c, started_us_);
        CAIRN_TRY(prepare(rt_, policy, started_with(c)));
        files->policy = std::move(*policy.version);
        services_.shadow.use(files->shadow);
        started_ = true;
        ticker_ = std::make_unique<ticker>(services_);
        rt_.store().after_commit([this] {
            services_.after_commit();
            rt_.release();
        });
        add_all(routes_, services_);
        add_open_pages(health_routes_, services_);
        transport::tls_files tls = files->tls;
        make_reloader(std::move(*files));
        CAIRN_TRY(serve(c, std::move(tls)));
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

    void tick() override {
        if (log_.look(rt_.time().wall_now())) {
            const std::string now(name_of(log_.level()));
            log_.write(log_level::info, "log_level", now + ", its time is over");
            queue_note(rt_, "log level", now + ", its time is over");
        }
        ticker_->tick();
    }

    bool alive() override {
        const std::uint64_t now = turns_;
        const bool moved = now != turns_seen_;
        turns_seen_ = now;
        rt_.store().nudge();
        return moved;
    }

    status reload() override {
        const auto done = reloader_->reload(false, nullptr);
        return done ? status{} : status{done.error()};
    }
    result<v1::ReloadResponse> reload(bool dry_run, const registry::caller* by) override {
        return reloader_->reload(dry_run, by);
    }

    result<v1::SetLogLevelResponse>
    set_log_level(const v1::SetLogLevelRequest& asked, const registry::caller& by) override {
        constexpr std::uint32_t hour_s = 3600;
        constexpr std::uint32_t day_s = 24 * hour_s;
        if (asked.for_s() > day_s) {
            return fail(errc::bad_value, "for_s, limit " + std::to_string(day_s));
        }
        v1::SetLogLevelResponse out;
        out.set_before(std::string(name_of(log_.level())));
        const std::uint32_t for_s = asked.for_s() == 0 ? hour_s : asked.for_s();
        std::string what;
        if (asked.level().empty()) {
            log_.set_back();
            what = std::string(name_of(log_.level())) + ", as at the start";
        } else {
            const auto level = level_of(asked.level());
            if (!level) return fail(errc::bad_value, "level: debug, info, warning or error");
            const wall_time until = rt_.time().wall_now() + std::chrono::seconds(for_s);
            log_.set_for_now(*level, until);
            out.set_until_us(to_us(until));
            what = asked.level() + " for " + std::to_string(for_s) + " s";
        }
        out.set_level(std::string(name_of(log_.level())));
        // An error: whoever asked for less must not thereby hide that it was asked for.
        rt_.alarm("log_level", what);
        queue_note(rt_, "log level", what, &by);
        return out;
    }

    v1::DiagnoseResponse diagnose() override {
        v1::DiagnoseResponse out;
        diagnose_settings(reloader_->in_force()->config, out);
        out.set_metrics(metrics_text(services_));
        diagnose_log(log_.last_lines(), out);
        diagnose_machine(out);
        return out;
    }

    daemon_facts facts() const override {
        daemon_facts out;
        const auto files = reloader_->in_force();
        out.started_us = started_us_;
        out.ends = ends_of(*files);
        out.last_reload = reloader_->last();
        out.config_digest = config_digest(files->config.values);
        out.level = log_.level();
        if (const auto until = log_.until()) out.level_until_us = to_us(*until);
        out.network = rt_.server_->counters();
        return out;
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
                log_.write(log_level::warning, "note_lost", "stopped");
        }
        started_ = false;
        if (rt_.store_ != nullptr) log_.write(log_level::info, "stopped", "ledger closed");
        rt_.store_.reset();
    }

private:
    // What ran: enough to tell later which program, settings and log key a record was made under.
    std::string started_with(const config& c) {
        return "cairnd " + std::string(version_text) + ", configuration " + config_digest(c) +
               ", log key " + rt_.store().vkey(rt_.store().current_head().year);
    }

    void make_reloader(loaded_files now) {
        reloader::hooks h;
        h.try_tls = [this](const transport::tls_files& f) { return rt_.server_->try_files(f); };
        h.use_tls = [this](const transport::tls_files& f) { return rt_.server_->reload(f); };
        h.connections = [this] { return rt_.server_->counters().open; };
        h.use_level = [this](log_level l) { log_.set_base(l); };
        reloader_ = std::make_unique<reloader>(services_, std::move(now), std::move(h));
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
                log_.write(log_level::info, event, detail);
            });
        start_ledger_thread();
        CAIRN_TRY(rt_.server_->start());
        log_.write(
            log_level::info,
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
    std::int64_t started_us_ = 0;
    threaded_runtime rt_;
    services services_;
    // The start is in the log: so must be the stop.
    bool started_ = false;
    std::unique_ptr<ticker> ticker_;
    std::unique_ptr<reloader> reloader_;
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
broker::start(loaded_config c, const clock& time, random_source& random, json_log& log) {
    auto b = std::make_unique<running_broker>(time, random, log);
    CAIRN_TRY(b->bring_up(std::move(c), time, random));
    return std::unique_ptr<broker>(std::move(b));
}

} // namespace cairn::daemon

#include "transport/client.hpp"

#include "transport/dial.hpp"
#include "transport/tls.hpp"
#include "transport/worker.hpp"

#include <boost/asio/steady_timer.hpp>

#include <mutex>
#include <set>

namespace cairn::transport {
namespace {

using tls_context = std::shared_ptr<boost::asio::ssl::context>;

mono_time mono_now() {
    return boost::asio::steady_timer::clock_type::now();
}

// Lets the server's driver drive a client engine. The first bytes of the peer confirm that it took
// our certificate: in TLS 1.3 its refusal comes only after our side of the handshake is over.
class client_engine final : public session::server_connection {
public:
    client_engine(
        std::string authority, std::function<void()> confirmed, mono_time give_up_at, mono_time now
    )
        : inner_(session::make_http2_client(std::move(authority), now)),
          confirmed_(std::move(confirmed)), give_up_at_(give_up_at) {}

    session::client_connection& inner() { return *inner_; }

    void receive(bytes_view in, mono_time now) override {
        inner_->receive(in, now);
        if (confirmed_ && inner_->going_away()) {
            turned_away_ = !inner_->finished(); // else it broke off
            return;
        }
        if (const auto tell = std::exchange(confirmed_, nullptr)) tell();
    }
    void closed() override { inner_->closed(); }
    bytes_view output() override { return inner_->output(); }
    void sent(std::size_t n, mono_time now) override { inner_->sent(n, now); }
    bool wants_read() const override { return true; }
    bool finished() const override { return silent_ || turned_away_ || inner_->finished(); }
    std::optional<mono_time> next_deadline() const override {
        const auto inner = inner_->next_deadline();
        if (!confirmed_ || silent_) return inner;
        return inner ? std::min(*inner, give_up_at_) : give_up_at_;
    }
    void tick(mono_time now) override {
        if (confirmed_ && give_up_at_ <= now) silent_ = true;
        inner_->tick(now);
    }
    [[nodiscard]] bool silent() const { return silent_; }
    // The first thing the broker said was that it takes no calls.
    [[nodiscard]] bool turned_away() const { return turned_away_; }
    void shut_down(mono_time) override {}
    void on_output(std::function<void()> wake) override { inner_->on_output(std::move(wake)); }
    const session::session_counters& counters() const override { return counters_; }

private:
    std::unique_ptr<session::client_connection> inner_;
    std::function<void()> confirmed_;
    mono_time give_up_at_;
    bool silent_ = false;
    bool turned_away_ = false;
    session::session_counters counters_;
};

class asio_client final : public client {
public:
    asio_client(std::shared_ptr<driver> d, client_engine& engine)
        : driver_(std::move(d)), engine_(&engine) {}

    std::shared_ptr<session::client_call> start(
        std::string_view path, std::shared_ptr<session::call_observer> observer, duration timeout
    ) override {
        if (!usable()) return nullptr;
        auto call = engine_->inner().start(path, std::move(observer), timeout, mono_now());
        driver_->wake();
        return call;
    }
    bool usable() const override {
        return driver_ && driver_->is_open() && !engine_->inner().going_away();
    }
    void close() override {
        if (driver_) driver_->close();
    }
    void lost() { driver_.reset(); }

private:
    // Owns the engine. Dropped with the connection: its socket must not outlive the dialer.
    std::shared_ptr<driver> driver_;
    client_engine* engine_;
};

// One attempt and, if it succeeds, its connection.
struct attempt {
    dial_options options;
    std::function<void(result<std::shared_ptr<client>>)> done;
    std::function<void()> lost;
    tls_context context;
    std::unique_ptr<reach> reaching;
    std::shared_ptr<driver> connection;
    client_engine* engine = nullptr;
    std::shared_ptr<asio_client> made;
    mono_time give_up_at{};
};

class asio_dialer final : public dialer {
public:
    asio_dialer() : worker_([](std::string_view, std::string_view) {}) {
        worker_.run([] {});
    }
    ~asio_dialer() override { stop(); }

    void dial(
        dial_options options,
        std::function<void(result<std::shared_ptr<client>>)> done,
        std::function<void()> lost
    ) override {
        auto a = std::make_shared<attempt>();
        if (options.expect_name.empty()) options.expect_name = options.host;
        a->options = std::move(options);
        a->done = std::move(done);
        a->lost = std::move(lost);
        if (!try_post([this, a] { begin(a); })) a->done(fail(errc::shutting_down));
    }

    // After stop() the work is dropped; what it holds says so to who waits for it.
    void post(std::function<void()> work) override { (void) try_post(std::move(work)); }

    void post_after(duration delay, std::function<void()> work) override {
        (void) try_post([this, due = mono_now() + delay, w = std::move(work)] {
            if (worker_.stopping) return;
            auto timer = std::make_shared<boost::asio::steady_timer>(worker_.io(), due);
            timers_.insert(timer);
            timer->async_wait([this, timer, w](boost::system::error_code ec) {
                timers_.erase(timer);
                if (!ec) w();
            });
        });
    }

    void stop() override {
        {
            const std::lock_guard lock(stop_mutex_);
            if (stopped_) return;
            stopped_ = true;
            worker_.post([this] { end_all(); });
        }
        worker_.join();
    }

private:
    // False after stop(): nothing would run it.
    bool try_post(std::function<void()> work) {
        const std::lock_guard lock(stop_mutex_);
        if (stopped_) return false;
        worker_.post(std::move(work));
        return true;
    }

    void begin(const std::shared_ptr<attempt>& a) {
        if (worker_.stopping) return finish_dial(a, fail(errc::shutting_down));
        auto context = client_context(a->options.tls);
        if (!context) return finish_dial(a, context.error());
        a->context = *context;
        a->give_up_at = mono_now() + a->options.timeout;
        dialing_.insert(a);
        a->reaching = std::make_unique<reach>(
            worker_.io(),
            a->options.host,
            a->options.port,
            a->options.proxy,
            a->give_up_at,
            [this, a](result<reach::tcp::socket> socket) {
                if (!socket) return finish_dial(a, socket.error());
                connected(a, std::move(*socket));
            }
        );
    }

    void connected(const std::shared_ptr<attempt>& a, reach::tcp::socket socket) {
        auto tls = std::make_unique<tls_channel>(
            a->context->native_handle(), tls_role::client, a->options.expect_name
        );
        driver_hooks hooks;
        hooks.open = [this, a](const tls_channel* t, mono_time now) {
            return t->protocol() == "h2" ? engine(a, now) : nullptr;
        };
        hooks.ended = [this, a](const failure& why) { ended(a, why); };
        driver_times times;
        times.handshake = std::max(a->give_up_at - mono_now(), duration(1));
        auto d =
            std::make_shared<driver>(std::move(socket), std::move(tls), times, std::move(hooks));
        a->connection = d;
        worker_.live.emplace(d.get(), worker::entry{d, {}});
        d->start();
    }

    std::unique_ptr<session::server_connection>
    engine(const std::shared_ptr<attempt>& a, mono_time now) {
        auto made = std::make_unique<client_engine>(
            a->options.host + ":" + std::to_string(a->options.port),
            [this, a] { confirmed(a); },
            a->give_up_at,
            now
        );
        a->engine = made.get();
        return made;
    }

    void confirmed(const std::shared_ptr<attempt>& a) {
        a->made = std::make_shared<asio_client>(a->connection, *a->engine);
        finish_dial(a, std::shared_ptr<client>(a->made));
    }

    void ended(const std::shared_ptr<attempt>& a, const failure& why) {
        worker_.live.erase(a->connection.get());
        if (a->made) {
            a->made->lost();
            a->made.reset();
            if (const auto lost = std::exchange(a->lost, nullptr)) lost();
        } else {
            auto told = why.code == errc::cancelled ? unconfirmed(*a) : why;
            // It may have cut the connection, or opened it to look inside.
            if (a->options.proxy.used())
                told.where += ", through the proxy " + a->options.proxy.place();
            finish_dial(a, std::move(told));
        }
        a->connection.reset();
        release_if_idle();
    }

    static failure unconfirmed(const attempt& a) {
        if (a.engine != nullptr && a.engine->silent()) {
            return fail(errc::connect_failed, "no answer in time");
        }
        if (a.engine != nullptr && a.engine->turned_away()) {
            return fail(errc::connect_failed, "the broker takes no more connections now");
        }
        return fail(errc::tls_failed, "the broker closed the connection at once");
    }

    void finish_dial(const std::shared_ptr<attempt>& a, result<std::shared_ptr<client>> outcome) {
        dialing_.erase(a);
        a->reaching.reset();
        if (const auto done = std::exchange(a->done, nullptr)) done(std::move(outcome));
        release_if_idle();
    }

    void end_all() {
        worker_.stopping = true;
        for (const auto& timer : timers_) timer->cancel();
        for (const auto& a : std::set(dialing_)) {
            if (!a->connection) finish_dial(a, fail(errc::shutting_down));
        }
        std::vector<std::shared_ptr<driver>> all;
        for (const auto& [ignored, entry] : worker_.live) all.push_back(entry.connection);
        for (const auto& d : all) d->close();
        release_if_idle();
    }

    void release_if_idle() {
        if (worker_.stopping && worker_.live.empty()) worker_.release();
    }

    std::set<std::shared_ptr<attempt>> dialing_;
    std::set<std::shared_ptr<boost::asio::steady_timer>> timers_;
    std::mutex stop_mutex_;
    bool stopped_ = false;
    worker worker_;
};

} // namespace

std::unique_ptr<dialer> make_dialer() {
    return std::make_unique<asio_dialer>();
}

} // namespace cairn::transport

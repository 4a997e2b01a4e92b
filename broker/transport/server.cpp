#include "transport/server.hpp"

#include "core/assert.hpp"
#include "session/refusal.hpp"
#include "transport/http1.hpp"
#include "transport/listener.hpp"
#include "transport/places.hpp"
#include "transport/tls.hpp"
#include "transport/worker.hpp"

#include <atomic>
#include <mutex>
#include <optional>

namespace cairn::transport {
namespace {

using tcp = boost::asio::ip::tcp;
using boost::system::error_code;
using tls_context = std::shared_ptr<boost::asio::ssl::context>;

// Which server's thread this is, for current_thread().
struct place {
    const void* server = nullptr;
    unsigned index = 0;
};
thread_local place here;

std::string text_of(const tcp::socket& socket) {
    error_code ec;
    const auto end = socket.remote_endpoint(ec);
    if (ec) return "unknown";
    return end.address().to_string() + ":" + std::to_string(end.port());
}

// What the server keeps of one connection, shared by its hooks.
struct connection {
    connection(
        tcp::socket s, worker& w, std::atomic<std::size_t>& open, std::atomic<std::size_t>& shake
    )
        : socket(std::move(s)), home(w), counted(open), shaking(shake) {}

    tcp::socket socket; // until the driver has it
    worker& home;
    ticket counted;
    ticket shaking;
    std::string address;
    const driver* self = nullptr;
    bool opened = false;
    std::optional<std::string> place; // to be given back
};

class asio_server final : public server {
public:
    asio_server(
        const session::router& routes,
        const session::router& health_routes,
        server_options options,
        std::function<void(std::string_view, std::string_view)> log
    )
        : routes_(routes), health_routes_(health_routes), options_(std::move(options)),
          log_(std::move(log)), places_(options_.max_connections, options_.max_per_identity) {}

    ~asio_server() override { stop(); }

    status start() override {
        CAIRN_ASSERT(workers_.empty() && options_.threads > 0, "a server starts once");
        CAIRN_TRY(reload(options_.tls));
        for (unsigned i = 0; i < options_.threads; ++i) {
            workers_.push_back(std::make_unique<worker>(log_));
        }
        CAIRN_TRY(listen());
        for (unsigned i = 0; i < options_.threads; ++i) {
            workers_[i]->run([this, i] { here = {this, i}; });
        }
        if (options_.tls.allow_tls12) log_("tls12_allowed", "by configuration");
        calls_->start();
        if (health_) health_->start();
        return {};
    }

    std::uint16_t port() const override { return calls_ ? calls_->port() : std::uint16_t{0}; }
    std::uint16_t health_port() const override {
        return health_ ? health_->port() : std::uint16_t{0};
    }

    void post(unsigned index, std::function<void()> work) override {
        workers_.at(index)->post(std::move(work));
    }

    unsigned current_thread() const override {
        CAIRN_ASSERT(here.server == this, "not a network thread of this server");
        return here.index;
    }

    void cut(std::string certificate_sha256) override {
        for (const auto& w : workers_) {
            w->post([w = w.get(), certificate_sha256] {
                std::vector<std::shared_ptr<driver>> doomed;
                for (const auto& [ignored, entry] : w->live) {
                    if (entry.certificate_sha256 == certificate_sha256) {
                        doomed.push_back(entry.connection);
                    }
                }
                for (const auto& d : doomed) d->kill(fail(errc::certificate_revoked));
            });
        }
    }

    status try_files(const tls_files& tls) const override {
        const auto made = server_context(tls);
        return made ? status{} : status{made.error()};
    }

    status reload(const tls_files& tls) override {
        auto made = server_context(tls);
        if (!made) return made.error();
        bool other_trust = false;
        {
            const std::lock_guard lock(context_mutex_);
            other_trust = context_ != nullptr && (tls.authority_pem != trusted_.authority_pem ||
                                                  tls.crl_pem != trusted_.crl_pem);
            context_ = *made;
            trusted_.authority_pem = tls.authority_pem;
            trusted_.crl_pem = tls.crl_pem;
        }
        if (!other_trust) return {};
        for (const auto& w : workers_) {
            w->post([this, w = w.get(), now = *made] { judge_again(*w, now); });
        }
        return {};
    }

    void stop() override {
        if (stopped_ || workers_.empty()) return;
        stopped_ = true;
        // Both listeners live on the first thread; nothing is accepted after this has run there.
        workers_.front()->post([this] {
            if (calls_) calls_->stop();
            if (health_) health_->stop();
            for (const auto& w : workers_) {
                w->post([w = w.get()] { drain(*w); });
            }
        });
        for (const auto& w : workers_) w->join();
    }

    server_counters counters() const override {
        return {accepted_.load(), handshakes_failed_.load(), open_.load(), refused_full_.load()};
    }

private:
    status listen() {
        auto& io = workers_.front()->io();
        auto calls = listener::open(io, options_.address, options_.port, false);
        if (!calls) return calls.error();
        calls_ = std::move(*calls);
        calls_->on_socket(
            [this]() -> boost::asio::io_context& { return next_worker().io(); },
            [this](tcp::socket s) { accepted(std::move(s)); }
        );
        calls_->hold_while([this] { return shaking_.load() >= options_.max_handshakes; });
        if (options_.health_address.empty()) return {};
        auto health = listener::open(io, options_.health_address, options_.health_port, true);
        if (!health) return health.error();
        health_ = std::move(*health);
        health_->on_socket(
            [&io]() -> boost::asio::io_context& { return io; },
            [this](tcp::socket s) { accepted_health(std::move(s)); }
        );
        return {};
    }

    worker& next_worker() {
        turn_ = (turn_ + 1) % workers_.size();
        return *workers_[turn_];
    }

    // On the first thread; the socket already belongs to the thread whose turn it is.
    void accepted(tcp::socket socket) {
        ++accepted_;
        // Past the limit a newcomer is told so, once it has shown who it is; as many as may shake
        // hands at once. What comes still faster than that is closed without a word.
        if (open_.load() >= options_.max_connections + options_.max_handshakes) {
            ++refused_full_;
            log_("connection_refused", "as many connections as allowed");
            return;
        }
        worker& w = *workers_[turn_];
        auto c = std::make_shared<connection>(std::move(socket), w, open_, shaking_);
        w.post([this, c] {
            if (!c->home.stopping) begin(c);
        });
    }

    void begin(const std::shared_ptr<connection>& c) {
        c->address = text_of(c->socket);
        const tls_context used = context();
        auto tls = std::make_unique<tls_channel>(used->native_handle(), tls_role::server);
        driver_hooks hooks;
        hooks.open = [this, c, used](
                         const tls_channel* t, mono_time now
                     ) -> std::unique_ptr<session::server_connection> {
            c->shaking.release();
            // Whoever shook hands while the files were changed is judged by the new ones.
            if (const tls_context latest = context();
                latest != used && !t->passes(latest->native_handle())) {
                log_("connection_cut", "its certificate no longer passes");
                return nullptr;
            }
            c->opened = true;
            session::peer who = t->peer();
            who.address = c->address;
            c->home.live.at(c->self).certificate_sha256 = who.certificate_sha256;
            auto place = places_.take(who);
            if (!place) return turn_away(*c, t->protocol() == "h2", place.error());
            c->place = std::move(*place);
            return engine(*t, std::move(who), now);
        };
        hooks.ended = [this, c](const failure& why) {
            c->shaking.release();
            if (c->place) places_.give_back(*c->place);
            c->counted.release();
            note_end(*c, why);
            forget(c->home, c->self);
        };
        const driver_times times{
            options_.times.handshake, options_.times.write_stall, options_.times.drain};
        auto d =
            std::make_shared<driver>(std::move(c->socket), std::move(tls), times, std::move(hooks));
        c->self = d.get();
        c->home.live.emplace(d.get(), worker::entry{d, {}});
        d->start();
    }

    std::unique_ptr<session::server_connection>
    turn_away(const connection& c, bool http2, const failure& why) {
        ++refused_full_;
        log_("connection_refused", c.address + ": " + why.where);
        return session::make_refusal(http2, why);
    }

    std::unique_ptr<session::server_connection>
    engine(const tls_channel& t, session::peer who, mono_time now) const {
        if (t.protocol() == "h2") {
            session::server_settings settings;
            settings.drain = options_.times.drain;
            return session::make_http2_server(routes_, std::move(who), settings, now);
        }
        return make_http1_server(routes_, std::move(who), http1(options_.times.idle), now);
    }

    void accepted_health(tcp::socket socket) {
        worker& w = *workers_.front();
        if (w.stopping || health_open_ >= limits::health_connections) return;
        ++health_open_;
        session::peer who;
        who.address = text_of(socket);
        const auto self = std::make_shared<const driver*>(nullptr);
        driver_hooks hooks;
        hooks.open = [this, who](const tls_channel*, mono_time now) {
            // Nobody here has shown who they are: no long waits.
            return make_http1_server(health_routes_, who, http1(options_.times.header), now);
        };
        hooks.ended = [this, &w, self](const failure&) {
            --health_open_;
            forget(w, *self);
        };
        auto d =
            std::make_shared<driver>(std::move(socket), nullptr, driver_times{}, std::move(hooks));
        *self = d.get();
        w.live.emplace(d.get(), worker::entry{d, {}});
        d->start();
    }

    [[nodiscard]] http1_times http1(duration idle) const {
        return {idle, options_.times.header, options_.times.body_progress, options_.times.drain};
    }

    void note_end(const connection& c, const failure& why) {
        if (why.code == errc::cancelled || why.code == errc::shutting_down) return;
        if (!c.opened) ++handshakes_failed_;
        std::string detail = c.address + ": " + (why.where.empty() ? why.public_text() : why.where);
        if (!why.detail.empty()) detail += " (" + why.detail + ")";
        log_(c.opened ? "connection_ended" : "handshake_failed", detail);
    }

    // Own thread of the worker.
    void judge_again(worker& w, const tls_context& now) {
        std::vector<std::shared_ptr<driver>> doomed;
        for (const auto& [ignored, entry] : w.live) {
            if (!entry.connection->passes(now->native_handle())) doomed.push_back(entry.connection);
        }
        for (const auto& d : doomed) {
            log_("connection_cut", "its certificate no longer passes");
            d->kill(fail(errc::certificate_revoked));
        }
    }

    static void forget(worker& w, const driver* d) {
        w.live.erase(d);
        if (w.stopping && w.live.empty()) w.release();
    }

    static void drain(worker& w) {
        w.stopping = true;
        std::vector<std::shared_ptr<driver>> all;
        for (const auto& [ignored, entry] : w.live) all.push_back(entry.connection);
        for (const auto& d : all) d->drain();
        if (w.live.empty()) w.release();
    }

    tls_context context() {
        const std::lock_guard lock(context_mutex_);
        return context_;
    }

    const session::router& routes_;
    const session::router& health_routes_;
    server_options options_;
    worker_log log_;
    places places_;
    std::mutex context_mutex_;
    tls_context context_;
    // Authority and revocation list of `context_`; guarded with it.
    tls_files trusted_;
    std::vector<std::unique_ptr<worker>> workers_;
    std::unique_ptr<listener> calls_;
    std::unique_ptr<listener> health_;
    std::size_t turn_ = 0;        // first thread
    std::size_t health_open_ = 0; // first thread
    bool stopped_ = false;
    std::atomic<std::size_t> open_{0};
    std::atomic<std::size_t> shaking_{0};
    std::atomic<std::uint64_t> accepted_{0};
    std::atomic<std::uint64_t> handshakes_failed_{0};
    std::atomic<std::uint64_t> refused_full_{0};
};

} // namespace

std::unique_ptr<server> make_server(
    const session::router& routes,
    const session::router& health_routes,
    server_options options,
    std::function<void(std::string_view event, std::string_view detail)> log
) {
    return std::make_unique<asio_server>(routes, health_routes, std::move(options), std::move(log));
}

} // namespace cairn::transport

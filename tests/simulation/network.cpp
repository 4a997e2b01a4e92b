#include "simulation/network.hpp"

#include <algorithm>

namespace cairn::sim {
namespace {

class wire_client final : public transport::client {
public:
    explicit wire_client(std::shared_ptr<wire> w) : wire_(std::move(w)) {}
    std::shared_ptr<session::client_call> start(
        std::string_view path, std::shared_ptr<session::call_observer> observer, duration timeout
    ) override {
        return usable() ? wire_->start(path, std::move(observer), timeout) : nullptr;
    }
    [[nodiscard]] bool usable() const override { return wire_->usable(); }
    void close() override { wire_->cut(); }

private:
    std::shared_ptr<wire> wire_;
};

} // namespace

wire::wire(network& net, session::peer who, std::function<void()> lost)
    : net_(net), who_(std::move(who)), lost_(std::move(lost)) {}

void wire::open(std::unique_ptr<session::server_connection> server) {
    server_ = std::move(server);
    client_ = session::make_http2_client("broker.example:443", net_.time.mono_now());
    // The engines speak up by themselves when a handler or a program answers later.
    server_->on_output([weak = weak_from_this()] {
        if (const auto w = weak.lock()) w->pump_soon(true);
    });
    client_->on_output([weak = weak_from_this()] {
        if (const auto w = weak.lock()) w->pump_soon(false);
    });
    pump_soon(true);
    pump_soon(false);
}

std::shared_ptr<session::client_call> wire::start(
    std::string_view path, std::shared_ptr<session::call_observer> observer, duration timeout
) {
    auto call = client_->start(path, std::move(observer), timeout, net_.time.mono_now());
    pump_soon(false);
    return call;
}

bool wire::usable() const {
    return client_ != nullptr && !client_end_.closed && !cutting_ && !client_->going_away();
}

void wire::pump_soon(bool server) {
    end& e = server ? server_end_ : client_end_;
    if (e.pumping || e.closed) return;
    e.pumping = true;
    net_.time.after(duration::zero(), weak_from_this(), [this, server] {
        (server ? server_end_ : client_end_).pumping = false;
        pump(server);
    });
}

template <class Engine>
void wire::drain(Engine& engine, bool server) {
    end& other = server ? client_end_ : server_end_;
    const mono_time now = net_.time.mono_now();
    for (;;) {
        const bytes_view out = engine.output();
        if (out.empty()) return;
        // Mostly whole, sometimes in pieces of any size.
        const std::size_t n =
            net_.random.chance(70) ? out.size() : 1 + net_.random.below(out.size());
        piece p;
        p.data = bytes(out.substr(0, n));
        p.known = {net_.durable(), now};
        engine.sent(n, now);
        if (cutting_) continue;
        const mono_time when =
            std::max(other.last_arrival, now + net_.random.between(50us, net_.delay_max));
        other.last_arrival = when;
        net_.time.at(when, weak_from_this(), [this, server, p = std::move(p)]() mutable {
            (server ? client_end_ : server_end_).inbox.push_back(std::move(p));
            arrived(!server);
        });
    }
}

void wire::pump(bool server) {
    if ((server ? server_end_ : client_end_).closed) return;
    if (server)
        drain(*server_, true);
    else
        drain(*client_, false);
    if (server ? server_->finished() : client_->finished()) return cut();
    arm(server);
    if (server) arrived(true);
}

void wire::arrived(bool at_server) {
    end& e = at_server ? server_end_ : client_end_;
    const auto self = shared_from_this();
    bool any = false;
    while (!e.closed && !e.inbox.empty() && (!at_server || server_->wants_read())) {
        const piece p = std::move(e.inbox.front());
        e.inbox.pop_front();
        any = true;
        if (at_server) {
            server_->receive(p.data, net_.time.mono_now());
        } else {
            net_.current = p.known;
            client_->receive(p.data, net_.time.mono_now());
        }
    }
    if (any && !e.closed) pump_soon(at_server);
}

void wire::arm(bool server) {
    end& e = server ? server_end_ : client_end_;
    const auto at = server ? server_->next_deadline() : client_->next_deadline();
    if (!at || (e.armed && *e.armed <= *at)) return;
    e.armed = *at;
    net_.time.at(*at, weak_from_this(), [this, server, at] {
        end& mine = server ? server_end_ : client_end_;
        if (mine.armed == at) mine.armed.reset();
        if (mine.closed) return;
        if (server)
            server_->tick(net_.time.mono_now());
        else
            client_->tick(net_.time.mono_now());
        pump(server);
    });
}

void wire::close_end(bool server) {
    end& e = server ? server_end_ : client_end_;
    if (e.closed) return;
    const auto self = shared_from_this();
    e.closed = true;
    e.inbox.clear();
    if (server) {
        if (server_) server_->closed();
        return;
    }
    if (client_) client_->closed();
    if (const auto lost = std::exchange(lost_, nullptr)) lost();
}

void wire::cut() {
    if (cutting_) return;
    cutting_ = true;
    // Held until both sides know.
    const auto self = shared_from_this();
    for (const bool server : {false, true}) {
        net_.time.after(net_.random.between(0us, 2 * net_.delay_max), self, [self, server] {
            self->close_end(server);
        });
    }
}

void wire::server_gone() {
    cutting_ = true;
    server_end_.closed = true;
    server_end_.inbox.clear();
    server_.reset();
    net_.time.after(net_.random.between(0us, 2 * net_.delay_max), weak_from_this(), [this] {
        close_end(false);
    });
}

void wire::client_gone() {
    lost_ = nullptr;
    cutting_ = true;
    client_end_.closed = true;
    client_end_.inbox.clear();
    const auto self = shared_from_this();
    net_.time.after(net_.random.between(0us, 2 * net_.delay_max), self, [self] {
        self->close_end(true);
    });
}

std::vector<std::shared_ptr<wire>> network::live() {
    std::erase_if(wires_, [](const auto& w) { return w->gone(); });
    return wires_;
}

void network::cut(const std::string& pin) {
    for (const auto& w : live()) {
        if (w->who().certificate_sha256 == pin) w->cut();
    }
}

void network::cut_any() {
    const auto all = live();
    if (all.empty()) return;
    const auto& w = all[random.below(all.size())];
    time.note("cut", w->who().address);
    w->cut();
}

void network::broker_gone() {
    accept = nullptr;
    for (const auto& w : live()) w->server_gone();
}

void sim_dialer::dial(
    transport::dial_options,
    std::function<void(result<std::shared_ptr<transport::client>>)> done,
    std::function<void()> lost
) {
    net_.time.after(net_.random.between(100us, 5ms), alive_, [this, done = std::move(done), lost] {
        if (!net_.accept || net_.random.chance(net_.refuses)) {
            return done(fail(errc::connect_failed, "nobody answers"));
        }
        auto w = std::make_shared<wire>(net_, who_, lost);
        auto engine = net_.accept(who_);
        if (engine == nullptr) return done(fail(errc::connect_failed, "nobody answers"));
        w->open(std::move(engine));
        net_.add(w);
        made_.push_back(w);
        done(std::shared_ptr<transport::client>(std::make_shared<wire_client>(w)));
    });
}

void sim_dialer::post_after(duration delay, std::function<void()> work) {
    net_.time.after(delay, alive_, std::move(work));
}

void sim_dialer::stop() {
    alive_.reset();
    for (const auto& weak : made_) {
        if (const auto w = weak.lock()) w->client_gone();
    }
    made_.clear();
}

} // namespace cairn::sim

// The network between agencies and the broker: connections in memory with delays, pieces and cuts.
// Identity is what TLS would have established.
#pragma once

#include "session/client.hpp"
#include "session/connection.hpp"
#include "simulation/loop.hpp"
#include "transport/client.hpp"

#include <deque>
#include <memory>
#include <set>

namespace cairn::sim {

// What the piece of bytes that is being received right now knew when it left the broker.
struct stamp {
    // Highest position whose record was on the disk.
    std::uint64_t durable = 0;
    mono_time sent{};
};

class network;

// One connection: both engines and the bytes between them.
class wire final : public std::enable_shared_from_this<wire> {
public:
    wire(network& net, session::peer who, std::function<void()> lost);

    void open(std::unique_ptr<session::server_connection> server);
    std::shared_ptr<session::client_call> start(
        std::string_view path, std::shared_ptr<session::call_observer> observer, duration timeout
    );
    [[nodiscard]] bool usable() const;
    [[nodiscard]] const session::peer& who() const { return who_; }
    // Each side learns of it in its own time; what is under way may still arrive.
    void cut();
    // The broker's machine is gone, at once; the client learns of it later.
    void server_gone();
    // The agency's machine is gone.
    void client_gone();
    [[nodiscard]] bool gone() const { return client_end_.closed && server_end_.closed; }

private:
    struct piece {
        bytes data;
        stamp known;
    };
    struct end {
        std::deque<piece> inbox;
        mono_time last_arrival{};
        bool closed = false;
        bool pumping = false;
        std::optional<mono_time> armed;
    };
    void pump(bool server);
    void pump_soon(bool server);
    void arrived(bool at_server);
    void arm(bool server);
    void close_end(bool server);
    template <class Engine>
    void drain(Engine& engine, bool server);

    network& net_;
    session::peer who_;
    std::function<void()> lost_;
    std::unique_ptr<session::client_connection> client_;
    std::unique_ptr<session::server_connection> server_;
    end client_end_;
    end server_end_;
    bool cutting_ = false;
};

class network {
public:
    network(loop& l, std::uint64_t seed) : time(l), random(seed, "network") {}

    // Set by the broker while it runs: an engine for a new connection, null when it takes none.
    std::function<std::unique_ptr<session::server_connection>(const session::peer&)> accept;
    // Highest durable position, asked when bytes leave the broker.
    std::function<std::uint64_t()> durable = [] { return 0; };

    // Ends the connections of a certificate at the broker.
    void cut(const std::string& pin);
    // One connection of those open, by chance.
    void cut_any();
    void broker_gone();
    void add(const std::shared_ptr<wire>& w) { wires_.push_back(w); }

    loop& time;
    dice random;
    // Of the piece under way into a client's engine.
    stamp current;
    // Longest delay of a piece; grows while the network is bad.
    duration delay_max = 8ms;
    // Percent of dials that fail.
    std::uint64_t refuses = 0;

private:
    std::vector<std::shared_ptr<wire>> live();
    std::vector<std::shared_ptr<wire>> wires_;
};

// One agency's way to the broker.
class sim_dialer final : public transport::dialer {
public:
    sim_dialer(network& net, session::peer who) : net_(net), who_(std::move(who)) {}
    ~sim_dialer() override { stop(); }

    void dial(
        transport::dial_options options,
        std::function<void(result<std::shared_ptr<transport::client>>)> done,
        std::function<void()> lost
    ) override;
    void post(std::function<void()> work) override {
        post_after(duration::zero(), std::move(work));
    }
    void post_after(duration delay, std::function<void()> work) override;
    void stop() override;

private:
    network& net_;
    session::peer who_;
    std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
    std::vector<std::weak_ptr<wire>> made_;
};

} // namespace cairn::sim

// What stands at the agencies' end: the real agent, a desk's own system on a stream, one that
// polls, and single calls by people.
#pragma once

#include "agents/core/client.hpp"
#include "simulation/faults.hpp"
#include "simulation/journal.hpp"
#include "simulation/partnership.hpp"

namespace cairn::sim {

// What everybody shares. Outlives them all.
struct surroundings {
    loop& time;
    network& net;
    journal& seen;
    dice& random;
    bug planted = bug::none;
};

// One agency's agent program: outbox and inbox are its disk and survive its crashes.
class agent {
public:
    agent(surroundings s, std::string agency, session::peer who, std::vector<std::string> desks);
    ~agent();
    agent(const agent&) = delete;
    agent& operator=(const agent&) = delete;

    void start();
    // The process dies; what it had not written is gone. It comes back by itself.
    void crash();
    void submit(const v1::SubmitRequest& request);
    // Called for every notice taken in.
    std::function<void(const v1::Notice&)> on_notice = [](const v1::Notice&) {};
    [[nodiscard]] bool idle() const;

private:
    status store(const std::string& desk, const agents::delivery& d);
    void settled(const std::string& key);

    surroundings s_;
    std::string agency_;
    session::peer who_;
    std::vector<std::string> desks_;
    std::unique_ptr<agents::outbox_store> outbox_ = agents::make_memory_outbox();
    std::unique_ptr<sim_dialer> dialer_;
    std::shared_ptr<agents::agent_client> client_;
    std::shared_ptr<const int> process_;
    std::shared_ptr<const int> machine_ = std::make_shared<const int>(0);
};

// One connection kept up as well as can be; calls on it fail with it.
class caller {
public:
    caller(surroundings s, session::peer who);
    using answer = std::function<void(const session::call_end&, const std::vector<bytes>&)>;
    // Unary, or a stream whose messages come to `each`.
    void call(
        std::string_view path,
        bytes request,
        answer done,
        std::function<void(bytes_view)> each = nullptr
    );
    // Every call on the connection ends with it.
    void hang_up() {
        if (client_) client_->close();
    }
    [[nodiscard]] const session::peer& who() const { return who_; }

private:
    surroundings s_;
    session::peer who_;
    std::unique_ptr<sim_dialer> dialer_;
    std::shared_ptr<transport::client> client_;
    std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
};

// A desk's system on Receive with little credit. Confirms in small batches, late.
class stream_desk {
public:
    stream_desk(surroundings s, std::string desk, session::peer who, std::uint64_t after = 0);
    void start();
    // Goes on with another certificate where this one leaves off.
    [[nodiscard]] std::uint64_t cursor() const { return cursor_; }
    // Stores and confirms nothing any more, but listens on: the certificate is in other hands.
    void fall_into_other_hands() { stolen_ = true; }

private:
    static constexpr std::uint32_t credit = 4;
    void open();
    void took(bytes_view message);
    void confirm();

    surroundings s_;
    std::string desk_;
    caller line_;
    std::uint64_t cursor_;
    std::uint64_t last_in_stream_ = 0;
    std::set<std::uint64_t> unconfirmed_;
    std::set<std::uint64_t> asked_;
    bool confirming_ = false;
    bool stolen_ = false;
    std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
};

// A desk's system that asks now and then, and sends some of it back.
class polling_desk {
public:
    polling_desk(surroundings s, std::string desk, session::peer who);
    void start() { poll(); }

private:
    void poll();
    void took(const std::vector<bytes>& messages);
    void settle(std::uint64_t position);

    surroundings s_;
    std::string desk_;
    caller line_;
    // Kept and not sent back; or sent back.
    std::map<std::uint64_t, bool> known_;
    std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
};

} // namespace cairn::sim

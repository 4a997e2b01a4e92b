// The client's driver: performs what the engine decides, over one connection and one outbox. Its
// parts lie in client.cpp (the connection), client_publish.cpp and client_receive.cpp.
//
// Thread: the dialer's. Callbacks of a connection or a stream that was given up find another number
// than theirs and do nothing.
#pragma once

#include "agents/core/client.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>

namespace cairn::agents {

// Hands the events of one call to two functions.
class call_relay final : public session::call_observer {
public:
    std::function<void(bytes_view)> message = [](bytes_view) {};
    std::function<void(const session::call_end&)> ended;

    void on_message(bytes_view m) override { message(m); }
    void on_end(const session::call_end& how) override { ended(how); }
};

trouble trouble_of(const session::call_end& end);
std::string words_of(const session::call_end& end);
// Streams end when a broker stops, too.
log_level level_of(const session::call_end& end);

class client_driver final : public agent_client,
                            public std::enable_shared_from_this<client_driver> {
public:
    client_driver(
        transport::dialer& dialer,
        transport::dial_options broker,
        outbox_store& outbox,
        const clock& time,
        engine core,
        client_hooks hooks
    )
        : dialer_(dialer), broker_(std::move(broker)), outbox_(outbox), time_(time),
          engine_(std::move(core)), hooks_(std::move(hooks)) {}

    void start() override;
    void queued(std::string key) override;
    void redial(transport::dial_options broker) override;
    void stop() override;
    [[nodiscard]] client_state state() const override;

private:
    void feed(event_t e);
    void arm();

    void perform(action::dial&);
    void dialled(std::uint64_t epoch, result<std::shared_ptr<transport::client>> made);
    void lost(std::uint64_t epoch);
    // Null where the connection takes no more calls; it is given up then.
    std::shared_ptr<session::client_call>
    call(std::string_view path, std::shared_ptr<call_relay> observer, duration timeout);

    void perform(action::open_publish&);
    void on_publish_answer(std::uint64_t stream, bytes_view m);
    void perform(action::submit& a);
    void perform(action::settle& a);
    void settle_answered();

    void perform(action::open_receive& a);
    void on_delivery(const std::string& desk, std::uint64_t stream, bytes_view m);
    void perform(action::close_receive& a);
    void perform(action::store& a);
    void perform(action::confirm& a);
    void confirm_ended(const action::confirm& a, const session::call_end& how);
    void perform(action::drop_confirm& a);

    transport::dialer& dialer_;
    transport::dial_options broker_;
    outbox_store& outbox_;
    const clock& time_;
    engine engine_;
    client_hooks hooks_;

    std::deque<event_t> events_;
    // Sent on this stream and on none before: a repeat is answered with the time of the first.
    std::set<std::string> fresh_;
    // Not yet in the outbox.
    std::vector<settlement> answered_;
    bool feeding_ = false;
    bool stopped_ = false;
    // There are other options than those that the last dial had: what comes of it is not used.
    bool outdated_ = false;
    std::optional<mono_time> armed_;
    // Tells a connection, and each stream, from those before it.
    std::uint64_t epoch_ = 0;
    std::uint64_t publish_epoch_ = 0;
    std::map<std::string, std::uint64_t> receive_epoch_;
    std::shared_ptr<transport::client> client_;
    std::shared_ptr<session::client_call> publish_;
    std::map<std::string, std::shared_ptr<session::client_call>> receiving_;
    client_state state_;
};

} // namespace cairn::agents

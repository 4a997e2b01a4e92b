#include "transport/client.hpp"

#include <future>

namespace cairn::transport {
namespace {

constexpr int grpc_unavailable = 14;

reply unavailable(std::string why) {
    reply out;
    out.end.grpc_status = grpc_unavailable;
    out.end.message = std::move(why);
    out.end.number = static_cast<std::uint32_t>(errc::connect_failed);
    out.end.retryable = true;
    return out;
}

// Collects one call's answer. A dialer that stops destroys the promise unkept, which wakes the
// waiting thread too.
class collector final : public session::call_observer {
public:
    explicit collector(std::shared_ptr<std::promise<reply>> to) : to_(std::move(to)) {}
    void on_message(bytes_view message) override { got_.messages.emplace_back(message); }
    void on_end(const session::call_end& how) override {
        got_.end = how;
        to_->set_value(std::move(got_));
    }

private:
    std::shared_ptr<std::promise<reply>> to_;
    reply got_;
};

} // namespace

result<std::shared_ptr<client>> connect(dialer& d, dial_options options) {
    using outcome = result<std::shared_ptr<client>>;
    auto promise = std::make_shared<std::promise<outcome>>();
    auto made = promise->get_future();
    d.dial(
        std::move(options),
        [kept = std::move(promise)](outcome how) { kept->set_value(std::move(how)); },
        [] {}
    );
    try {
        return made.get();
    } catch (const std::future_error&) {
        return fail(errc::shutting_down, "the dialer stopped");
    }
}

reply call_unary(
    dialer& d, client& c, std::string_view path, bytes_view request, duration timeout
) {
    auto promise = std::make_shared<std::promise<reply>>();
    auto answer = promise->get_future();
    d.post([&c,
            path = std::string(path),
            message = bytes(request),
            timeout,
            kept = std::move(promise)] {
        const auto call = c.start(path, std::make_shared<collector>(kept), timeout);
        if (!call) return kept->set_value(unavailable("the connection is gone"));
        call->send(message);
        call->half_close();
    });
    try {
        return answer.get();
    } catch (const std::future_error&) {
        return unavailable("the dialer stopped");
    }
}

} // namespace cairn::transport

// A partner without a stream: it asks every now and then and sends back what it finds.
#include "apps/sandbox/partner.hpp"

#include "cairn/v1/exchange.pb.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace cairn::sandbox {
namespace {

namespace v1 = ::cairn::v1;
using namespace std::chrono_literals;

constexpr auto between = 300ms;
constexpr auto patience = 10s;

class returning final : public partner {
public:
    returning(const role& r, transport::dial_options broker, partner_parts parts)
        : desk_(std::string(r.agency) + "/" + r.desk), broker_(std::move(broker)), parts_(parts),
          thread_([this] { run(); }) {}
    ~returning() override { stop(); }

    void look() override {}
    void stop() override {
        {
            const std::lock_guard hold(mutex_);
            over_ = true;
        }
        ended_.notify_all();
        if (thread_.joinable()) thread_.join();
    }

private:
    void run() {
        std::unique_lock hold(mutex_);
        while (!over_) {
            hold.unlock();
            ask();
            hold.lock();
            ended_.wait_for(hold, between, [this] { return over_; });
        }
    }

    void ask() {
        if (client_ == nullptr || !client_->usable()) {
            auto c = transport::connect(parts_.dialer, broker_);
            if (!c) return;
            client_ = std::move(*c);
        }
        v1::FetchRequest which;
        which.set_desk(desk_);
        v1::FetchResponse found;
        if (!call("/cairn.v1.Exchange/Fetch", which, found)) return;
        for (const v1::Delivery& d : found.deliveries()) {
            v1::ReturnRequest back;
            back.set_desk(desk_);
            back.set_position(d.position());
            back.set_reason(v1::ReturnRequest::REASON_WRONG_DESK);
            back.mutable_acting()->set_role("duty worker of the sandbox");
            back.mutable_acting()->set_staff_id("sandbox-1");
            back.mutable_acting()->set_authenticated_by("sandbox");
            v1::ReturnResponse done;
            (void) call("/cairn.v1.Exchange/Return", back, done);
        }
    }

    template <class Request, class Response>
    bool call(std::string_view path, const Request& request, Response& out) {
        const auto answer = transport::call_unary(
            parts_.dialer, *client_, path, request.SerializeAsString(), patience
        );
        return answer.end.grpc_status == 0 && answer.messages.size() == 1 &&
               out.ParseFromString(answer.messages.front());
    }

    std::string desk_;
    transport::dial_options broker_;
    partner_parts parts_;
    std::shared_ptr<transport::client> client_;
    std::mutex mutex_;
    std::condition_variable ended_;
    bool over_ = false;
    std::thread thread_;
};

} // namespace

std::unique_ptr<partner>
make_returning(const role& r, transport::dial_options broker, partner_parts parts) {
    return std::make_unique<returning>(r, std::move(broker), parts);
}

} // namespace cairn::sandbox

// A broker in the same thread: what the client and the plain agent talk to in tests. Time moves by
// hand, posted work runs when asked to.
#pragma once

#include "support.hpp"
#include "transport/client.hpp"

#include "cairn/v1/exchange.pb.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace agents_test {

namespace v1 = ::cairn::v1;
using namespace cairn;

class fake_broker final : public transport::dialer {
public:
    explicit fake_broker(manual_clock& time) : time_(time) {}

    // What it does.
    bool reachable = true;
    std::uint32_t refuse_number = 0; // of every submission; 0: accept
    bool refuse_retryable = false;
    bool answers = true; // to submissions
    // By how much its clock is later than ours: receipts say its time. None: they say none.
    std::optional<std::chrono::microseconds> clock_ahead;
    std::vector<v1::Delivery> deliveries; // sent on each receive, above its `after`

    // What it saw.
    std::vector<std::string> submitted; // keys
    std::vector<bytes> requests;
    std::vector<std::uint64_t> confirmed;
    std::size_t submitted_before_confirm = 0; // the first one
    int dials = 0;
    std::string last_host; // that was dialled
    int closed = 0;        // connections, by the client

    void dial(
        transport::dial_options options,
        std::function<void(result<std::shared_ptr<transport::client>>)> done,
        std::function<void()> lost
    ) override {
        ++dials;
        last_host = options.host;
        if (!reachable) {
            post([done = std::move(done)] { done(fail(errc::connect_failed, "closed port")); });
            return;
        }
        auto made = std::make_shared<connection>(*this);
        live_ = made;
        lost_ = std::move(lost);
        post([done = std::move(done), made] { done(std::shared_ptr<transport::client>(made)); });
    }
    void post(std::function<void()> work) override { ready_.push_back(std::move(work)); }
    void post_after(duration delay, std::function<void()> work) override {
        later_.emplace(time_.mono_now() + delay, std::move(work));
    }
    void stop() override {
        ready_.clear();
        later_.clear();
    }

    // The connection goes as if the cable was cut.
    void cut() {
        live_.reset();
        if (auto lost = std::exchange(lost_, nullptr)) post(std::move(lost));
    }
    void run_ready() {
        while (!ready_.empty()) {
            auto work = std::move(ready_.front());
            ready_.pop_front();
            work();
        }
    }
    // Runs everything due within `span`, in order.
    void run_for(duration span) {
        const auto until = time_.mono_now() + span;
        run_ready();
        while (!later_.empty() && later_.begin()->first <= until) {
            auto next = later_.extract(later_.begin());
            if (next.key() > time_.mono_now()) time_.advance(next.key() - time_.mono_now());
            next.mapped()();
            run_ready();
        }
        if (until > time_.mono_now()) time_.advance(until - time_.mono_now());
    }

private:
    class connection;

    class call final : public session::client_call, public std::enable_shared_from_this<call> {
    public:
        call(fake_broker& b, std::string path, std::shared_ptr<session::call_observer> o)
            : broker_(b), path_(std::move(path)), observer_(std::move(o)) {}
        void send(bytes_view m) override {
            broker_.post([self = shared_from_this(), text = bytes(m)] {
                if (!self->over_) self->broker_.answer(*self, text);
            });
        }
        void half_close() override {}
        void cancel() override { over_ = true; }
        [[nodiscard]] std::size_t pending() const override { return 0; }

        void message(const google::protobuf::Message& m) {
            if (!over_) observer_->on_message(m.SerializeAsString());
        }
        void end(const session::call_end& how) {
            if (!std::exchange(over_, true)) observer_->on_end(how);
        }
        [[nodiscard]] const std::string& path() const { return path_; }

    private:
        fake_broker& broker_;
        std::string path_;
        std::shared_ptr<session::call_observer> observer_;
        bool over_ = false;
    };

    class connection final : public transport::client {
    public:
        explicit connection(fake_broker& b) : broker_(b) {}
        std::shared_ptr<session::client_call>
        start(std::string_view path, std::shared_ptr<session::call_observer> o, duration) override {
            return std::make_shared<call>(broker_, std::string(path), std::move(o));
        }
        [[nodiscard]] bool usable() const override { return true; }
        void close() override { ++broker_.closed; }

    private:
        fake_broker& broker_;
    };

    void answer(call& c, const bytes& text) {
        if (c.path() == "/cairn.v1.Exchange/Publish") publish(c, text);
        if (c.path() == "/cairn.v1.Exchange/Receive") receive(c, text);
        if (c.path() == "/cairn.v1.Exchange/Confirm") {
            v1::ConfirmRequest r;
            r.ParseFromString(text);
            if (confirmed.empty()) submitted_before_confirm = submitted.size();
            confirmed.insert(confirmed.end(), r.positions().begin(), r.positions().end());
            v1::ConfirmResponse ok;
            c.message(ok);
            c.end({});
        }
    }

    void publish(call& c, const bytes& text) {
        v1::SubmitRequest r;
        r.ParseFromString(text);
        submitted.push_back(r.key());
        requests.push_back(text);
        if (!answers) return;
        v1::PublishResponse out;
        out.set_key(r.key());
        if (refuse_number != 0) {
            out.mutable_refused()->set_number(refuse_number);
            out.mutable_refused()->set_symbol("no_route");
            out.mutable_refused()->set_text("The concern would reach no desk");
            out.mutable_refused()->set_next_step("Address a desk");
            out.mutable_refused()->set_where("desks");
            out.mutable_refused()->set_retryable(refuse_retryable);
        } else {
            out.mutable_accepted()->set_key(r.key());
            out.mutable_accepted()->set_concern_id("0123456789abcdef0123456789abcdef");
            out.mutable_accepted()->set_receipt(receipt_of(r.key()));
        }
        c.message(out);
    }

    // The head of a receipt: what an agent reads of it is when it was recorded.
    [[nodiscard]] std::string receipt_of(const std::string& key) const {
        std::string out = "c2sp.org/tlog-proof@v1\n";
        if (clock_ahead) {
            std::string extra;
            extra += '\x01';
            put_u16(extra, 122);
            extra += "\x01\x01";
            put_u64(extra, static_cast<std::uint64_t>(to_us(time_.wall_now() + *clock_ahead)));
            extra.append(112, '\0');
            out += "extra " + to_base64(extra) + "\n";
        }
        return out + "receipt of " + key;
    }

    void receive(call& c, const bytes& text) {
        v1::ReceiveRequest r;
        r.ParseFromString(text);
        for (const auto& d : deliveries)
            if (d.withdrawn() || (d.position() > r.after() && d.notice().desk() == r.desk()))
                c.message(d);
    }

    manual_clock& time_;
    std::deque<std::function<void()>> ready_;
    std::multimap<mono_time, std::function<void()>> later_;
    std::weak_ptr<connection> live_;
    std::function<void()> lost_;
};

inline v1::Delivery make_delivery(std::uint64_t position, const std::string& desk) {
    v1::Delivery d;
    d.set_position(position);
    d.set_recorded_at_us(1'795'305'600'000'000);
    d.set_acknowledge_by_us(1'795'392'000'000'000);
    auto& n = *d.mutable_notice();
    n.set_concern_id("0123456789abcdef0123456789abcdef");
    n.set_desk(desk);
    n.set_sender("northshire-police");
    n.set_kind(v1::CONCERN_KIND_NOTIFICATION);
    n.mutable_content()->mutable_notification()->set_summary("summary " + std::to_string(position));
    return d;
}

} // namespace agents_test

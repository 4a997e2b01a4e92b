// The parties of a load: a school's publish streams, and desks that receive and confirm.
#pragma once

#include "core/crypto.hpp"
#include "core/system.hpp"
#include "transport/client.hpp"

#include "cairn/v1/exchange.pb.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <unordered_map>

namespace cairn::bench {

using std::chrono::nanoseconds;

struct settings {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::string sender;
    std::vector<std::string> receivers; // desk=folder
    std::string concern;
    double seconds = 3;
    double rate = 0; // 0: as fast as the window lets
    unsigned streams = 1;
    unsigned window = 512;
    std::uint64_t backlog = 2048;
};

inline std::string slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    if (!in) throw std::runtime_error("cannot read " + path);
    return out.str();
}

inline transport::dial_options options_of(const settings& s, const std::string& folder) {
    transport::dial_options o;
    o.host = s.host;
    o.port = s.port;
    o.expect_name = "localhost";
    o.tls.certificate_pem = slurp(folder + "/client.pem");
    o.tls.key_pem = slurp(folder + "/client.key");
    o.tls.authority_pem = slurp(folder + "/authority.pem");
    return o;
}

inline mono_time now() {
    return system_clock().mono_now();
}

// Shared by everything on the dialer's thread; the main thread reads the totals only.
struct totals {
    std::atomic<std::uint64_t> sent{0};
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> delivered{0};
    std::atomic<std::uint64_t> confirmed{0};
    // Latencies in microseconds; dialer thread only until the end.
    std::vector<double> receipt_us;
    std::vector<double> all_us;
    std::string first_refusal;
};

struct in_flight {
    mono_time due{};
    unsigned notices = 0;
};

// A position's varint at the front of a Delivery: all a storing system needs to confirm.
inline std::uint64_t position_of(bytes_view delivery) {
    std::uint64_t v = 0;
    unsigned shift = 0;
    for (std::size_t i = 1; i < delivery.size() && shift < 64; ++i, shift += 7) {
        const auto b = static_cast<std::uint8_t>(delivery[i]);
        v |= std::uint64_t{b & 0x7fU} << shift;
        if ((b & 0x80U) == 0) break;
    }
    return v;
}

// What a notice shows of its concern, without what names its desk.
inline std::string content_of(bytes_view delivery) {
    v1::Delivery d;
    if (!d.ParseFromArray(delivery.data(), static_cast<int>(delivery.size())))
        throw std::runtime_error("a delivery that cannot be read");
    return d.notice().content().SerializeAsString();
}

class publisher final : public session::call_observer {
public:
    publisher(const settings& s, totals& t, const v1::Concern& c) : s_(s), t_(t) {
        // Keys of this run alone: a repeated key would get its old receipt and owe nobody a notice.
        prefix_ = random_id(system_random()) + "-";
        request_.set_key(prefix_ + "0000000000");
        *request_.mutable_concern() = c;
        encoded_ = request_.SerializeAsString();
        // The key is written into the encoded bytes: building the message is not what is measured.
        key_at_ = encoded_.find(prefix_);
    }
    void begin(std::shared_ptr<session::client_call> call) {
        call_ = std::move(call);
        if (s_.rate == 0) fill();
    }
    // Dialer thread. Sends one that was due at `due`.
    void send(mono_time due) {
        const std::string key = fmt::format("{}{:010}", prefix_, next_++);
        encoded_.replace(key_at_, key.size(), key);
        due_.push_back(due);
        ++open_;
        t_.sent.fetch_add(1, std::memory_order_relaxed);
        call_->send(encoded_);
    }
    void stop() {
        stopping_ = true;
        call_->half_close();
    }
    unsigned open() const { return open_; }

    void on_message(bytes_view message) override {
        v1::PublishResponse r;
        const bool fits = r.ParseFromArray(message.data(), static_cast<int>(message.size()));
        --open_;
        if (!fits || r.has_refused()) {
            if (t_.refused++ == 0)
                t_.first_refusal = r.refused().text() + " " + r.refused().where();
        } else {
            t_.accepted.fetch_add(1, std::memory_order_relaxed);
            const auto n = std::strtoull(r.key().c_str() + prefix_.size(), nullptr, 10);
            const auto took = std::chrono::duration<double, std::micro>(now() - due_[n]).count();
            if (s_.rate > 0) t_.receipt_us.push_back(took);
        }
        if (s_.rate == 0) fill();
    }
    void on_end(const session::call_end& how) override {
        if (!stopping_ && t_.first_refusal.empty())
            t_.first_refusal = "stream ended: " + how.message;
        ended = true;
    }
    void on_writable() override {
        if (s_.rate == 0) fill();
    }
    mono_time due_of(std::uint64_t n) const { return due_[n]; }

    std::atomic<bool> ended{false};
    std::atomic<bool> pause{false};

private:
    // Consumers keep up: nobody publishes ahead of what the desks have confirmed by more than
    // `backlog` concerns, or the figure would count notices still lying in the broker.
    [[nodiscard]] bool kept_up() const { return 3 * t_.accepted < t_.confirmed + 3 * s_.backlog; }
    void fill() {
        while (!stopping_ && !pause && open_ < s_.window && kept_up() &&
               call_->pending() < 256 * 1024)
            send(now());
    }

    const settings& s_;
    totals& t_;
    v1::SubmitRequest request_;
    std::string encoded_;
    std::size_t key_at_ = 0;
    std::string prefix_;
    std::uint64_t next_ = 0;
    unsigned open_ = 0;
    bool stopping_ = false;
    std::vector<mono_time> due_;
    std::shared_ptr<session::client_call> call_;
};

class nothing final : public session::call_observer {
public:
    explicit nothing(std::function<void(const session::call_end&)> done) : done_(std::move(done)) {}
    void on_message(bytes_view) override {}
    void on_end(const session::call_end& how) override { done_(how); }

private:
    std::function<void(const session::call_end&)> done_;
};

// One desk's system: stores (counts) and confirms, one confirm call under way at a time.
class receiver final : public session::call_observer,
                       public std::enable_shared_from_this<receiver> {
public:
    receiver(std::string desk, totals& t, std::unordered_map<std::uint64_t, unsigned>* seen)
        : desk_(std::move(desk)), t_(t), seen_(seen) {}
    void begin(std::shared_ptr<transport::client> c) {
        client_ = std::move(c);
        v1::ReceiveRequest r;
        r.set_desk(desk_);
        r.set_max_unconfirmed(4096);
        call_ = client_->start("/cairn.v1.Exchange/Receive", shared_from_this(), nanoseconds(0));
        call_->send(r.SerializeAsString());
        call_->half_close();
    }
    void on_message(bytes_view delivery) override {
        const std::uint64_t position = position_of(delivery);
        t_.delivered.fetch_add(1, std::memory_order_relaxed);
        if (content.empty()) content = content_of(delivery);
        waiting_.push_back(position);
        if (seen_ != nullptr) arrived(position);
        confirm();
    }
    void on_end(const session::call_end& how) override {
        if (how.grpc_status != 0 && !stopping) fmt::print(stderr, "{}: {}\n", desk_, how.message);
    }
    std::atomic<bool> stopping{false};
    // What the first notice shows.
    std::string content;
    std::function<void()> confirmed_some;
    // Called with the position of every third arrival of a concern.
    std::function<void(std::uint64_t)> complete;

private:
    void arrived(std::uint64_t position) {
        if (++(*seen_)[position] != 3) return;
        seen_->erase(position);
        complete(position);
    }
    void confirm() {
        if (under_way_ || waiting_.empty()) return;
        under_way_ = true;
        v1::ConfirmRequest r;
        r.set_desk(desk_);
        const std::size_t n = std::min<std::size_t>(waiting_.size(), 4096);
        r.mutable_positions()->Assign(
            waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(n)
        );
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(n));
        auto done =
            std::make_shared<nothing>([self = shared_from_this(), n](const session::call_end& how) {
                self->under_way_ = false;
                if (how.grpc_status == 0)
                    self->t_.confirmed.fetch_add(n, std::memory_order_relaxed);
                self->confirm();
                self->confirmed_some();
            });
        const auto call =
            client_->start("/cairn.v1.Exchange/Confirm", done, std::chrono::seconds(30));
        // The connection has ended, by settle() or by itself; what waits stays unconfirmed.
        if (call == nullptr) return;
        call->send(r.SerializeAsString());
        call->half_close();
    }

    std::string desk_;
    totals& t_;
    std::unordered_map<std::uint64_t, unsigned>* seen_;
    std::vector<std::uint64_t> waiting_;
    bool under_way_ = false;
    std::shared_ptr<transport::client> client_;
    std::shared_ptr<session::client_call> call_;
};

// Sends `rate` a second on the first publisher; keeps the time each was due.
class pacer {
public:
    pacer(transport::dialer& d, publisher& p, double rate, double seconds)
        : d_(d), p_(p), gap_(static_cast<std::int64_t>(1e9 / rate)),
          left_(static_cast<std::uint64_t>(rate * seconds)) {}
    void start() { due_ = now(), step(); }
    std::atomic<bool> done{false};

private:
    void step() {
        while (left_ > 0 && due_ <= now()) {
            p_.send(due_);
            due_ += gap_;
            --left_;
        }
        if (left_ == 0) {
            done = true;
            return;
        }
        d_.post_after(due_ - now(), [this] { step(); });
    }
    transport::dialer& d_;
    publisher& p_;
    nanoseconds gap_;
    std::uint64_t left_;
    mono_time due_{};
};

} // namespace cairn::bench

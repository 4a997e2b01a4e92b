#include "simulation/spoiled_routes.hpp"

#include "merkle/checkpoint.hpp"

#include "cairn/v1/audit.pb.h"
#include "cairn/v1/exchange.pb.h"

namespace cairn::sim {
namespace {

namespace v1 = ::cairn::v1;

// Rewrites messages on their way; may keep one back or send two.
struct rewriting {
    std::function<bytes(bytes_view)> request = [](bytes_view m) { return bytes(m); };
    std::function<std::vector<bytes>(bytes_view)> response = [](bytes_view m) {
        return std::vector<bytes>{bytes(m)};
    };
};

// The call as the handler sees it.
class rewritten_call final : public session::call {
public:
    rewritten_call(std::weak_ptr<session::call> real, const session::call& now, rewriting how)
        : real_(std::move(real)), path_(now.path()), who_(now.who()), codec_(now.how()),
          deadline_(now.deadline()), how_(std::move(how)) {}

    [[nodiscard]] std::string_view path() const override { return path_; }
    [[nodiscard]] const session::peer& who() const override { return who_; }
    [[nodiscard]] session::codec how() const override { return codec_; }
    [[nodiscard]] std::string_view traceparent() const override { return {}; }
    [[nodiscard]] std::optional<mono_time> deadline() const override { return deadline_; }
    void send(bytes_view message) override {
        const auto real = real_.lock();
        if (real == nullptr) return;
        for (const bytes& m : how_.response(message)) real->send(m);
    }
    void finish(const status& how) override {
        if (const auto real = real_.lock()) real->finish(how);
    }
    void read_more() override {
        if (const auto real = real_.lock()) real->read_more();
    }
    [[nodiscard]] std::size_t queued() const override {
        const auto real = real_.lock();
        return real == nullptr ? 0 : real->queued();
    }
    [[nodiscard]] bool alive() const override {
        const auto real = real_.lock();
        return real != nullptr && real->alive();
    }

private:
    std::weak_ptr<session::call> real_;
    std::string path_;
    session::peer who_;
    session::codec codec_;
    std::optional<mono_time> deadline_;
    rewriting how_;
};

class rewriting_handler final : public session::handler {
public:
    rewriting_handler(
        const std::function<std::unique_ptr<session::handler>(session::call&)>& make,
        session::call& real,
        rewriting how
    )
        : request_(how.request),
          call_(std::make_shared<rewritten_call>(real.weak_from_this(), real, std::move(how))),
          inner_(make(*call_)) {}
    void on_message(session::call&, bytes_view m) override {
        inner_->on_message(*call_, request_(m));
    }
    void on_end(session::call&) override { inner_->on_end(*call_); }
    void on_writable(session::call&) override { inner_->on_writable(*call_); }
    void on_closed(session::call&) override { inner_->on_closed(*call_); }

private:
    std::function<bytes(bytes_view)> request_;
    std::shared_ptr<rewritten_call> call_;
    std::unique_ptr<session::handler> inner_;
};

void wrap(session::router& routes, std::string_view path, std::function<rewriting()> how) {
    session::method m = *routes.find(path);
    m.make = [make = m.make, how = std::move(how)](session::call& c) {
        return std::make_unique<rewriting_handler>(make, c, how());
    };
    routes.add(std::move(m));
}

rewriting without_credit() {
    rewriting r;
    r.request = [](bytes_view m) {
        v1::ReceiveRequest asked;
        (void) asked.ParseFromArray(m.data(), static_cast<int>(m.size()));
        asked.set_max_unconfirmed(0);
        return asked.SerializeAsString();
    };
    return r;
}

// Every third notice waits for the one after it.
rewriting swapping() {
    struct state {
        std::uint64_t count = 0;
        bytes held;
    };
    rewriting r;
    r.response = [s = std::make_shared<state>()](bytes_view m) -> std::vector<bytes> {
        if (!s->held.empty()) return {bytes(m), std::exchange(s->held, {})};
        if (++s->count % 3 != 0) return {bytes(m)};
        s->held = bytes(m);
        return {};
    };
    return r;
}

rewriting altering() {
    rewriting r;
    r.response = [count = std::make_shared<int>(0)](bytes_view m) -> std::vector<bytes> {
        v1::Delivery d;
        if (++*count % 3 != 0 || !d.ParseFromArray(m.data(), static_cast<int>(m.size())))
            return {bytes(m)};
        d.mutable_notice()->set_decided_at_us(d.notice().decided_at_us() + 1);
        return {d.SerializeAsString()};
    };
    return r;
}

// The last notice that any stream was sent goes to the next stream, too, under its own position.
rewriting crossing(const std::shared_ptr<v1::Notice>& last) {
    rewriting r;
    r.response = [last](bytes_view m) -> std::vector<bytes> {
        v1::Delivery d;
        (void) d.ParseFromArray(m.data(), static_cast<int>(m.size()));
        const v1::Notice mine = d.notice();
        if (!last->desk().empty() && last->desk() != mine.desk()) *d.mutable_notice() = *last;
        *last = mine;
        return {d.SerializeAsString()};
    };
    return r;
}

rewriting ahead(const ed25519_private& key) {
    rewriting r;
    r.response = [key](bytes_view m) -> std::vector<bytes> {
        v1::CheckpointResponse out;
        (void) out.ParseFromArray(m.data(), static_cast<int>(m.size()));
        const auto note = merkle::parse_note(out.checkpoint());
        auto head =
            note ? merkle::parse_checkpoint(note->text) : result<merkle::checkpoint>(note.error());
        if (!head) return {bytes(m)};
        ++head->size;
        head->root = sha256("what is queued");
        const merkle::note_signer signer(head->origin, key, merkle::key_type::ed25519);
        out.set_checkpoint(merkle::sign_checkpoint(signer, *head));
        return {out.SerializeAsString()};
    };
    return r;
}

} // namespace

void spoil(session::router& routes, bug planted, const ed25519_private& log_key) {
    constexpr std::string_view receive = "/cairn.v1.Exchange/Receive";
    switch (planted) {
    case bug::credit_ignored:
        return wrap(routes, receive, without_credit);
    case bug::order_swapped:
        return wrap(routes, receive, swapping);
    case bug::notice_altered:
        return wrap(routes, receive, altering);
    case bug::others_notices:
        return wrap(routes, receive, [last = std::make_shared<v1::Notice>()] {
            return crossing(last);
        });
    case bug::checkpoint_ahead:
        return wrap(routes, "/cairn.v1.Audit/Checkpoint", [log_key] { return ahead(log_key); });
    default:
        return;
    }
}

} // namespace cairn::sim

#include "simulation/desks.hpp"

#include "core/errors.hpp"

#include <google/protobuf/io/coded_stream.h>

namespace cairn::sim {
namespace {

constexpr std::string_view receive_path = "/cairn.v1.Exchange/Receive";
constexpr std::string_view confirm_path = "/cairn.v1.Exchange/Confirm";
constexpr std::string_view return_path = "/cairn.v1.Exchange/Return";
constexpr std::string_view fetch_path = "/cairn.v1.Exchange/Fetch";

class collected final : public session::call_observer {
public:
    caller::answer done;
    std::function<void(bytes_view)> each;
    std::vector<bytes> messages;

    void on_message(bytes_view m) override {
        if (each)
            each(m);
        else
            messages.emplace_back(m);
    }
    void on_end(const session::call_end& how) override { done(how, messages); }
};

session::call_end no_connection() {
    session::call_end e;
    e.grpc_status = 14;
    e.retryable = true;
    return e;
}

// The deliveries of a FetchResponse as they stand in it, each with its exact bytes.
std::vector<bytes> deliveries_of(bytes_view response) {
    google::protobuf::io::CodedInputStream in(
        reinterpret_cast<const std::uint8_t*>(response.data()), static_cast<int>(response.size())
    );
    constexpr std::uint32_t delivery_tag = 1U << 3U | 2U;
    std::vector<bytes> out;
    while (in.ReadTag() == delivery_tag) {
        std::uint32_t size = 0;
        if (!in.ReadVarint32(&size) || !in.ReadString(&out.emplace_back(), static_cast<int>(size)))
            return {};
    }
    return out;
}

// Guards work of an object against its end.
template <class Work>
auto guarded(const std::shared_ptr<const int>& alive, Work work) {
    return [weak = std::weak_ptr<const int>(alive), work](const auto&... args) {
        if (weak.lock()) work(args...);
    };
}

} // namespace

// ---- agent ----

agent::agent(surroundings s, std::string agency, session::peer who, std::vector<std::string> desks)
    : s_(s), agency_(std::move(agency)), who_(std::move(who)), desks_(std::move(desks)) {}

agent::~agent() {
    client_.reset();
    dialer_.reset();
}

void agent::start() {
    process_ = std::make_shared<const int>(0);
    dialer_ = std::make_unique<sim_dialer>(s_.net, who_);
    agents::client_hooks hooks;
    hooks.store = [this](const std::string& desk, const agents::delivery& d) {
        return store(desk, d);
    };
    hooks.settled = [this](const std::vector<std::string>& keys) {
        for (const auto& key : keys) settled(key);
    };
    hooks.log = [this](log_level, std::string_view event, std::string_view detail) {
        s_.time.note(agency_ + " " + std::string(event), detail);
    };
    auto made = agents::make_agent_client(
        *dialer_, {}, *outbox_, s_.time, s_.random, desks_, std::move(hooks)
    );
    client_ = *made;
    client_->start();
}

void agent::crash() {
    if (client_ == nullptr) return;
    s_.time.note("agent crash", agency_);
    process_.reset();
    client_.reset();
    dialer_.reset();
    s_.time.after(s_.random.between(100ms, 4s), machine_, [this] { start(); });
}

void agent::submit(const v1::SubmitRequest& request) {
    const bytes exact = request.SerializeAsString();
    s_.seen.sent(agency_, request.key(), exact);
    (void) outbox_->append({{request.key(), exact, {}, {}, {}}});
    if (client_) client_->queued(request.key());
}

bool agent::idle() const {
    const auto queued = outbox_->queued();
    if (!queued || !queued->empty() || client_ == nullptr) return false;
    const auto load = client_->state().load;
    return load.unstored == 0 && load.unconfirmed == 0;
}

status agent::store(const std::string& desk, const agents::delivery& d) {
    s_.seen.arrived({desk, d.position, d.notice, d.withdrawn, s_.net.current});
    if (s_.random.chance(3)) return fail(errc::storage_failed, "no room");
    if (s_.planted == bug::confirmed_unstored) {
        // Written later, if the process lives so long.
        s_.time.after(20s, process_, [this, desk, d] {
            s_.seen.stored(desk, d.position, d.notice, d.withdrawn);
        });
    } else {
        s_.seen.stored(desk, d.position, d.notice, d.withdrawn);
    }
    v1::Notice n;
    if (!d.withdrawn && n.ParseFromString(d.notice)) on_notice(n);
    return {};
}

void agent::settled(const std::string& key) {
    const auto row = outbox_->find(key);
    v1::PublishResponse answer;
    if (row && answer.ParseFromString(row->answer)) s_.seen.answered(key, answer, s_.net.current);
}

// ---- caller ----

caller::caller(surroundings s, session::peer who)
    : s_(s), who_(std::move(who)), dialer_(std::make_unique<sim_dialer>(s.net, who_)) {}

void caller::call(
    std::string_view path, bytes request, answer done, std::function<void(bytes_view)> each
) {
    if (client_ == nullptr || !client_->usable()) {
        client_.reset();
        dialer_->dial(
            {},
            [this, path, request, done, each](result<std::shared_ptr<transport::client>> made) {
                if (!made) return done(no_connection(), {});
                client_ = std::move(*made);
                call(path, request, done, each);
            },
            [] {}
        );
        return;
    }
    auto observer = std::make_shared<collected>();
    // The engine ends its calls even when it is destroyed with the rest of the world.
    observer->done = guarded(alive_, done);
    observer->each = each;
    const duration timeout = each ? duration::zero() : duration(20s);
    const auto started = client_->start(path, observer, timeout);
    if (started == nullptr) return done(no_connection(), {});
    started->send(request);
    started->half_close();
}

// ---- stream_desk ----

stream_desk::stream_desk(surroundings s, std::string desk, session::peer who, std::uint64_t after)
    : s_(s), desk_(std::move(desk)), line_(s, std::move(who)), cursor_(after) {}

void stream_desk::start() {
    open();
}

void stream_desk::open() {
    last_in_stream_ = 0;
    v1::ReceiveRequest asked;
    asked.set_desk(desk_);
    asked.set_after(0);
    asked.set_max_unconfirmed(credit);
    line_.call(
        receive_path,
        asked.SerializeAsString(),
        guarded(
            alive_,
            [this](const session::call_end& how, const std::vector<bytes>&) {
                s_.time.note(desk_ + " stream ends", std::to_string(how.number));
                unconfirmed_.clear();
                asked_.clear();
                s_.time.after(s_.random.between(100ms, 2s), alive_, [this] { open(); });
            }
        ),
        guarded(alive_, [this](bytes_view m) { took(m); })
    );
}

void stream_desk::took(bytes_view message) {
    const auto d = agents::parse_delivery(message);
    if (!d) return s_.seen.violated(property::exact, desk_ + ": not a delivery");
    s_.seen.arrived({desk_, d->position, d->notice, d->withdrawn, s_.net.current});
    s_.seen.sent_to(line_.who().certificate_sha256, desk_, s_.net.current);
    if (d->withdrawn) {
        // Of an earlier one: out of order, and it takes no credit.
        s_.seen.stored(desk_, d->position, {}, true);
        unconfirmed_.erase(d->position);
        asked_.erase(d->position);
        return;
    }
    if (d->position <= last_in_stream_) s_.seen.violated(property::order, desk_);
    last_in_stream_ = d->position;
    if (stolen_) return;
    cursor_ = std::max(cursor_, d->position);
    s_.seen.stored(desk_, d->position, d->notice, d->withdrawn);
    unconfirmed_.insert(d->position);
    // Those a confirmation is under way for may be settled at the broker already.
    if (unconfirmed_.size() - asked_.size() > credit) s_.seen.violated(property::credit, desk_);
    s_.time.after(s_.random.between(1ms, 200ms), alive_, [this] { confirm(); });
}

void stream_desk::confirm() {
    if (confirming_ || unconfirmed_.empty() || stolen_) return;
    confirming_ = true;
    const std::vector<std::uint64_t> positions(unconfirmed_.begin(), unconfirmed_.end());
    asked_ = unconfirmed_;
    v1::ConfirmRequest r;
    r.set_desk(desk_);
    for (const auto p : positions) r.add_positions(p);
    line_.call(
        confirm_path,
        r.SerializeAsString(),
        guarded(
            alive_,
            [this, positions](const session::call_end& how, const std::vector<bytes>&) {
                confirming_ = false;
                if (how.grpc_status == 0) {
                    s_.seen.settled(desk_, positions, false);
                    for (const auto p : positions) {
                        unconfirmed_.erase(p);
                        asked_.erase(p);
                    }
                }
                // A withdrawn one among them refuses the rest: each by itself next time round,
                // since the stream is opened anew.
                if (how.number == static_cast<std::uint32_t>(errc::already_settled))
                    line_.hang_up();
                s_.time.after(s_.random.between(20ms, 300ms), alive_, [this] { confirm(); });
            }
        )
    );
}

// ---- polling_desk ----

polling_desk::polling_desk(surroundings s, std::string desk, session::peer who)
    : s_(s), desk_(std::move(desk)), line_(s, std::move(who)) {}

void polling_desk::poll() {
    v1::FetchRequest asked;
    asked.set_desk(desk_);
    asked.set_max_notices(5);
    line_.call(
        fetch_path,
        asked.SerializeAsString(),
        guarded(
            alive_,
            [this](const session::call_end& how, const std::vector<bytes>& messages) {
                if (how.grpc_status == 0) took(messages);
                s_.time.after(s_.random.between(200ms, 1500ms), alive_, [this] { poll(); });
            }
        )
    );
}

void polling_desk::took(const std::vector<bytes>& messages) {
    if (messages.empty()) return;
    const auto parts = deliveries_of(messages.front());
    std::uint64_t last = 0;
    for (const auto& part : parts) {
        const auto d = agents::parse_delivery(part);
        if (!d) return s_.seen.violated(property::exact, desk_ + ": not a delivery");
        s_.seen.arrived({desk_, d->position, d->notice, d->withdrawn, s_.net.current});
        if (d->position <= last) s_.seen.violated(property::order, desk_);
        last = d->position;
        known_.try_emplace(d->position, s_.random.chance(25));
        s_.seen.stored(desk_, d->position, d->notice, d->withdrawn);
        settle(d->position);
    }
}

void polling_desk::settle(std::uint64_t position) {
    const bool back = known_.at(position);
    bytes request;
    if (back) {
        v1::ReturnRequest r;
        r.set_desk(desk_);
        r.set_position(position);
        r.set_reason(v1::ReturnRequest::REASON_NOT_OUR_PERSON);
        request = r.SerializeAsString();
        // Whatever is answered: the broker may have done it.
        s_.seen.settled(desk_, {position}, true);
    } else {
        v1::ConfirmRequest r;
        r.set_desk(desk_);
        r.add_positions(position);
        request = r.SerializeAsString();
    }
    line_.call(
        back ? return_path : confirm_path,
        std::move(request),
        guarded(
            alive_,
            [this, position, back](const session::call_end& how, const std::vector<bytes>&) {
                if (how.grpc_status == 0 && !back) s_.seen.settled(desk_, {position}, false);
            }
        )
    );
}

} // namespace cairn::sim

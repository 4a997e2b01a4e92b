// What an agent does next, as a pure function of what happened and the time. No socket, no clock,
// no file: the driver performs the actions and reports.
//
//              dial                 open_publish ── submit … answered ── settle ── settled
//   down ─────────────▶ dialing ──▶ up
//    ▲                              open_receive ── delivered ── store ── stored ── confirm
//    └────── disconnected ──────────┘
//
// Invariants.
//  1. A key is in exactly one of: waiting, delayed, in flight, settling; it leaves on settled only.
//  2. A notice is confirmed only after `stored` for it was reported.
//  3. One store per desk at a time, in the order delivered: the cursor never passes a notice that
//     is not stored.
//  4. A position at or below the cursor is not stored again; it is confirmed again.
#pragma once

#include "agents/core/backoff.hpp"
#include "core/bytes.hpp"
#include "core/clock.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace cairn::agents {

// How a call or an answer failed, in the numbers of the catalogue.
struct trouble {
    std::uint32_t number = 0;
    bool retryable = true;
    std::uint32_t retry_after_ms = 0;
};

namespace event {
// A row became durable in the outbox.
struct queued {
    std::string key;
};
struct connected {};
// Also when dialling failed.
struct disconnected {};
struct accepted {
    std::string key;
    bytes answer;
};
struct refused {
    std::string key;
    bytes answer;
    trouble why;
};
struct settled {
    std::string key;
};
struct settle_failed {
    std::string key;
};
struct publish_ended {
    trouble why;
};
struct delivered {
    std::string desk;
    std::uint64_t position = 0;
    bool withdrawn = false;
    bytes body;
};
struct stored {
    std::string desk;
};
struct store_failed {
    std::string desk;
};
struct receive_ended {
    std::string desk;
    trouble why;
};
struct confirmed {
    std::string desk;
};
struct confirm_failed {
    std::string desk;
    trouble why;
};
struct tick {};
} // namespace event

using event_t = std::variant<
    event::queued,
    event::connected,
    event::disconnected,
    event::accepted,
    event::refused,
    event::settled,
    event::settle_failed,
    event::publish_ended,
    event::delivered,
    event::stored,
    event::store_failed,
    event::receive_ended,
    event::confirmed,
    event::confirm_failed,
    event::tick>;

namespace action {
struct dial {};
struct open_publish {};
// Send the outbox's bytes of this key on the publish stream.
struct submit {
    std::string key;
};
// Make the answer durable; then report settled or settle_failed. `content_refused`: no answer came
// but the stream's end blamed this request, described by `why`.
struct settle {
    std::string key;
    bool ok = false;
    bytes answer;
    trouble why;
};
struct open_receive {
    std::string desk;
    std::uint64_t after = 0;
};
struct close_receive {
    std::string desk;
};
// Make the notice durable, or take the stored one away where withdrawn; then report.
struct store {
    std::string desk;
    std::uint64_t position = 0;
    bool withdrawn = false;
    bytes body;
};
struct confirm {
    std::string desk;
    std::vector<std::uint64_t> positions;
};
// The broker will never take this confirmation: forget that it is owed.
struct drop_confirm {
    std::string desk;
    std::uint64_t position = 0;
};
} // namespace action

using action_t = std::variant<
    action::dial,
    action::open_publish,
    action::submit,
    action::settle,
    action::open_receive,
    action::close_receive,
    action::store,
    action::confirm,
    action::drop_confirm>;

struct desk_start {
    std::string desk;
    std::uint64_t last_stored = 0;
    std::vector<std::uint64_t> unconfirmed;
};

// Numbers for logs and for who waits until everything is done.
struct engine_load {
    bool connected = false;
    bool receiving = false; // every desk has an open stream
    std::size_t unanswered = 0;
    std::size_t unstored = 0;
    std::size_t unconfirmed = 0;
};

// Thread: one at a time. `random` outlives it.
class engine {
public:
    // Submissions in flight at once.
    static constexpr std::size_t window = 64;

    engine(std::vector<std::string> queued, std::vector<desk_start> desks, random_source& random);

    std::vector<action_t> step(event_t e, mono_time now);
    // When step(tick) has something to do at the latest; nullopt: only another event helps.
    [[nodiscard]] std::optional<mono_time> wake_at() const;
    [[nodiscard]] engine_load load() const;

private:
    enum class link : std::uint8_t { down, dialing, up };
    struct pending_store {
        std::uint64_t position = 0;
        bool withdrawn = false;
        bytes body;
    };
    struct desk_state {
        std::uint64_t cursor = 0;
        bool open = false;
        mono_time open_at{};
        backoff reopen;
        // Front is with the driver while `storing`.
        std::deque<pending_store> backlog;
        bool storing = false;
        std::set<std::uint64_t> unconfirmed;
        std::vector<std::uint64_t> confirming;
        mono_time confirm_at{};
        backoff reconfirm;
        // A batch was refused: find the one that is to blame.
        bool one_by_one = false;
    };
    using actions = std::vector<action_t>;

    void on(event::queued& e, mono_time now, actions& out);
    void on(event::connected& e, mono_time now, actions& out);
    void on(event::disconnected& e, mono_time now, actions& out);
    void on(event::accepted& e, mono_time now, actions& out);
    void on(event::refused& e, mono_time now, actions& out);
    void on(event::settled& e, mono_time now, actions& out);
    void on(event::settle_failed& e, mono_time now, actions& out);
    void on(event::publish_ended& e, mono_time now, actions& out);
    void on(event::delivered& e, mono_time now, actions& out);
    void on(event::stored& e, mono_time now, actions& out);
    void on(event::store_failed& e, mono_time now, actions& out);
    void on(event::receive_ended& e, mono_time now, actions& out);
    void on(event::confirmed& e, mono_time now, actions& out);
    void on(event::confirm_failed& e, mono_time now, actions& out);
    void on(event::tick& e, mono_time now, actions& out);

    void advance(mono_time now, actions& out);
    void advance_publish(mono_time now, actions& out);
    void advance_desk(const std::string& name, desk_state& d, mono_time now, actions& out);
    void close_publish();
    void delay(std::string key, mono_time until);
    void proved_useful();
    desk_state* find(const std::string& desk);
    duration wait_for(const trouble& why, backoff& b);

    random_source& random_;
    link link_ = link::down;
    mono_time dial_at_{};
    mono_time connected_at_{};
    backoff redial_;

    bool publishing_ = false;
    mono_time publish_at_{};
    backoff republish_;
    std::size_t window_ = window;
    std::deque<std::string> waiting_;
    std::multimap<mono_time, std::string> delayed_;
    std::vector<std::string> in_flight_;
    std::set<std::string> settling_;

    std::map<std::string, desk_state> desks_;
};

} // namespace cairn::agents

// Which notices lie in the inbox, and which events about them the agency's own system still has to
// be told: notices.db, docs/formats/notices.md. References and times; no content.
//
// Invariants.
//  1. A notice is noted, with its event where one is wanted, before it is confirmed to the broker.
//  2. An event stays until it was taken: it is told at least once, through any crash.
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn::agents {

struct noted_notice {
    std::string desk;
    std::uint64_t position = 0;
    std::string concern_id;
    std::string thread;
    wall_time stored{};
    bool recalled = false;
    // When a person's acknowledgement went through this agent.
    std::optional<wall_time> acknowledged;
};

// About one notice, by reference alone.
struct notice_event {
    std::string id; // UUIDv7; the same at every try
    std::string type;
    std::string desk;
    std::uint64_t position = 0;
    std::string concern_id;
    wall_time at{};
    std::uint32_t tries = 0;
};

// Thread: one at a time. Failures: errc::storage_failed, storage_full.
class notice_book {
public:
    virtual ~notice_book() = default;

    // A notice known already is left as it is, and its event with it.
    virtual status note(const noted_notice& n, const std::optional<notice_event>& event) = 0;
    virtual result<std::optional<noted_notice>>
    find(std::string_view desk, std::uint64_t position) = 0;
    // Every notice a desk has of a concern.
    virtual result<std::vector<noted_notice>>
    of_concern(std::string_view desk, std::string_view concern_id) = 0;
    virtual status mark_recalled(
        std::string_view desk, std::uint64_t position, const std::optional<notice_event>& event
    ) = 0;
    virtual status mark_acknowledged(std::string_view concern_id, wall_time at) = 0;

    // At most `most` that are due, the oldest first.
    virtual result<std::vector<notice_event>> due_events(wall_time now, std::size_t most) = 0;
    virtual status event_taken(std::string_view id) = 0;
    virtual status event_failed(std::string_view id, wall_time again) = 0;
    virtual result<std::size_t> events_waiting() = 0;

    // Forgets what was stored before and has no event left.
    virtual status forget_before(wall_time t) = 0;
};

// A file of mode 0600, made when absent. errc::storage_in_use, storage_foreign, storage_read_only.
result<std::unique_ptr<notice_book>> open_notice_book(const std::string& path);

} // namespace cairn::agents

// Notices into inbox/, recalls out of it, and the agency's own system told of both.
#pragma once

#include "agents/apps/agent_parts.hpp"
#include "agents/core/delivery.hpp"

#include <set>

namespace cairn::agents::apps {

class incoming : public std::enable_shared_from_this<incoming> {
public:
    explicit incoming(shared_state s) : s_(s) {}

    // Makes the hook where one is configured.
    status start();
    // Success is a promise to the broker: the notice and what it recalls are dealt with.
    status store(const std::string& desk, const delivery& d);
    // Hands due events to the hook.
    void tell_events();
    void stop();

private:
    [[nodiscard]] std::filesystem::path
    folder_of(const std::filesystem::path& base, const std::string& desk) const;
    status withdraw(const std::string& desk, std::uint64_t position);
    status obey_recall(const std::string& desk, const std::string& concern, std::uint64_t told_by);
    [[nodiscard]] std::optional<notice_event>
    event(std::string_view type, const noted_notice& n) const;
    void event_done(const notice_event& e, const status& outcome);
    void watch_clock(const delivery& d);

    shared_state s_;
    std::unique_ptr<hook> hook_;
    std::set<std::string> running_;
};

} // namespace cairn::agents::apps

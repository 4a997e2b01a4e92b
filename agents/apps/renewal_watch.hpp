// Keeps the agent's certificate alive: one step of its renewal at the start and every hour, on a
// thread of its own, for it waits on the network.
#pragma once

#include "agents/core/renewal.hpp"
#include "core/log_line.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

namespace cairn::agents::apps {

class renewal_watch {
public:
    // All on the watch's thread.
    struct listeners {
        log_function log;
        // What is wrong with the renewal, for the agency's people; good: nothing, or no more.
        std::function<void(const status&)> standing;
        // The files are the successor's.
        std::function<void()> changed;
    };

    // `broker`: where to dial; its certificates are not used.
    renewal_watch(
        transport::dial_options broker, renewal_files files, const clock& time, listeners to
    );
    ~renewal_watch();
    renewal_watch(const renewal_watch&) = delete;
    renewal_watch& operator=(const renewal_watch&) = delete;

private:
    void run();
    // How long until the next look.
    duration look(transport::dialer& dialer);
    void say(log_level level, std::string_view event, const std::string& detail);

    transport::dial_options broker_;
    const renewal_files files_;
    const clock& time_;
    const listeners to_;
    // What was said last: a log that repeats itself is read by nobody.
    std::string said_;
    std::mutex mutex_;
    std::condition_variable ended_;
    bool end_ = false;
    std::thread thread_;
};

} // namespace cairn::agents::apps

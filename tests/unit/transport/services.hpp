// Three operations over one small message, enough to see a transport at work.
#pragma once

#include "gate.hpp"
#include "session/call.hpp"

#include <functional>
#include <string>
#include <vector>

namespace cairn::test {

struct seen_calls {
    std::vector<session::peer> peers;
    std::vector<unsigned> opened_on;   // thread index, where the service has a server
    std::vector<unsigned> answered_on; // of Later
    int watching = 0;
    int ended = 0;
};

// /t.T/Echo answers with its request. /t.T/Later answers when release() is called, from the thread
// that calls it through `post`. /t.T/Watch sends one message and stays open. /t.T/Throw throws.
// /page and /big are pages.
class services {
public:
    services();

    session::router routes;
    session::router health;
    watched<seen_calls> seen;

    // Set before calls of Later: index of the current thread; running something on one.
    std::function<unsigned()> current_thread = [] { return 0u; };
    std::function<void(unsigned, std::function<void()>)> post;

    // Answers every waiting call of Later. Any thread.
    void release();

    struct waiting {
        std::weak_ptr<session::call> call;
        unsigned thread;
        bytes answer;
    };
    watched<std::vector<waiting>> pending;
};

// The message all three take and give, encoded.
bytes message(const std::string& text);
std::string text_of(bytes_view encoded);

} // namespace cairn::test

// One telling of one event, blocking and within its time limit.
#pragma once

#include "agents/apps/hook.hpp"

namespace cairn::agents::apps {

// Threads: run() from several at once; stop() from any.
class hook_call {
public:
    virtual ~hook_call() = default;
    // errc::hook_failed.
    virtual status run(const notice_event& e) = 0;
    // Ends every run at once, and those to come.
    virtual void stop() = 0;
};

// A program in a process group of its own, killed as a group at the limit. It gets the reference in
// CAIRN_EVENT_ID, CAIRN_EVENT_TYPE, CAIRN_DESK, CAIRN_POSITION and CAIRN_CONCERN, and PATH, HOME
// and LANG; no input, and what it writes is not kept: it might be personal.
result<std::unique_ptr<hook_call>> make_command_call(const hook_options& o);
result<std::unique_ptr<hook_call>> make_web_call(const hook_options& o);

} // namespace cairn::agents::apps

// Watches the file in which the agency's own system says what became of notices.
#pragma once

#include "agents/apps/agent_parts.hpp"

namespace cairn::agents::apps {

class reply_watch {
public:
    explicit reply_watch(shared_state s) : s_(s) {}

    // Reads the file where it changed and stood still for the quiet time; keys of rows made
    // durable. What cannot be used stands by line in replies-errors.txt.
    std::vector<std::string> look();

private:
    std::vector<std::string> read(const dropped_file& seen);
    result<bool> take(const reply& r, std::vector<reply_error>& errors, std::string& fresh);
    void tell(const std::vector<reply_error>& errors);

    shared_state s_;
    settled_files settled_;
    // What was read last: the same file is not read again.
    std::optional<dropped_file> done_;
};

} // namespace cairn::agents::apps

// A server's engine with one method, and a peer that does what it should not.
#pragma once

#include "unit/session/pipe.hpp"

namespace cairn::session::test {

struct attacked : bench {
    script s;
    explicit attacked(method_kind kind = method_kind::unary, server_settings settings = {}) {
        add(routes, "/t.T/M", kind, s);
        open(settings);
    }
    // The connection still answers.
    void check_usable(std::uint32_t id) {
        s.on_message = [](session::call& c, bytes_view) { c.finish(); };
        call(id, "still there?");
        const auto all = take();
        CHECK(std::any_of(all.begin(), all.end(), [&](auto& f) {
            return f.type == f_headers && f.id == id;
        }));
        CHECK_FALSE(server->finished());
    }
};

} // namespace cairn::session::test

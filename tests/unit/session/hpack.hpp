// Header blocks as a peer would read them, by nghttp2's own decoder.
#pragma once

#include "core/bytes.hpp"
#include "session/http_exchange.hpp"

#include <memory>

struct nghttp2_hd_inflater;

namespace cairn::session::test {

// One a connection and direction: blocks refer to what earlier ones said.
class hpack_reader {
public:
    hpack_reader();
    // Fails the test when the block is not right.
    header_list read(bytes_view block);

private:
    struct freer {
        void operator()(nghttp2_hd_inflater* p) const;
    };
    std::unique_ptr<nghttp2_hd_inflater, freer> inflater_;
};

} // namespace cairn::session::test

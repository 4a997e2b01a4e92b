#include "transport/worker.hpp"

#include <boost/asio/post.hpp>

namespace cairn::transport {

worker::worker(worker_log log) : log_(std::move(log)), guard_(boost::asio::make_work_guard(io_)) {}

worker::~worker() {
    join();
}

void worker::run(std::function<void()> first) {
    thread_ = std::thread([this, begin = std::move(first)] {
        begin();
        for (;;) {
            try {
                io_.run();
                return;
            } catch (const std::exception& e) {
                // Posted work of another module; connections catch their own.
                log_("network_work_failed", e.what());
            }
        }
    });
}

void worker::post(std::function<void()> work) {
    boost::asio::post(io_, std::move(work));
}

void worker::join() {
    if (thread_.joinable()) thread_.join();
}

} // namespace cairn::transport

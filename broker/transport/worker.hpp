// One network thread: its io_context, its connections.
//
// Thread: post() any; everything else on the worker's own thread, or before run() and after join().
#pragma once

#include "core/bytes.hpp"
#include "transport/driver.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <string_view>
#include <thread>
#include <unordered_map>

namespace cairn::transport {

// An exception that reached the thread's loop: name and cause.
using worker_log = std::function<void(std::string_view event, std::string_view detail)>;

class worker {
public:
    explicit worker(worker_log log);
    ~worker();
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    // Starts the thread; `first` runs on it before anything else.
    void run(std::function<void()> first);
    void post(std::function<void()> work);
    // Lets the loop end once nothing is pending. Own thread.
    void release() { guard_.reset(); }
    void join();

    boost::asio::io_context& io() { return io_; }

private:
    // Before the connections, so that it outlives them.
    boost::asio::io_context io_{1};

public:
    // Connections of this thread and the certificate each was opened with; empty before that.
    struct entry {
        std::shared_ptr<driver> connection;
        std::string certificate_sha256;
    };
    std::unordered_map<const driver*, entry> live;
    bool stopping = false;

private:
    worker_log log_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    std::thread thread_;
};

} // namespace cairn::transport

#include "agents/apps/hook.hpp"

#include "agents/apps/hook_call.hpp"
#include "agents/apps/times.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace cairn::agents::apps {
namespace {

class threaded_hook final : public hook {
public:
    threaded_hook(hook_options options, std::unique_ptr<hook_call> call, done_function done)
        : options_(std::move(options)), call_(std::move(call)), done_(std::move(done)) {
        for (unsigned i = 0; i < options_.at_once; ++i) threads_.emplace_back([this] { work(); });
    }
    ~threaded_hook() override { stop(); }

    bool tell(notice_event e) override {
        const std::lock_guard lock(mutex_);
        if (stopping_ || busy_ >= options_.at_once) return false;
        ++busy_;
        queue_.push_back(std::move(e));
        wake_.notify_one();
        return true;
    }

    void stop() override {
        {
            const std::lock_guard lock(mutex_);
            if (std::exchange(stopping_, true)) return;
            queue_.clear();
        }
        call_->stop();
        wake_.notify_all();
        for (auto& t : threads_) t.join();
    }

private:
    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (stopping_) return;
            const auto e = std::move(queue_.front());
            queue_.pop_front();
            lock.unlock();
            const auto outcome = call_->run(e);
            lock.lock();
            --busy_;
            if (stopping_) return;
            lock.unlock();
            done_(e, outcome);
            lock.lock();
        }
    }

    hook_options options_;
    std::unique_ptr<hook_call> call_;
    done_function done_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<notice_event> queue_;
    unsigned busy_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

} // namespace

std::string cloud_event(const notice_event& e) {
    const nlohmann::ordered_json out{
        {"specversion", "1.0"},
        {"id", e.id},
        {"source", "/desks/" + e.desk},
        {"type", e.type},
        {"subject", e.concern_id},
        {"time", iso_time(e.at)},
        {"datacontenttype", "application/json"},
        {"data", {{"desk", e.desk}, {"position", e.position}, {"concernId", e.concern_id}}}};
    return out.dump();
}

duration hook_pause(std::uint32_t tries, random_source& random) {
    constexpr duration first = std::chrono::seconds(5);
    constexpr duration most = std::chrono::hours(1);
    const auto step = std::min(most, duration(first * (1LL << std::min(tries, 10U))));
    std::array<std::uint8_t, 4> raw{};
    random.fill(raw);
    std::uint32_t draw = 0;
    for (const auto b : raw) draw = draw << 8U | b;
    // From the upper half, as for the broker: a server that comes back meets no crowd.
    const auto half = step.count() / 2;
    return duration(half + half / 1000 * static_cast<std::int64_t>(draw % 1001));
}

result<std::unique_ptr<hook>> make_hook(hook_options options, hook::done_function done) {
    auto call = options.command.empty() ? make_web_call(options) : make_command_call(options);
    if (!call) return call.error();
    return std::unique_ptr<hook>(
        std::make_unique<threaded_hook>(std::move(options), std::move(*call), std::move(done))
    );
}

} // namespace cairn::agents::apps

#include "agents/apps/renewal_watch.hpp"

namespace cairn::agents::apps {
namespace {

using namespace std::chrono_literals;

constexpr duration usual = 1h;
// Somebody signs it soon.
constexpr duration while_it_waits = 5min;
constexpr auto patience = 48h;

std::string day_of(wall_time t) {
    const std::chrono::year_month_day d{std::chrono::floor<std::chrono::days>(t)};
    const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return std::to_string(static_cast<int>(d.year())) + "-" +
           two(static_cast<unsigned>(d.month())) + "-" + two(static_cast<unsigned>(d.day()));
}

} // namespace

renewal_watch::renewal_watch(
    transport::dial_options broker, renewal_files files, const clock& time, listeners to
)
    : broker_(std::move(broker)), files_(std::move(files)), time_(time), to_(std::move(to)),
      thread_([this] { run(); }) {}

renewal_watch::~renewal_watch() {
    {
        const std::lock_guard hold(mutex_);
        end_ = true;
    }
    ended_.notify_all();
    thread_.join();
}

void renewal_watch::run() {
    const auto dialer = transport::make_dialer();
    std::unique_lock hold(mutex_);
    while (!end_) {
        hold.unlock();
        const duration next = look(*dialer);
        hold.lock();
        ended_.wait_for(hold, next, [this] { return end_; });
    }
    hold.unlock();
    dialer->stop();
}

void renewal_watch::say(log_level level, std::string_view event, const std::string& detail) {
    std::string both(event);
    both += detail;
    if (both == said_) return;
    said_ = std::move(both);
    to_.log(level, event, detail);
}

duration renewal_watch::look(transport::dialer& dialer) {
    const auto state = renew(dialer, broker_, files_, time_.wall_now());
    if (!state) {
        // A broker that is away is the agent's own news.
        if (describe(state.error().code).retryable) return while_it_waits;
        say(log_level::error, "renewal_failed", state.error().public_text());
        to_.standing(state.error());
        return usual;
    }
    switch (state->step) {
    case renewal_step::not_due:
        to_.standing({});
        return usual;
    case renewal_step::waits:
        say(log_level::info,
            "renewal_waits",
            "the authority has not signed it; ends " + day_of(state->ends));
        // A day or two is nothing; then somebody has to ask.
        to_.standing(
            time_.wall_now() - state->asked < patience
                ? status{}
                : status{fail(
                      errc::renewal_pending, "the authority is slow; ends " + day_of(state->ends)
                  )}
        );
        return while_it_waits;
    case renewal_step::refused:
        say(log_level::error, "renewal_refused", "ends " + day_of(state->ends));
        to_.standing(fail(errc::enrolment_refused, state->why + "; ends " + day_of(state->ends)));
        return usual;
    case renewal_step::changed:
        say(log_level::info, "renewed", "the certificate's successor is in use");
        to_.standing({});
        to_.changed();
        return usual;
    }
    return usual;
}

} // namespace cairn::agents::apps

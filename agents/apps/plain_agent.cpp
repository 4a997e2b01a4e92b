#include "agents/apps/plain_agent.hpp"

#include "agents/apps/clock_watch.hpp"
#include "agents/apps/incoming.hpp"
#include "agents/apps/outgoing.hpp"
#include "agents/apps/reply_watch.hpp"
#include "agents/apps/retention.hpp"
#include "agents/core/uuid7.hpp"

namespace cairn::agents::apps {
namespace {

constexpr duration tls_files_every = std::chrono::minutes(1);
constexpr duration sweep_every = std::chrono::hours(1);
// A change of the figures is shown no more often than this.
constexpr duration status_pause = std::chrono::seconds(2);
// A stream that has lived so long was not refused.
constexpr duration stream_works_after = std::chrono::seconds(10);

class agent final : public plain_agent, public std::enable_shared_from_this<agent> {
public:
    agent(agent_config config, folders where, agent_parts parts, end_options end)
        : config_(std::move(config)), where_(std::move(where)), parts_(std::move(parts)), end_(end),
          troubles_(parts_.log), out_(shared()), in_(std::make_shared<incoming>(shared())),
          replies_(shared()) {
        figures_.desks = config_.desks.size();
        figures_.started = figures_.since = parts_.time.wall_now();
        tls_changed_ = tls_times();
    }

    status connect(transport::dial_options broker) {
        CAIRN_TRY(in_->start());
        client_hooks hooks;
        hooks.store = [this](const std::string& desk, const delivery& d) {
            return in_->store(desk, d);
        };
        hooks.settled = [this](const std::vector<std::string>& keys) { out_.file(keys); };
        hooks.log = parts_.log;
        hooks.link = [this](const failure* why) { link(why); };
        hooks.stream = [this](std::uint32_t number) { stream(number); };
        hooks.recorded = [this](wall_time at) {
            const auto now = parts_.time.wall_now();
            troubles_.note("clock", compare_clocks(at, now), now);
        };
        auto made = make_agent_client(
            parts_.dialer,
            std::move(broker),
            parts_.outbox,
            parts_.time,
            parts_.random,
            config_.desks,
            std::move(hooks)
        );
        if (!made) return made.error();
        client_ = std::move(*made);
        return {};
    }

    void start() override {
        parts_.dialer.post([self = shared_from_this()] {
            self->started_at_ = self->parts_.time.mono_now();
            self->client_->start();
            self->poll();
        });
    }

    void stop() override {
        if (std::exchange(stopped_, true)) return;
        client_->stop();
        out_.stop();
        in_->stop();
        if (started_at_) write_status();
    }

    void reload() override {
        tls_changed_ = tls_times();
        auto broker = dial_options_of(config_);
        troubles_.note("tls_files", broker ? status() : broker.error(), parts_.time.wall_now());
        if (!broker) return;
        parts_.log(log_level::info, "reloaded", "the TLS files");
        client_->redial(std::move(*broker));
    }

    void note(std::string_view id, const status& outcome) override {
        troubles_.note(id, outcome, parts_.time.wall_now());
    }

private:
    shared_state shared() { return {config_, where_, parts_, troubles_, figures_}; }

    void poll() {
        if (stopped_) return;
        out_.file_leftovers();
        auto round = out_.take_files(client_->state().load.unanswered);
        for (auto& key : round.fresh) client_->queued(std::move(key));
        for (auto& key : replies_.look()) client_->queued(std::move(key));
        in_->tell_events();
        now_and_then();
        show_status();
        if (check_end(round.empty)) return;
        const auto again = [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->poll();
        };
        if (round.more)
            parts_.dialer.post(again);
        else
            parts_.dialer.post_after(config_.poll, again);
    }

    void now_and_then() {
        const auto now = parts_.time.mono_now();
        if (!looked_at_tls_ || now - *looked_at_tls_ >= tls_files_every) {
            looked_at_tls_ = now;
            if (tls_times() != tls_changed_) reload();
        }
        if (swept_ && now - *swept_ < sweep_every) return;
        const auto gone = sweep(where_, config_.keep, parts_.time.wall_now());
        troubles_.note("retention", gone ? status() : gone.error(), parts_.time.wall_now());
        if (gone && gone->all() != 0)
            parts_.log(log_level::info, "retention", "deleted " + std::to_string(gone->all()));
        if (!gone || !gone->more) swept_ = now;
    }

    // Of the files that a renewal writes.
    [[nodiscard]] std::vector<std::optional<dropped_file>> tls_times() const {
        return {
            look_at(config_.certificate_file),
            look_at(config_.key_file),
            look_at(config_.authority_file)};
    }

    void link(const failure* why) {
        const auto now = parts_.time.wall_now();
        const bool up = why == nullptr;
        if (figures_.connected != up) figures_.since = now;
        figures_.connected = up;
        if (up) {
            figures_.last_connected = now;
            connected_at_ = parts_.time.mono_now();
            troubles_.end("broker");
        } else {
            troubles_.begin("broker", *why, now);
        }
    }

    // Streams end when a broker stops, too; only what a person has to mend is a problem.
    void stream(std::uint32_t number) {
        if (number == 0) return troubles_.end("stream");
        for (const auto& known : error_table)
            if (static_cast<std::uint32_t>(known.code) == number && !known.retryable)
                return troubles_.begin("stream", fail(known.code), parts_.time.wall_now());
    }

    void show_status() {
        const auto now = parts_.time.mono_now();
        const auto load = client_->state().load;
        figures_.receiving = load.receiving;
        figures_.unanswered = load.unanswered;
        if (load.receiving && connected_at_ && now - *connected_at_ >= stream_works_after &&
            load.unanswered == 0)
            troubles_.end("stream");
        parts_.alive(says(current()));
        const bool due = !shown_at_ || now - *shown_at_ >= status_every;
        const bool may = !shown_at_ || now - *shown_at_ >= status_pause;
        if (due || (may && marks() != shown_)) write_status();
    }

    // What makes a new page worth writing.
    [[nodiscard]] std::vector<std::uint64_t> marks() const {
        return {
            figures_.connected,
            figures_.receiving,
            figures_.files,
            figures_.unanswered,
            figures_.accepted,
            figures_.refused + figures_.rejected + figures_.duplicates,
            figures_.received,
            figures_.recalled,
            figures_.events_waiting,
            troubles_.all().size()};
    }

    [[nodiscard]] agent_status current() const {
        auto out = figures_;
        out.at = parts_.time.wall_now();
        out.problems.assign(troubles_.all().begin(), troubles_.all().end());
        return out;
    }

    void write_status() {
        shown_at_ = parts_.time.mono_now();
        shown_ = marks();
        figures_.oldest.reset();
        if (const auto key = parts_.outbox.oldest_queued(); key && *key)
            figures_.oldest = uuid7_time(**key);
        const auto now = current();
        auto done = write_whole(where_.root / "status.json", status_json(now));
        if (done) done = write_whole(where_.root / "status.html", status_html(now));
        troubles_.note("status", done, now.at);
    }

    bool check_end(bool outbox_empty) {
        const auto now = parts_.time.mono_now();
        const auto s = client_->state();
        const bool quiet =
            config_.desks.empty() || (s.load.receiving && now - s.last_activity >= end_.idle);
        const bool settled = outbox_empty && out_.settled() && s.load.unanswered == 0;
        const bool kept = s.load.unstored == 0 && s.load.unconfirmed == 0;
        const bool received = end_.until_received != 0 && s.notices_stored >= end_.until_received;
        if (end_.once && settled && kept && quiet && end_.until_received == 0) return end(true);
        if (received && kept && (!end_.once || settled)) return end(true);
        const bool late =
            end_.time_limit > duration::zero() && now - *started_at_ >= end_.time_limit;
        return late ? end(false) : false;
    }

    bool end(bool ok) {
        stop();
        parts_.finished(ok);
        return true;
    }

    agent_config config_;
    folders where_;
    agent_parts parts_;
    end_options end_;
    problems troubles_;
    agent_status figures_;
    outgoing out_;
    std::shared_ptr<incoming> in_;
    reply_watch replies_;
    std::shared_ptr<agent_client> client_;
    std::optional<mono_time> started_at_;
    std::optional<mono_time> connected_at_;
    std::optional<mono_time> looked_at_tls_;
    std::optional<mono_time> swept_;
    std::optional<mono_time> shown_at_;
    std::vector<std::uint64_t> shown_;
    std::vector<std::optional<dropped_file>> tls_changed_;
    bool stopped_ = false;
};

} // namespace

result<std::shared_ptr<plain_agent>> make_plain_agent(
    agent_config config,
    transport::dial_options broker,
    folders where,
    agent_parts parts,
    end_options end
) {
    auto made = std::make_shared<agent>(std::move(config), std::move(where), std::move(parts), end);
    CAIRN_TRY(made->connect(std::move(broker)));
    return std::shared_ptr<plain_agent>(std::move(made));
}

} // namespace cairn::agents::apps

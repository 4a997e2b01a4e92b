#include "agents/apps/plain_agent.hpp"

#include "agents/apps/inbox.hpp"
#include "agents/apps/pickup.hpp"
#include "agents/apps/sidecar.hpp"
#include "agents/core/uuid7.hpp"

namespace cairn::agents::apps {
namespace {

namespace v1 = ::cairn::v1;

// Files taken in one round, and answers outstanding above which none are: memory and the journal
// stay bounded however much is dropped.
constexpr std::size_t files_a_round = 64;
constexpr std::size_t unanswered_most = 10'000;

std::string_view symbol(const failure& f) {
    return describe(f.code).symbol;
}

class agent final : public plain_agent, public std::enable_shared_from_this<agent> {
public:
    agent(agent_config config, folders where, agent_parts parts, end_options end)
        : config_(std::move(config)), where_(std::move(where)), parts_(std::move(parts)),
          end_(end) {}

    status connect(transport::dial_options broker) {
        client_hooks hooks;
        hooks.store = [this](const std::string& desk, const delivery& d) {
            return store_notice(inbox_of(desk), desk, d, config_.profile);
        };
        hooks.settled = [this](const std::string& key) { file(key); };
        hooks.log = parts_.log;
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
        stopped_ = true;
        client_->stop();
    }

private:
    // One desk: the inbox itself. Several: a folder each, since a concern has one position for all.
    [[nodiscard]] std::filesystem::path inbox_of(const std::string& desk) const {
        if (config_.desks.size() == 1) return where_.inbox;
        auto name = desk;
        std::replace(name.begin(), name.end(), '/', '.');
        return where_.inbox / name;
    }

    void poll() {
        if (stopped_) return;
        file_leftovers();
        const bool empty = take_files();
        if (check_end(empty)) return;
        parts_.dialer.post_after(config_.poll, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->poll();
        });
    }

    // True where nothing waits in outbox/.
    bool take_files() {
        auto all = list_dropped(where_.outbox);
        // A sidecar waits for the file it belongs to, or stays; it is never sent.
        std::erase_if(all, [](const auto& file) { return is_sidecar(file.name); });
        std::size_t taken = 0;
        for (const auto& dropped : settled_.look(all)) {
            if (taken == files_a_round) break;
            if (client_->state().load.unanswered >= unanswered_most) break;
            take(dropped);
            ++taken;
        }
        return all.empty();
    }

    void take(const dropped_file& dropped) {
        const auto path = where_.outbox / dropped.name;
        const auto limit = size_limit(dropped.name);
        constexpr std::size_t unknown_format = 64 * 1024 * 1024;
        auto content = read_whole(path, limit.value_or(unknown_format));
        if (!content) {
            if (content.error().code == errc::too_large)
                set_aside(path, content.error());
            else
                parts_.log("file_unreadable", symbol(content.error()));
            return;
        }
        const auto source = source_of(dropped.name, *content);
        const auto journaled = parts_.outbox.source_journaled(source);
        if (!journaled) return parts_.log("outbox_failed", symbol(journaled.error()));
        // The rows were durable when we were killed, the file was not yet gone.
        if (*journaled) return remove(path, source);
        const auto defaults = defaults_for(dropped.name);
        if (!defaults) return reject(path, *content, defaults.error());
        const auto picked = pick_up(
            dropped.name,
            *content,
            {*defaults,
             config_.on_behalf_of,
             parts_.time.wall_now(),
             parts_.random,
             config_.profile}
        );
        if (!picked) return reject(path, *content, picked.error());
        submit(path, *content, source, *picked);
    }

    // What the file need not say: the sidecar's word over agent.toml's.
    [[nodiscard]] result<v1::Concern> defaults_for(const std::string& name) const {
        for (const auto& sidecar : sidecars_of(name)) {
            std::error_code error;
            if (!std::filesystem::is_regular_file(where_.outbox / sidecar, error)) continue;
            const auto content = read_whole(where_.outbox / sidecar, sidecar_bytes);
            if (!content) return content.error();
            return with_sidecar(config_.defaults, sidecar, *content);
        }
        return config_.defaults;
    }

    void submit(
        const std::filesystem::path& path,
        bytes_view content,
        const std::string& source,
        const picked_up& picked
    ) {
        std::vector<std::string> fresh;
        for (const auto& row : picked.rows)
            if (!parts_.outbox.find(row.key)) fresh.push_back(row.key);
        const auto kept = parts_.outbox.append(picked.rows);
        if (!kept && kept.error().code == errc::key_reused)
            return reject(path, content, kept.error());
        if (!kept) return parts_.log("outbox_failed", symbol(kept.error()));
        if (!picked.report.empty()) write_report(picked.report);
        remove(path, source);
        parts_.log("taken", "concerns " + std::to_string(picked.rows.size()));
        for (auto& key : fresh) client_->queued(std::move(key));
    }

    void write_report(const std::string& report) {
        const auto name = make_uuid7(parts_.time.wall_now(), parts_.random) + ".report.txt";
        const auto written = write_durably(where_.sent / name, report);
        if (!written) parts_.log("report_failed", symbol(written.error()));
    }

    void remove(const std::filesystem::path& path, const std::string& source) {
        // The file first: a sidecar alone is left alone, a file alone would go without it.
        auto done = remove_durably(path);
        if (done) done = remove_sidecars(path);
        if (done) done = parts_.outbox.mark_source_removed(source);
        if (!done) parts_.log("remove_failed", symbol(done.error()));
    }

    static status remove_sidecars(const std::filesystem::path& path) {
        for (const auto& sidecar : sidecars_of(path.filename().string()))
            CAIRN_TRY(remove_durably(path.parent_path() / sidecar));
        return {};
    }

    void reject(const std::filesystem::path& path, bytes_view content, const failure& why) {
        const auto id = make_uuid7(parts_.time.wall_now(), parts_.random);
        const auto extension = size_limit(path.string()) ? path.extension().string() : ".file";
        auto done = file_rejected(where_, id, extension, content, reason_text(why));
        if (done) done = remove_durably(path);
        if (!done) return parts_.log("reject_failed", symbol(done.error()));
        parts_.log("rejected", id + " " + std::string(symbol(why)));
    }

    // Too large to read: moved as it is.
    void set_aside(const std::filesystem::path& path, const failure& why) {
        const auto id = make_uuid7(parts_.time.wall_now(), parts_.random);
        auto done = file_rejected(where_, id, ".placeholder", {}, reason_text(why));
        std::error_code error;
        if (done) std::filesystem::rename(path, where_.rejected / id / "file", error);
        if (!done || error) return parts_.log("reject_failed", symbol(why));
        done = remove_durably(where_.rejected / id / "file.placeholder");
        parts_.log("rejected", id + " " + std::string(symbol(why)));
    }

    void file(const std::string& key) {
        const auto row = parts_.outbox.find(key);
        auto done = row ? file_answer(where_, *row) : status(row.error());
        if (done) done = parts_.outbox.mark_filed(key);
        if (!done) {
            parts_.log("filing_failed", symbol(done.error()));
            unfiled_ = true;
            return;
        }
        // Without the key: an agency may have put a name into it.
        parts_.log(row->state == submission_state::accepted ? "accepted" : "refused_filed", "");
    }

    // Answers whose files a crash or a full disk prevented.
    void file_leftovers() {
        if (!std::exchange(unfiled_, false)) return;
        const auto keys = parts_.outbox.unfiled();
        if (!keys) {
            unfiled_ = true;
            return parts_.log("outbox_failed", symbol(keys.error()));
        }
        for (const auto& key : *keys) file(key);
    }

    bool check_end(bool outbox_empty) {
        const auto now = parts_.time.mono_now();
        const auto s = client_->state();
        const bool quiet =
            config_.desks.empty() || (s.load.receiving && now - s.last_activity >= end_.idle);
        const bool settled = outbox_empty && !unfiled_ && s.load.unanswered == 0;
        const bool kept = s.load.unstored == 0 && s.load.unconfirmed == 0;
        const bool received = end_.until_received != 0 && s.notices_stored >= end_.until_received;
        if (end_.once && settled && kept && quiet && end_.until_received == 0) return end(true);
        if (received && kept && (!end_.once || settled)) return end(true);
        const bool late =
            end_.time_limit > duration::zero() && now - started_at_ >= end_.time_limit;
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
    std::shared_ptr<agent_client> client_;
    settled_files settled_;
    mono_time started_at_{};
    bool stopped_ = false;
    bool unfiled_ = true;
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

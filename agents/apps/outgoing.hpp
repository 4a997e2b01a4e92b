// From outbox/ to the journal, and from the broker's answers to sent/ and rejected/.
#pragma once

#include "agents/apps/agent_parts.hpp"
#include "agents/apps/arrivals.hpp"
#include "agents/apps/file_reading.hpp"

namespace cairn::agents::apps {

class outgoing {
public:
    explicit outgoing(shared_state s) : s_(s), arrivals_(s.where.outbox) {}

    struct round {
        // Keys of rows made durable: tell the client.
        std::vector<std::string> fresh;
        // Nothing waits in outbox/.
        bool empty = false;
        // There is more that is complete: come again at once.
        bool more = false;
    };
    // Takes complete files, so many and so long that receiving goes on between two rounds.
    // `unanswered`: how many the client holds; above a limit nothing is taken.
    round take_files(std::size_t unanswered);
    // These answers are durable in the journal.
    void file(const std::vector<std::string>& keys);
    // Answers whose files a crash or a full disk prevented.
    void file_leftovers();
    [[nodiscard]] bool settled() const { return !unfiled_; }
    // Gives up a reading that is under way; its file stays as it is.
    void stop() { reading_.stop(); }

private:
    void take(const dropped_file& dropped, round& out);
    void taken_before(const dropped_file& dropped, const std::string& source);
    void finish_under_way(round& out);
    [[nodiscard]] bool waits(const dropped_file& dropped, mono_time now) const;
    // The same file under the same name, unchanged.
    [[nodiscard]] bool is_still(const dropped_file& dropped) const;
    // What was read becomes rows of the journal, an answer or a refusal.
    void finish(const dropped_file& dropped, file_reading& read, round& out);
    void not_read(const failure& why);
    void keep(const dropped_file& dropped, file_reading& read, round& out);
    [[nodiscard]] result<sidecar_file> sidecar_for(const dropped_file& dropped) const;
    [[nodiscard]] status remove_sidecars(const dropped_file& dropped) const;
    void write_report(const std::string& report);
    void answer_duplicate(const dropped_file& dropped, const std::string& key);
    void remove(const dropped_file& dropped, const std::string& source);
    void reject(const dropped_file& dropped, const failure& why);
    void forget_vanished();
    [[nodiscard]] std::filesystem::path path_of(const dropped_file& dropped) const;
    void note(std::string_view id, const status& outcome);

    shared_state s_;
    arrivals arrivals_;
    settled_files settled_;
    // Content that is journaled and whose file was gone when it was to be removed: renamed in
    // flight, it comes back under another name.
    std::map<std::string, mono_time> vanished_;
    bool unfiled_ = true;
    bool unreadable_ = false;
    mono_time rest_until_{};
    dropped_file under_way_;
    // Last: it ends before what it reads goes.
    background_reading reading_;
};

} // namespace cairn::agents::apps

// From outbox/ to the journal, and from the broker's answers to sent/ and rejected/.
#pragma once

#include "agents/apps/agent_parts.hpp"
#include "agents/apps/arrivals.hpp"
#include "agents/apps/pickup.hpp"

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
    // An answer is durable in the journal.
    void file(const std::string& key);
    // Answers whose files a crash or a full disk prevented.
    void file_leftovers();
    [[nodiscard]] bool settled() const { return !unfiled_; }

private:
    void take(const dropped_file& dropped, round& out);
    void taken_before(const dropped_file& dropped, const std::string& source);
    // Beside a file; name empty: none.
    struct sidecar {
        std::string name;
        bytes content;
    };
    [[nodiscard]] result<sidecar> sidecar_for(const dropped_file& dropped) const;
    void submit(
        const dropped_file& dropped,
        bytes_view content,
        const std::string& source,
        const sidecar& said,
        round& out
    );
    [[nodiscard]] status remove_sidecars(const dropped_file& dropped) const;
    // Into rejected/<id>/ beside the file.
    [[nodiscard]] status move_sidecars(const dropped_file& dropped, const std::string& id) const;
    void write_report(const std::string& report);
    void answer_duplicate(const dropped_file& dropped, const std::string& key);
    void remove(const dropped_file& dropped, const std::string& source);
    void reject(const dropped_file& dropped, bytes_view content, const failure& why);
    void set_aside(const dropped_file& dropped, const failure& why);
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
};

} // namespace cairn::agents::apps

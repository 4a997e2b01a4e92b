#include "agents/apps/outgoing.hpp"

#include "agents/apps/inbox.hpp"
#include "agents/apps/sidecar.hpp"
#include "agents/core/uuid7.hpp"
#include "core/crypto.hpp"

namespace cairn::agents::apps {
namespace {

// Files and time of one round, and answers outstanding above which none are taken: memory and the
// journal stay bounded however much is dropped, and notices come in between.
constexpr std::size_t files_a_round = 64;
constexpr duration round_time = std::chrono::milliseconds(200);
constexpr std::size_t unanswered_most = 10'000;
// How long a file that was renamed in flight may take to be seen under its new name.
constexpr duration vanished_for = std::chrono::minutes(1);

std::string symbol(const failure& f) {
    return std::string(describe(f.code).symbol);
}

} // namespace

std::filesystem::path outgoing::path_of(const dropped_file& dropped) const {
    return s_.where.outbox / dropped.name;
}

void outgoing::note(std::string_view id, const status& outcome) {
    s_.troubles.note(id, outcome, s_.now());
}

outgoing::round outgoing::take_files(std::size_t unanswered) {
    round out;
    forget_vanished();
    auto all = list_dropped(s_.where.outbox);
    s_.figures.files = all ? all->size() : 0;
    if (!all) {
        note("outbox", all.error());
        return out;
    }
    note("outbox", {});
    // A sidecar waits for the file it belongs to, or stays; it is never sent.
    std::erase_if(*all, [](const auto& file) { return is_sidecar(file.name); });
    s_.figures.files = all->size();
    out.empty = all->empty();
    const auto begun = s_.parts.time.mono_now();
    unreadable_ = false;
    std::size_t taken = 0;
    const auto complete =
        settled_.look(std::move(*all), arrivals_.renamed_in(), begun, s_.config.quiet);
    for (const auto& dropped : complete) {
        if (unanswered + out.fresh.size() >= unanswered_most) break;
        out.more = taken == files_a_round || s_.parts.time.mono_now() - begun >= round_time;
        if (out.more) break;
        take(dropped, out);
        ++taken;
    }
    if (!unreadable_) note("outbox_file", {});
    return out;
}

void outgoing::take(const dropped_file& dropped, round& out) {
    constexpr std::size_t unknown_format = 64 * 1024 * 1024;
    const auto path = path_of(dropped);
    const auto content = read_whole(path, size_limit(dropped.name).value_or(unknown_format));
    // Written or renamed while it was read: it is looked at again.
    const auto still = look_at(path);
    if (!still || !(*still == dropped)) return;
    if (!content) {
        if (content.error().code == errc::too_large) return set_aside(dropped, content.error());
        unreadable_ = true;
        // Its name may name a child: say the folder alone.
        return note("outbox_file", fail(errc::file_unreadable, "a file in outbox"));
    }
    const auto said = sidecar_for(dropped);
    if (!said) return reject(dropped, *content, said.error());
    // With its sidecar: the same file for another purpose is another concern.
    const auto source = said->name.empty() ? to_hex(view(sha256(*content)))
                                           : to_hex(view(sha256({*content, "\n", said->content})));
    const auto journaled = s_.parts.outbox.source_journaled(source);
    if (!journaled) return note("journal", journaled.error());
    // The rows were durable when we were killed or the file was renamed; it was not yet gone.
    if (*journaled) return taken_before(dropped, source);
    const auto known = s_.parts.outbox.taken_as(source);
    if (!known) return note("journal", known.error());
    if (*known) return answer_duplicate(dropped, **known);
    submit(dropped, *content, source, *said, out);
}

result<outgoing::sidecar> outgoing::sidecar_for(const dropped_file& dropped) const {
    for (const auto& name : sidecars_of(dropped.name)) {
        if (!look_at(s_.where.outbox / name)) continue;
        auto content = read_whole(s_.where.outbox / name, sidecar_bytes);
        if (!content) return fail(content.error().code, "the sidecar");
        return sidecar{name, std::move(*content)};
    }
    return sidecar{};
}

void outgoing::taken_before(const dropped_file& dropped, const std::string& source) {
    vanished_.erase(source);
    s_.parts.log("taken_before", "");
    remove(dropped, source);
}

void outgoing::submit(
    const dropped_file& dropped,
    bytes_view content,
    const std::string& source,
    const sidecar& said,
    round& out
) {
    // The sidecar's word over agent.toml's.
    const auto defaults = said.name.empty()
                              ? result<::cairn::v1::Concern>(s_.config.defaults)
                              : with_sidecar(s_.config.defaults, said.name, said.content);
    if (!defaults) return reject(dropped, content, defaults.error());
    auto picked = pick_up(
        dropped.name,
        content,
        {*defaults, s_.config.on_behalf_of, s_.now(), s_.parts.random, s_.config.profile}
    );
    if (!picked) return reject(dropped, content, picked.error());
    std::vector<std::string> fresh;
    for (auto& row : picked->rows) {
        row.source = source;
        if (!s_.parts.outbox.find(row.key)) fresh.push_back(row.key);
    }
    const auto kept = s_.parts.outbox.append(picked->rows);
    if (!kept && kept.error().code == errc::key_reused)
        return reject(dropped, content, kept.error());
    note("journal", kept);
    if (!kept) return;
    if (!picked->report.empty()) write_report(picked->report);
    // Every key is known and their content is not taken for another: the same concern again, in a
    // file that differs by blanks.
    if (fresh.empty() && !picked->rows.empty())
        return answer_duplicate(dropped, picked->rows.front().key);
    remove(dropped, source);
    s_.parts.log("taken", "concerns " + std::to_string(picked->rows.size()));
    for (auto& key : fresh) out.fresh.push_back(std::move(key));
}

void outgoing::write_report(const std::string& report) {
    const auto name = make_uuid7(s_.now(), s_.parts.random) + ".report.txt";
    note("sent", write_durably(s_.where.sent / name, report));
}

// Neither a second concern nor silence: who drops a file twice gets the answer of the first time.
void outgoing::answer_duplicate(const dropped_file& dropped, const std::string& key) {
    const auto row = s_.parts.outbox.find(key);
    if (!row) return note("journal", row.error());
    std::string text = "What: a file with this content was taken before; nothing was sent again.\n"
                       "Where: " +
                       key + "; ";
    switch (row->state) {
    case submission_state::queued:
        text += "it is not answered yet.\n";
        break;
    case submission_state::accepted:
        text += "it was accepted, see sent/" + key + ".json.\n";
        break;
    case submission_state::refused:
        text += "it was refused, see rejected/" + key + ".\n";
        break;
    }
    text += "What next: nothing, if it was dropped twice by mistake. If a second concern is meant, "
            "give it a \"key\" of its own or change what it says.\n";
    const auto name = make_uuid7(s_.now(), s_.parts.random) + ".duplicate.txt";
    auto done = write_durably(s_.where.sent / name, text);
    if (done) done = remove_durably(path_of(dropped));
    if (done) done = remove_sidecars(dropped);
    note("sent", done);
    if (!done) return;
    ++s_.figures.duplicates;
    s_.parts.log("duplicate", "");
}

void outgoing::remove(const dropped_file& dropped, const std::string& source) {
    const auto path = path_of(dropped);
    const auto there = look_at(path);
    if (!there || there->number != dropped.number || there->device != dropped.device) {
        // Renamed in flight. Its new name is known by its content.
        vanished_[source] = s_.parts.time.mono_now();
        return;
    }
    // The file first: a sidecar alone is left alone, a file alone would go without it.
    auto done = remove_durably(path);
    if (done) done = remove_sidecars(dropped);
    if (done) done = s_.parts.outbox.mark_source_removed(source);
    note("outbox_remove", done);
}

status outgoing::remove_sidecars(const dropped_file& dropped) const {
    for (const auto& name : sidecars_of(dropped.name))
        CAIRN_TRY(remove_durably(s_.where.outbox / name));
    return {};
}

status outgoing::move_sidecars(const dropped_file& dropped, const std::string& id) const {
    for (const auto& name : sidecars_of(dropped.name)) {
        const auto from = s_.where.outbox / name;
        if (!look_at(from)) continue;
        // Its name says whose file it was; its ending alone is kept.
        auto to = s_.where.rejected / id / "sidecar";
        to += from.extension();
        std::error_code error;
        std::filesystem::rename(from, to, error);
        if (error) return fail(errc::file_unwritable, "rejected", error.message());
    }
    return {};
}

void outgoing::forget_vanished() {
    const auto now = s_.parts.time.mono_now();
    for (auto it = vanished_.begin(); it != vanished_.end();) {
        if (now - it->second < vanished_for) {
            ++it;
            continue;
        }
        const auto done = s_.parts.outbox.mark_source_removed(it->first);
        if (!done) return;
        it = vanished_.erase(it);
    }
}

void outgoing::reject(const dropped_file& dropped, bytes_view content, const failure& why) {
    const auto id = make_uuid7(s_.now(), s_.parts.random);
    const auto path = path_of(dropped);
    const auto extension = size_limit(dropped.name) ? path.extension().string() : ".file";
    auto done = file_rejected(s_.where, id, extension, content, reason_text(why));
    if (done) done = remove_durably(path);
    if (done) done = move_sidecars(dropped, id);
    note("rejected", done);
    if (!done) return;
    ++s_.figures.rejected;
    s_.parts.log("rejected", id + " " + symbol(why));
}

// Too large to read: moved as it is.
void outgoing::set_aside(const dropped_file& dropped, const failure& why) {
    const auto id = make_uuid7(s_.now(), s_.parts.random);
    auto done = file_rejected(s_.where, id, ".placeholder", {}, reason_text(why));
    std::error_code error;
    if (done) std::filesystem::rename(path_of(dropped), s_.where.rejected / id / "file", error);
    if (done && error) done = fail(errc::file_unwritable, "rejected", error.message());
    if (done) done = remove_durably(s_.where.rejected / id / "file.placeholder");
    if (done) done = move_sidecars(dropped, id);
    note("rejected", done);
    if (!done) return;
    ++s_.figures.rejected;
    s_.parts.log("rejected", id + " " + symbol(why));
}

void outgoing::file(const std::string& key) {
    const auto row = s_.parts.outbox.find(key);
    auto done = row ? file_answer(s_.where, *row) : status(row.error());
    if (done) done = s_.parts.outbox.mark_filed(key);
    note("sent", done);
    if (!done) {
        unfiled_ = true;
        return;
    }
    const bool accepted = row->state == submission_state::accepted;
    ++(accepted ? s_.figures.accepted : s_.figures.refused);
    // Without the key: an agency may have put a name into it.
    s_.parts.log(accepted ? "accepted" : "refused_filed", "");
}

void outgoing::file_leftovers() {
    if (!std::exchange(unfiled_, false)) return;
    const auto keys = s_.parts.outbox.unfiled();
    if (!keys) {
        unfiled_ = true;
        return note("journal", keys.error());
    }
    for (const auto& key : *keys) file(key);
}

} // namespace cairn::agents::apps

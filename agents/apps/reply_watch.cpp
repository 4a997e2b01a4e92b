#include "agents/apps/reply_watch.hpp"

#include "agents/apps/times.hpp"

namespace cairn::agents::apps {
namespace {

constexpr std::size_t errors_most = 1000;

} // namespace

std::vector<std::string> reply_watch::look() {
    const auto& path = s_.config.replies.file;
    if (path.empty()) return {};
    auto seen = look_at(path);
    // It may be away for the moment in which its system writes it anew.
    if (!seen || done_ == seen) return {};
    auto settled = settled_.look({*seen}, {}, s_.parts.time.mono_now(), s_.config.quiet);
    if (settled.empty()) return {};
    return read(*seen);
}

std::vector<std::string> reply_watch::read(const dropped_file& seen) {
    const auto content = read_whole(s_.config.replies.file, reply_file_bytes);
    const auto parsed = content ? read_replies(seen.name, *content, s_.config.replies)
                                : result<replies>(content.error());
    if (!parsed) {
        auto why = parsed.error();
        if (!content) why.where = "the file of replies";
        s_.troubles.begin("replies", why, s_.now());
        if (content) done_ = seen;
        return {};
    }
    std::vector<std::string> out;
    auto errors = parsed->errors;
    for (const auto& r : parsed->rows) {
        std::string fresh;
        const auto kept = take(r, errors, fresh);
        if (!kept) {
            // The journal's disk: all of it again, what is kept is known by its key.
            s_.troubles.begin("replies", kept.error(), s_.now());
            return out;
        }
        if (*kept) out.push_back(std::move(fresh));
    }
    done_ = seen;
    tell(errors);
    if (!out.empty())
        s_.parts.log(log_level::info, "replies_taken", "replies " + std::to_string(out.size()));
    return out;
}

// True: `fresh` is a new key.
result<bool>
reply_watch::take(const reply& r, std::vector<reply_error>& errors, std::string& fresh) {
    std::optional<noted_notice> about;
    for (const auto& desk : s_.config.desks) {
        const auto had = s_.parts.book.of_concern(desk, r.reference);
        if (!had) return had.error();
        if (!had->empty()) about = had->front();
    }
    if (!about) {
        errors.push_back({r.line, "no notice with this reference was received here"});
        return false;
    }
    auto row = reply_submission(r, *about, s_.config.defaults.acting(), s_.config.on_behalf_of);
    if (s_.parts.outbox.find(row.key)) return false;
    fresh = row.key;
    CAIRN_TRY(s_.parts.outbox.append({std::move(row)}));
    CAIRN_TRY(s_.parts.book.mark_acknowledged(r.reference, s_.now()));
    return true;
}

void reply_watch::tell(const std::vector<reply_error>& errors) {
    const auto path = s_.where.root / "replies-errors.txt";
    if (errors.empty()) {
        s_.troubles.note("replies", remove_durably(path), s_.now());
        return;
    }
    std::string text = "Read at " + iso_time(s_.now()) + "; the other lines were taken.\n";
    for (std::size_t i = 0; i < errors.size() && i < errors_most; ++i)
        text += "line " + std::to_string(errors[i].line) + ": " + errors[i].what + "\n";
    if (errors.size() > errors_most)
        text += "and " + std::to_string(errors.size() - errors_most) + " more\n";
    const auto written = write_durably(path, text);
    const auto& first = errors.front();
    s_.troubles.begin(
        "replies",
        written ? fail(
                      errc::format_malformed,
                      "line " + std::to_string(first.line) + ": " + first.what +
                          "; lines like it: " + std::to_string(errors.size()) +
                          ", see replies-errors.txt"
                  )
                : written.error(),
        s_.now()
    );
}

} // namespace cairn::agents::apps

#include "agents/apps/recall.hpp"

#include "agents/apps/times.hpp"
#include "agents/core/html_text.hpp"
#include "agents/core/labels.hpp"
#include "agents/core/uk_time.hpp"

#include <nlohmann/json.hpp>

#include <sys/stat.h>

namespace cairn::agents::apps {
namespace {

// A backup or a virus scanner reads, too, and a file system may keep no times of reading: so a page
// never says that nobody read it.
bool was_opened(const std::filesystem::path& file) {
    struct stat info {};
    if (::lstat(file.c_str(), &info) != 0) return false;
    return info.st_atim.tv_sec > info.st_mtim.tv_sec + 1;
}

std::string why_json(taken_back why) {
    return why == taken_back::recalled ? "recalled" : "withdrawn";
}

std::string recalled_json(const noted_notice& n, const recall_order& order, bool opened) {
    nlohmann::ordered_json out{
        {"why", why_json(order.why)},
        {"desk", n.desk},
        {"position", n.position},
        {"concernId", n.concern_id},
        {"takenBackAt", iso_time(order.at)},
        {"fileWasOpened", opened}};
    if (n.stored != wall_time{}) out["receivedAt"] = iso_time(n.stored);
    if (n.acknowledged) out["acknowledgedAt"] = iso_time(*n.acknowledged);
    if (order.told_by != 0) out["recallNotice"] = order.told_by;
    return out.dump(1) + "\n";
}

std::string trace_of_reading(const noted_notice& n, bool opened) {
    if (n.acknowledged)
        return "<strong>A person of your agency had acknowledged it, " +
               escape(uk_time(*n.acknowledged)) + ".</strong>";
    if (opened)
        return "<strong>Its file had been opened.</strong> A program that copies or checks files "
               "leaves the same trace.";
    return "Nothing here shows that its file had been opened; that is no proof that nobody did.";
}

} // namespace

std::string recalled_html(const noted_notice& n, const recall_order& order, bool opened) {
    const auto desk = desk_label(n.desk);
    const auto position = std::to_string(n.position);
    auto out = page_begin("Notice taken back, " + position + ", for " + desk, "");
    out +=
        "<h1>Notice taken back</h1>\n"
        "<section aria-labelledby=\"do\">\n<h2 id=\"do\">What to do</h2>\n"
        "<p><strong>Do not act on the earlier notice.</strong></p>\n"
        "<p>What was read, printed, copied or imported from it: destroy the copy, take it out of "
        "your records, and tell whoever you passed it on to. Your data protection officer knows "
        "how.</p>\n</section>\n"
        "<section aria-labelledby=\"what\">\n<h2 id=\"what\">What happened</h2>\n"
        "<p>The notice at position " +
        position + " for " + shown(desk) + " was ";
    out += order.why == taken_back::recalled ? "recalled by its sender"
                                             : "withdrawn before your desk had confirmed it";
    out += " and was taken out of the inbox, " + escape(uk_time(order.at)) + ".";
    if (n.stored != wall_time{}) out += " It had come " + escape(uk_time(n.stored)) + ".";
    out += " This page cannot say what it was about.</p>\n";
    if (order.told_by != 0)
        out += "<p>The reason, as far as your desk may know it, is in notice " +
               std::to_string(order.told_by) + " of the inbox.</p>\n";
    out += "<p>" + trace_of_reading(n, opened) + "</p>\n";
    if (!n.concern_id.empty()) out += "<p>Reference to quote: " + shown(n.concern_id) + "</p>\n";
    return out + "</section>\n" + page_end();
}

status take_back(
    const std::filesystem::path& inbox,
    const std::filesystem::path& recalled,
    const noted_notice& notice,
    const recall_order& order
) {
    const auto stem = std::to_string(notice.position) + ".";
    std::vector<std::filesystem::path> files;
    std::error_code error;
    std::filesystem::directory_iterator it(inbox, error);
    for (const std::filesystem::directory_iterator end; !error && it != end; it.increment(error))
        if (it->path().filename().string().rfind(stem, 0) == 0) files.push_back(it->path());
    if (error) return fail(errc::file_unreadable, "inbox", error.message());
    bool opened = false;
    for (const auto& file : files) opened = was_opened(file) || opened;
    CAIRN_TRY(make_folder(recalled));
    const auto base = recalled / std::to_string(notice.position);
    // Repeated after a crash, the files are gone and with them what they told: keep the first word.
    if (!files.empty() || !std::filesystem::exists(base.string() + ".json")) {
        CAIRN_TRY(write_durably(base.string() + ".json", recalled_json(notice, order, opened)));
        CAIRN_TRY(write_durably(base.string() + ".html", recalled_html(notice, order, opened)));
    }
    for (const auto& file : files) CAIRN_TRY(remove_durably(file));
    return {};
}

} // namespace cairn::agents::apps

#include "agents/apps/compare_command.hpp"

#include "agents/apps/folders.hpp"
#include "agents/apps/pickup.hpp"
#include "agents/core/comparison_html.hpp"
#include "core/limits.hpp"
#include "core/system.hpp"

#include "cairn/v1/exchange.pb.h"

#include <algorithm>

namespace cairn::agents::apps {
namespace {

namespace v1 = ::cairn::v1;

result<v1::Concern> read_concern(const std::string& path) {
    const auto text = read_whole(path, size_limit(".json").value_or(0));
    if (!text) return text.error();
    const v1::Concern no_defaults;
    const auto picked = pick_up(".json", *text, {no_defaults, {}, wall_time{}, system_random()});
    if (!picked) return picked.error();
    v1::SubmitRequest request;
    request.ParseFromString(picked->rows.front().request);
    return request.concern();
}

status read_folder(const std::string& folder, std::vector<v1::Notice>& out) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error))
        if (it->path().extension() == ".pb") files.push_back(it->path());
    if (error) return fail(errc::file_unreadable, folder);
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
        const auto content = read_whole(file, limits::message_bytes);
        if (!content) return content.error();
        v1::Notice notice;
        if (!notice.ParseFromString(*content)) return fail(errc::malformed, file.string());
        out.push_back(std::move(notice));
    }
    return {};
}

} // namespace

status compare_command(const compare_options& o) {
    const auto concern = read_concern(o.concern_file);
    if (!concern) return concern.error();
    std::vector<v1::Notice> notices;
    for (const auto& folder : o.notice_folders) CAIRN_TRY(read_folder(folder, notices));
    if (!o.concern_id.empty())
        std::erase_if(notices, [&](const auto& n) { return n.concern_id() != o.concern_id; });
    if (notices.empty()) return fail(errc::not_found, "a notice of that concern in the folders");
    const bool mixed = std::any_of(notices.begin(), notices.end(), [&](const auto& n) {
        return n.concern_id() != notices.front().concern_id();
    });
    if (mixed) return fail(errc::usage, "notices of several concerns: name one by --concern-id");
    return write_durably(
        std::filesystem::absolute(o.out_file), render_comparison_html(*concern, notices)
    );
}

} // namespace cairn::agents::apps

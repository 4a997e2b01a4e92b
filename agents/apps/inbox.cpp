#include "agents/apps/inbox.hpp"

#include "agents/core/html.hpp"

#include "cairn/v1/exchange.pb.h"

#include <google/protobuf/util/json_util.h>

namespace cairn::agents::apps {
namespace {

namespace v1 = ::cairn::v1;

result<std::string> as_json(const google::protobuf::Message& m) {
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = true;
    std::string out;
    if (!google::protobuf::util::MessageToJsonString(m, &out, options).ok())
        return fail(errc::internal, "json");
    return out;
}

std::string refusal_text(const v1::Refusal& r) {
    std::string out = "What: " + r.text() + ".\n";
    if (!r.where().empty()) out += "Where: " + r.where() + ".\n";
    out += "What next: " + r.next_step() + ".\n";
    out += "Error " + std::to_string(r.number()) + " " + r.symbol() + ", from the broker.\n";
    return out;
}

} // namespace

status store_notice(
    const std::filesystem::path& inbox, const delivery& d, profiles::agency_profile profile
) {
    CAIRN_TRY(make_folder(inbox));
    const auto base = inbox / std::to_string(d.position);
    const auto path = [&](const char* extension) {
        auto out = base;
        return out += extension;
    };
    const delivery_info info{d.position, d.recorded_at_us, d.acknowledge_by_us};
    v1::Notice notice;
    if (!notice.ParseFromString(d.notice)) return fail(errc::malformed, "delivery.notice");
    const auto json = as_json(notice);
    if (!json) return json.error();
    CAIRN_TRY(write_durably(path(".pb"), d.notice));
    if (!d.proof.empty()) CAIRN_TRY(write_durably(path(".tlog-proof"), d.proof));
    CAIRN_TRY(write_durably(path(".html"), render_notice_html(notice, info)));
    for (const auto& f : profiles::output_formats())
        if (profiles::makes(profile, f))
            CAIRN_TRY(
                write_durably(base.string() + std::string(f.extension), f.render(notice, info))
            );
    // Last: who waits for the JSON finds the others there.
    return write_durably(path(".json"), *json);
}

status file_answer(const folders& where, const submission& settled) {
    v1::PublishResponse answer;
    if (!answer.ParseFromString(settled.answer)) return fail(errc::malformed, "answer");
    if (settled.state == submission_state::refused) {
        v1::SubmitRequest request;
        if (!request.ParseFromString(settled.request)) return fail(errc::malformed, "request");
        const auto json = as_json(request.concern());
        if (!json) return json.error();
        return file_rejected(where, settled.key, ".json", *json, refusal_text(answer.refused()));
    }
    const auto json = as_json(answer.accepted());
    if (!json) return json.error();
    const auto& receipt = answer.accepted().receipt();
    CAIRN_TRY(write_content_durably(where.sent / (settled.key + ".tlog-proof"), receipt));
    return write_content_durably(where.sent / (settled.key + ".json"), *json);
}

status file_rejected(
    const folders& where,
    const std::string& id,
    std::string_view extension,
    bytes_view content,
    std::string_view reason
) {
    const auto folder = where.rejected / id;
    CAIRN_TRY(make_folder(folder));
    CAIRN_TRY(write_durably(folder / ("file" + std::string(extension)), content));
    return write_durably(folder / "reason.txt", reason);
}

} // namespace cairn::agents::apps

#include "agents/apps/pickup.hpp"

#include "agents/apps/defaults.hpp"
#include "agents/core/uuid7.hpp"
#include "agents/profiles/own_json.hpp"
#include "core/crypto.hpp"
#include "core/limits.hpp"

#include "cairn/v1/exchange.pb.h"

#include <google/protobuf/util/json_util.h>

#include <chrono>
#include <regex>

namespace cairn::agents::apps {
namespace {

namespace v1 = ::cairn::v1;

// Protobuf's message quotes the value; keep the field's path only.
std::string place_in(std::string_view protobuf_message) {
    static const std::regex shape(
        R"(^\(?([A-Za-z0-9_.\[\]]*)\)?\s*([A-Za-z0-9_]*): (Cannot find field)?)"
    );
    std::match_results<std::string_view::const_iterator> m;
    if (!std::regex_search(protobuf_message.begin(), protobuf_message.end(), m, shape))
        return "a field";
    std::string path = m[1].str();
    if (m[3].matched) {
        if (m[2].length() != 0) path += (path.empty() ? "" : ".") + m[2].str();
        return path + ", no such field";
    }
    return path.empty() ? "a field, its value does not fit" : path + ", its value does not fit";
}

result<bytes> whole(const profiles::open_file& file, std::size_t most) {
    const auto piece = file();
    if (!piece) return piece.error();
    bytes out;
    while (true) {
        const auto next = (*piece)();
        if (!next) return next.error();
        if (next->empty()) return out;
        out += *next;
        if (out.size() > most)
            return fail(errc::too_large, "file, limit " + std::to_string(most) + " bytes");
    }
}

// Becomes a name in a folder, so nothing but these.
bool key_ok(std::string_view key) {
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return key.size() >= limits::key_bytes_min && key.size() <= limits::key_bytes_max &&
           key.find_first_not_of(allowed) == std::string_view::npos;
}

result<submission>
make_row(v1::SubmitRequest request, const pickup_options& o, const std::string& source) {
    if (request.on_behalf_of().empty()) request.set_on_behalf_of(o.on_behalf_of);
    if (request.key().empty()) request.set_key(make_uuid7(o.now, o.random));
    if (!key_ok(request.key())) return fail(errc::bad_value, "key: 8 to 64 of A-Z a-z 0-9 _ -");
    submission row;
    row.key = request.key();
    row.request = request.SerializeAsString();
    row.source = source;
    if (row.request.size() > limits::concern_bytes)
        return fail(
            errc::too_large, "concern, limit " + std::to_string(limits::concern_bytes) + " bytes"
        );
    return row;
}

// What a foreign format cannot say and the broker asks for. Said here once rather than by the
// broker of every concern.
status check_said(const v1::Concern& c) {
    constexpr std::string_view where = ": say it in [defaults] of agent.toml or in a sidecar file";
    const bool human = !c.has_status();
    const std::pair<bool, std::string_view> needed[] = {
        {c.purpose() != v1::PURPOSE_UNSPECIFIED, "purpose"},
        {!c.bases().empty(), "bases"},
        {!c.has_notification() || c.risk().level() != v1::RISK_LEVEL_UNSPECIFIED, "risk"},
        {!human || !c.acting().role().empty(), "role"},
        {!human || !c.acting().staff_id().empty(), "staff_id"}};
    for (const auto& [there, key] : needed)
        if (!there) return fail(errc::required, std::string(key) + std::string(where));
    return {};
}

int year_of(wall_time now) {
    const auto day = std::chrono::floor<std::chrono::days>(now);
    return static_cast<int>(std::chrono::year_month_day(day).year());
}

// "2026-11-22"
std::string day_of(wall_time now) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(now));
    const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return std::to_string(static_cast<int>(day.year())) + "-" +
           two(static_cast<unsigned>(day.month())) + "-" + two(static_cast<unsigned>(day.day()));
}

// To a notice.
bool is_answer(const v1::Concern& c) {
    return c.has_acknowledgement() || c.has_outcome();
}

result<std::string> pick_up_mapped(
    const profiles::input_format& format,
    const profiles::open_file& file,
    const std::string& source,
    const pickup_options& o,
    const row_sink& to
) {
    const auto take = [&](v1::Concern&& concern) -> status {
        if (is_answer(concern))
            merge_answer_defaults(o.defaults.acting(), concern);
        else
            merge_defaults(o.defaults, concern);
        CAIRN_TRY(check_said(concern));
        v1::SubmitRequest request;
        *request.mutable_concern() = std::move(concern);
        const auto row = make_row(std::move(request), o, source);
        return row ? to(*row) : row.error();
    };
    const auto report = format.map(file, take, {year_of(o.now), day_of(o.now)});
    if (!report) return report.error();
    return report->text();
}

// A concern of at most format.bytes, read whole.
result<std::string> pick_up_own(
    const profiles::input_format& format,
    const profiles::open_file& file,
    const std::string& source,
    const pickup_options& o,
    const row_sink& to
) {
    const auto content = whole(file, format.bytes);
    if (!content) return content.error();
    profiles::own_json shape;
    CAIRN_TRY(shape.read(*content));
    v1::SubmitRequest request;
    google::protobuf::Message& into = shape.wrapped()
                                          ? static_cast<google::protobuf::Message&>(request)
                                          : *request.mutable_concern();
    // Protobuf's reader takes no byte order mark; Windows programs write one.
    constexpr std::string_view mark = "\xef\xbb\xbf";
    auto text = bytes_view(*content);
    if (text.substr(0, mark.size()) == mark) text.remove_prefix(mark.size());
    const auto read =
        google::protobuf::util::JsonStringToMessage({text.data(), text.size()}, &into);
    if (!read.ok())
        return fail(
            errc::format_malformed,
            place_in({read.message().data(), static_cast<std::size_t>(read.message().size())})
        );
    const auto report = shape.report(request.concern(), year_of(o.now));
    merge_defaults(o.defaults, *request.mutable_concern());
    const auto row = make_row(std::move(request), o, source);
    if (!row) return row.error();
    CAIRN_TRY(to(*row));
    return report.warnings != 0 ? report.text() : std::string();
}

// What a profile takes, in words.
std::string taken_by(profiles::agency_profile p) {
    std::string out;
    for (const auto& f : profiles::input_formats())
        if (profiles::takes(p, f)) out += (out.empty() ? "" : ", ") + std::string(f.id);
    return out;
}

} // namespace

std::optional<std::size_t> size_limit(std::string_view name) {
    const auto most = profiles::most_bytes(name);
    if (most == 0) return {};
    return most;
}

std::string source_of(std::string_view name, bytes_view content) {
    return to_hex(view(sha256({name, "\n", content})));
}

result<std::string> pick_up(
    std::string_view name,
    const profiles::open_file& file,
    const std::string& source,
    const pickup_options& options,
    const row_sink& to
) {
    const auto format = profiles::recognise(name, file);
    if (!format) return format.error();
    const auto& f = **format;
    if (!profiles::takes(options.profile, f))
        return fail(
            errc::format_malformed,
            std::string(f.id) + " is not taken here: agent.profile is " +
                std::string(profiles::name_of(options.profile)) + ", which takes " +
                taken_by(options.profile)
        );
    return f.map == nullptr ? pick_up_own(f, file, source, options, to)
                            : pick_up_mapped(f, file, source, options, to);
}

result<picked_up>
pick_up(std::string_view name, bytes_view content, const pickup_options& options) {
    const auto open = [&]() -> result<formats::next_piece> { return formats::pieces_of(content); };
    picked_up out;
    const auto keep = [&](const submission& row) -> status {
        out.rows.push_back(row);
        return {};
    };
    auto report = pick_up(name, open, source_of(name, content), options, keep);
    if (!report) return report.error();
    out.report = std::move(*report);
    return out;
}

std::string reason_text(const failure& f) {
    const auto& known = describe(f.code);
    std::string out = "What: " + std::string(known.text) + ".\n";
    if (!f.where.empty()) out += "Where: " + f.where + ".\n";
    out += "What next: " + std::string(known.next_step) + ".\n";
    return out;
}

} // namespace cairn::agents::apps

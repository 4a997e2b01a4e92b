#include "agents/apps/pickup.hpp"

#include "agents/core/uuid7.hpp"
#include "agents/formats/cin.hpp"
#include "agents/profiles/cin.hpp"
#include "core/crypto.hpp"
#include "core/limits.hpp"

#include "cairn/v1/exchange.pb.h"

#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <regex>

namespace cairn::agents::apps {
namespace {

namespace v1 = ::cairn::v1;

// JSON spells more than protobuf does.
constexpr std::size_t json_bytes = 4 * limits::concern_bytes;

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string line_and_column(bytes_view text, std::size_t byte) {
    const auto before = text.substr(0, std::min(byte, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto begin = before.rfind('\n');
    const auto column = begin == bytes_view::npos ? before.size() : before.size() - begin - 1;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

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

result<v1::SubmitRequest> read_json(bytes_view content) {
    bool wrapped = false;
    try {
        const auto parsed = nlohmann::json::parse(content);
        if (!parsed.is_object()) return fail(errc::format_malformed, "line 1: not a JSON object");
        wrapped = parsed.contains("concern");
    } catch (const nlohmann::json::parse_error& e) {
        return fail(errc::format_malformed, line_and_column(content, e.byte));
    } catch (const nlohmann::json::exception&) {
        return fail(errc::format_malformed, "line 1");
    }
    v1::SubmitRequest request;
    google::protobuf::Message& into =
        wrapped ? static_cast<google::protobuf::Message&>(request) : *request.mutable_concern();
    const auto read =
        google::protobuf::util::JsonStringToMessage({content.data(), content.size()}, &into);
    if (!read.ok())
        return fail(
            errc::format_malformed,
            place_in({read.message().data(), static_cast<std::size_t>(read.message().size())})
        );
    return request;
}

// Becomes a name in a folder, so nothing but these.
bool key_ok(std::string_view key) {
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return key.size() >= limits::key_bytes_min && key.size() <= limits::key_bytes_max &&
           key.find_first_not_of(allowed) == std::string_view::npos;
}

void merge_defaults(const v1::Concern& defaults, v1::Concern& c) {
    if (c.purpose() == v1::PURPOSE_UNSPECIFIED) c.set_purpose(defaults.purpose());
    if (c.bases().empty()) *c.mutable_bases() = defaults.bases();
    if (c.desks().empty()) *c.mutable_desks() = defaults.desks();
    if (!defaults.has_acting()) return;
    auto& acting = *c.mutable_acting();
    if (acting.role().empty()) acting.set_role(defaults.acting().role());
    if (acting.staff_id().empty()) acting.set_staff_id(defaults.acting().staff_id());
    if (acting.authenticated_by().empty())
        acting.set_authenticated_by(defaults.acting().authenticated_by());
}

result<submission>
make_row(v1::SubmitRequest request, const pickup_options& o, const std::string& source) {
    merge_defaults(o.defaults, *request.mutable_concern());
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

result<picked_up>
pick_up_census(bytes_view content, const pickup_options& o, const std::string& source) {
    picked_up out;
    const auto report =
        profiles::map_cin(formats::pieces_of(content), [&](v1::Concern&& concern) -> status {
            v1::SubmitRequest request;
            *request.mutable_concern() = std::move(concern);
            auto row = make_row(std::move(request), o, source);
            if (!row) return row.error();
            out.rows.push_back(std::move(*row));
            return {};
        });
    if (!report) return report.error();
    out.report = report->text();
    return out;
}

} // namespace

std::optional<std::size_t> size_limit(std::string_view name) {
    if (ends_with(name, ".json")) return json_bytes;
    if (ends_with(name, ".xml")) return formats::xml_limits{}.bytes;
    return {};
}

result<picked_up>
pick_up(std::string_view name, bytes_view content, const pickup_options& options) {
    // Name and content: the same letter under another name is another file.
    const auto source = to_hex(view(sha256({name, "\n", content})));
    if (ends_with(name, ".xml")) return pick_up_census(content, options, source);
    if (!ends_with(name, ".json"))
        return fail(errc::format_malformed, "the name: known are .json and .xml");
    auto request = read_json(content);
    if (!request) return request.error();
    auto row = make_row(std::move(*request), options, source);
    if (!row) return row.error();
    picked_up out;
    out.rows.push_back(std::move(*row));
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

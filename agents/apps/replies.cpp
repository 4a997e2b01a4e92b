#include "agents/apps/replies.hpp"

#include "agents/apps/defaults.hpp"
#include "core/crypto.hpp"
#include "core/limits.hpp"

#include "cairn/v1/exchange.pb.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace cairn::agents::apps {
namespace {

namespace v1 = ::cairn::v1;

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string trim(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == text.npos) return {};
    return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && lower(text.substr(text.size() - end.size())) == end;
}

// One record of the file, its fields by name.
struct raw_row {
    std::size_t line = 0;
    std::map<std::string, std::string, std::less<>> fields;
};

// Splits records of RFC 4180. A record that has no line end is not given: it is being written.
class csv_reader {
public:
    explicit csv_reader(bytes_view in) : in_(in) {
        constexpr std::string_view mark = "\xef\xbb\xbf";
        if (in_.substr(0, mark.size()) == mark) in_.remove_prefix(mark.size());
        const auto head = in_.substr(0, in_.find('\n'));
        separator_ =
            std::count(head.begin(), head.end(), ';') > std::count(head.begin(), head.end(), ',')
                ? ';'
                : ',';
    }

    // Nullopt at the end.
    std::optional<std::vector<std::string>> next() {
        std::vector<std::string> fields(1);
        bool quoted = false;
        const auto first = line_;
        for (std::size_t i = 0; i < in_.size(); ++i) {
            const char c = in_[i];
            line_ += c == '\n' ? 1 : 0;
            if (c == '"') {
                const bool twice = quoted && i + 1 < in_.size() && in_[i + 1] == '"';
                if (twice)
                    fields.back() += in_[++i];
                else
                    quoted = !quoted;
            } else if (!quoted && c == separator_) {
                fields.emplace_back();
            } else if (!quoted && c == '\n') {
                in_.remove_prefix(i + 1);
                begun_ = first;
                return fields;
            } else {
                fields.back() += c;
            }
        }
        return {};
    }
    // Line on which the last record began, from 1.
    [[nodiscard]] std::size_t line() const { return begun_; }

private:
    bytes_view in_;
    char separator_ = ',';
    std::size_t line_ = 1;
    std::size_t begun_ = 0;
};

failure too_many() {
    return fail(errc::too_many, "rows, limit " + std::to_string(reply_rows));
}

result<std::vector<raw_row>> read_csv(bytes_view content) {
    csv_reader in(content);
    std::vector<raw_row> out;
    const auto heads = in.next();
    if (!heads) return out;
    while (const auto record = in.next()) {
        if (record->size() == 1 && trim(record->front()).empty()) continue;
        if (out.size() == reply_rows) return too_many();
        raw_row row;
        row.line = in.line();
        for (std::size_t i = 0; i < record->size() && i < heads->size(); ++i)
            row.fields[lower(trim((*heads)[i]))] = trim((*record)[i]);
        if (record->size() > heads->size()) row.fields["\n"] = "more fields than heads";
        out.push_back(std::move(row));
    }
    return out;
}

void take_object(const nlohmann::json& object, std::size_t line, std::vector<raw_row>& out) {
    raw_row row;
    row.line = line;
    for (const auto& [name, value] : object.items())
        if (value.is_string()) row.fields[lower(name)] = trim(value.get<std::string>());
    out.push_back(std::move(row));
}

// A list that does not end yet is all one to us with a broken one, until the file stands still.
result<std::vector<raw_row>> read_json_list(bytes_view content) {
    std::vector<raw_row> out;
    const auto parsed = nlohmann::json::parse(content, nullptr, false);
    if (!parsed.is_array()) return fail(errc::format_malformed, "not a list of objects");
    for (const auto& one : parsed) {
        if (out.size() == reply_rows) return too_many();
        if (!one.is_object()) return fail(errc::format_malformed, "not a list of objects");
        take_object(one, out.size() + 1, out);
    }
    return out;
}

result<std::vector<raw_row>> read_json_lines(bytes_view content, std::vector<reply_error>& errors) {
    std::vector<raw_row> out;
    std::size_t line = 0;
    for (auto end = content.find('\n'); end != content.npos; end = content.find('\n')) {
        const auto text = content.substr(0, end);
        content.remove_prefix(end + 1);
        ++line;
        if (trim(text).empty()) continue;
        if (out.size() == reply_rows) return too_many();
        const auto parsed = nlohmann::json::parse(text, nullptr, false);
        if (parsed.is_object())
            take_object(parsed, line, out);
        else
            errors.push_back({line, "not a JSON object"});
    }
    return out;
}

std::optional<std::string> field(const raw_row& row, const std::string& name) {
    const auto it = row.fields.find(lower(name));
    if (it == row.fields.end() || it->second.empty()) return {};
    return it->second;
}

bool is_reference(std::string_view text) {
    return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

void read_row(const raw_row& row, const reply_options& o, replies& out) {
    const auto bad = [&](std::string what) { out.errors.push_back({row.line, std::move(what)}); };
    const auto reference = field(row, o.reference);
    const auto status = field(row, o.status);
    if (row.fields.count("\n") != 0) return bad("more fields than heads");
    if (!reference) return bad(o.reference + " is empty");
    // No word yet: nothing was done about it yet.
    if (!status) return;
    const auto word = lower(*status);
    if (std::find(o.ignored.begin(), o.ignored.end(), word) != o.ignored.end()) return;
    const auto meaning = o.words.find(word);
    if (meaning == o.words.end())
        return bad(o.status + " has a word that [replies] of agent.toml does not list");
    reply r;
    r.line = row.line;
    r.reference = lower(*reference);
    r.reference.erase(std::remove(r.reference.begin(), r.reference.end(), '-'), r.reference.end());
    if (!is_reference(r.reference)) return bad(o.reference + " is no reference of 32 hex digits");
    r.decision = meaning->second;
    r.text = field(row, o.text).value_or("");
    const auto date = field(row, o.date);
    if (date) r.text += (r.text.empty() ? "" : " ") + ("(" + *date + ")");
    if (r.text.size() > limits::text_field_bytes)
        return bad(o.text + " is longer than " + std::to_string(limits::text_field_bytes));
    r.staff = field(row, o.staff).value_or("");
    out.rows.push_back(std::move(r));
}

} // namespace

result<replies> read_replies(std::string_view name, bytes_view content, const reply_options& o) {
    replies out;
    const bool csv = ends_with(name, ".csv");
    const auto rows = csv                        ? read_csv(content)
                      : ends_with(name, ".json") ? read_json_list(content)
                                                 : read_json_lines(content, out.errors);
    if (!rows) return rows.error();
    if (csv && !rows->empty() && rows->front().fields.count(lower(o.reference)) == 0)
        return fail(errc::format_malformed, "line 1: no column " + o.reference);
    for (const auto& row : *rows) read_row(row, o, out);
    return out;
}

submission reply_submission(
    const reply& r,
    const noted_notice& about,
    const v1::ActingPerson& acting,
    const std::string& on_behalf_of
) {
    v1::SubmitRequest request;
    auto& c = *request.mutable_concern();
    c.set_thread(about.thread);
    c.set_in_reply_to(about.concern_id);
    if (!r.staff.empty()) c.mutable_acting()->set_staff_id(r.staff);
    merge_answer_defaults(acting, c);
    if (r.decision == v1::Outcome::DECISION_UNSPECIFIED) {
        c.mutable_acknowledgement()->set_note(r.text);
    } else {
        c.mutable_outcome()->set_decision(r.decision);
        c.mutable_outcome()->set_reason(r.text);
    }
    request.set_on_behalf_of(on_behalf_of);
    // Without the acting person: a change of configuration sends nothing anew.
    const auto said =
        sha256({about.concern_id, "\n", std::to_string(r.decision), "\n", r.text, "\n", about.desk}
        );
    request.set_key("reply-" + to_hex(view(said)).substr(0, 40));
    submission row;
    row.key = request.key();
    row.request = request.SerializeAsString();
    return row;
}

} // namespace cairn::agents::apps

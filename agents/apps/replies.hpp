// What the agency's own system wrote about notices: who has read one, what was decided. Pure.
//
// A reply is found again by its content, so that reading the same file a thousand times sends each
// reply once, whatever the file's order and however often the system writes it anew.
#pragma once

#include "agents/core/notice_book.hpp"
#include "agents/core/outbox.hpp"
#include "core/bytes.hpp"
#include "core/result.hpp"

#include "cairn/v1/concern.pb.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::agents::apps {

struct reply_options {
    std::string file; // empty: none is watched
    // Column heads or member names.
    std::string reference = "reference";
    std::string status = "status";
    std::string text = "text";
    std::string date = "date";
    std::string staff = "staff";
    // The system's own word, in lower case, to what it means; DECISION_UNSPECIFIED: acknowledged.
    // A word that is not here is an error; one that maps to nothing does not exist: list it under
    // `ignored`.
    std::map<std::string, ::cairn::v1::Outcome::Decision, std::less<>> words;
    std::vector<std::string> ignored;
};

struct reply {
    std::size_t line = 0;
    std::string reference; // 32 hex digits, lower case
    ::cairn::v1::Outcome::Decision decision = ::cairn::v1::Outcome::DECISION_UNSPECIFIED;
    std::string text;
    std::string staff;
};

// `where` is "line N: what", never a value.
struct reply_error {
    std::size_t line = 0;
    std::string what;
};

struct replies {
    std::vector<reply> rows;
    std::vector<reply_error> errors;
};

inline constexpr std::size_t reply_file_bytes = 16 * 1024 * 1024;
inline constexpr std::size_t reply_rows = 100'000;

// *.csv: RFC 4180 with heads, separated by commas or semicolons; *.json: a list of objects;
// *.jsonl: one object a line. A last line without its end, and a list without its end, is still
// being written: it waits. errc::format_malformed for a file that cannot be read at all.
result<replies> read_replies(std::string_view name, bytes_view content, const reply_options& o);

// The submission a reply makes for a notice, under a key made of what it says. `acting` and
// `on_behalf_of` as configured; the row's staff id wins.
submission reply_submission(
    const reply& r,
    const noted_notice& about,
    const ::cairn::v1::ActingPerson& acting,
    const std::string& on_behalf_of
);

} // namespace cairn::agents::apps

#include "apps/cairn/policy_notice.hpp"

#include "policy/text_format.hpp"
#include "redaction/notice.hpp"
#include "registry/snapshot.hpp"
#include "session/codec.hpp"

#include <fmt/format.h>

namespace cairn::cli {

namespace {

namespace v1 = ::cairn::v1;

result<v1::Concern> read_concern(const std::string& file) {
    const auto text = read_input(file);
    if (!text) return text.error();
    v1::Concern out;
    const auto first = text->find_first_not_of(" \t\r\n");
    if (first != std::string::npos && (*text)[first] == '{') {
        if (const auto read = session::decode(*text, session::codec::json, out); !read) {
            return in_file(read.error(), file);
        }
        return out;
    }
    policy::text_places places;
    if (const auto read = policy::read_text(*text, out, places); !read) {
        return in_file(fail(errc::format_malformed, read.error().where), file);
    }
    return out;
}

// A notice as kept: with the digest cleared, so that comments in the policy change none.
std::string printed(v1::Notice n) {
    n.clear_policy_digest();
    std::string out;
    google::protobuf::TextFormat::PrintToString(n, &out);
    return out;
}

// What a notice that is not there yet is made with.
v1::Notice nothing_said(const std::string& desk) {
    v1::Notice n;
    n.set_desk(desk);
    n.set_concern_id("0123456789abcdef0123456789abcdef");
    n.set_thread(n.concern_id());
    n.set_sender("sender");
    n.set_decided_at_us(1795339800000000); // 2026-11-22T09:30:00Z
    n.add_withheld()->set_ask("the sender");
    return n;
}

result<std::string> notice_like(
    const v1::Notice& like,
    const v1::Concern& concern,
    const notice_asked& asked,
    const policy::table& made
) {
    const auto desk = registry::parse_desk(like.desk());
    if (!desk) return fail(errc::bad_value, "desk: AGENCY/ROLE, not " + like.desk());
    redaction::concern_context shared;
    shared.concern_id = like.concern_id();
    shared.thread = like.thread();
    shared.sender = like.sender();
    shared.decided_at_us = like.decided_at_us();
    if (like.withheld_size() > 0) shared.ask = like.withheld(0).ask();
    shared.pseudonym_key.fill(0x5a);
    shared.open_desks.assign(like.also_told().begin(), like.also_told().end());
    redaction::desk_context to;
    to.desk = like.desk();
    to.role = desk->role;
    to.route_rule = like.route_rule();
    if (!asked.school.empty()) to.organisation_codes = {asked.school};
    // No registry says who sends it: a release in the concern is taken as the originator's.
    const auto read = redaction::analyse(concern, true);
    const auto made_notice = redaction::make_notice(concern, read, made, shared, to);
    return printed(made_notice.notice);
}

} // namespace

std::string first_difference(const std::string& kept, const std::string& now) {
    std::size_t at = 0;
    int line = 1;
    while (at < kept.size() && at < now.size() && kept[at] == now[at]) {
        if (kept[at++] == '\n') ++line;
    }
    const auto whole = [at](const std::string& text) {
        const std::size_t from = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
        return from >= text.size() ? "(nothing)" : text.substr(from, text.find('\n', at) - from);
    };
    return fmt::format("line {}\n  expected: {}\n  would be: {}", line, whole(kept), whole(now));
}

status test_notice(program& p, const notice_asked& asked, const policy::table& made) {
    const auto concern = read_concern(asked.concern);
    if (!concern) return concern.error();
    for (const auto& file : asked.notices) {
        const auto kept = read_input(file);
        if (!kept) return kept.error();
        v1::Notice like;
        policy::text_places places;
        if (const auto read = policy::read_text(*kept, like, places); !read) {
            return in_file(fail(errc::format_malformed, read.error().where), file);
        }
        const auto now = notice_like(like, *concern, asked, made);
        if (!now) return in_file(now.error(), file);
        if (*now == *kept) {
            fmt::print("{}: as expected\n", file);
            continue;
        }
        fmt::print("{}: not as expected, {}\n", file, first_difference(*kept, *now));
        p.code = exit_code::bad_data;
    }
    if (asked.desk.empty()) return {};
    const auto now = notice_like(nothing_said(asked.desk), *concern, asked, made);
    if (!now) return now.error();
    fmt::print("{}", *now);
    return {};
}

} // namespace cairn::cli

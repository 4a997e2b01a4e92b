// What senders write: a submission on its way to a notice, and JSON in both directions.
#include "daemon/runtime.hpp"
#include "fuzz/targets.hpp"
#include "intake/validate.hpp"
#include "redaction/notice.hpp"
#include "session/codec.hpp"

#include "cairn/v1/exchange.pb.h"
#include "support/paths.hpp"

#include <google/protobuf/text_format.h>

#include <fstream>
#include <iterator>

namespace cairn::fuzz {
namespace {

namespace v1 = ::cairn::v1;

const policy::table& rules() {
    static const auto table = policy::table::compile(policy::template_policy(), "2026-11-22");
    must(table.has_value(), "the shipped policy compiles");
    return **table;
}

redaction::concern_context shared() {
    redaction::concern_context s;
    s.concern_id = "0123456789abcdef0123456789abcdef";
    s.thread = s.concern_id;
    s.sender = "oakfield";
    s.decided_at_us = 1795339800000000;
    s.ask = "oakfield/dsl";
    s.pseudonym_key.fill(0x5a);
    return s;
}

void redact(const v1::Concern& c) {
    const auto seen = redaction::analyse(c);
    redaction::desk_context desk;
    for (const auto role : {v1::ROLE_MASH, v1::ROLE_NAMED, v1::ROLE_FRONT_DOOR}) {
        desk.desk = "northshire/desk";
        desk.role = role;
        const auto once = redaction::make_encoded_notice(c, seen, rules(), shared(), desk);
        const auto twice = redaction::make_encoded_notice(c, seen, rules(), shared(), desk);
        must(once.encoded == twice.encoded, "the same inputs give the same notice");
        v1::Notice back;
        must(back.ParseFromString(once.encoded), "a notice can be read");
    }
}

v1::SubmitRequest sample(const char* name) {
    std::ifstream file(std::string(CAIRN_SOURCE_DIR) + "/tests/golden/notice_" + name);
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    v1::SubmitRequest r;
    must(
        google::protobuf::TextFormat::ParseFromString(text, r.mutable_concern()), "a seed is read"
    );
    r.set_key("key-of-a-seed");
    return r;
}

std::vector<v1::SubmitRequest> samples() {
    return {sample("school.in.textproto"), sample("encompass.in.textproto")};
}

} // namespace

void submission(bytes_view in) {
    v1::SubmitRequest r;
    if (!session::decode(in, session::codec::proto, r)) return;
    if (!intake::validate(r, intake::plain_review_days("2026-11-22"))) return;
    redact(r.concern());
}

// What is accepted as JSON can be written as JSON, and is then the same message.
void json(bytes_view in) {
    v1::SubmitRequest r;
    if (!session::decode(in, session::codec::json, r)) return;
    const auto text = session::to_json(r.SerializeAsString(), *v1::SubmitRequest::descriptor());
    must(text.has_value(), "a message that was read can be written");
    v1::SubmitRequest again;
    must(bool(session::decode(*text, session::codec::json, again)), "our own JSON is read");
    must(again.SerializeAsString() == r.SerializeAsString(), "JSON goes there and back");
}

std::vector<bytes> submission_seeds() {
    std::vector<bytes> out;
    for (const auto& r : samples()) out.push_back(r.SerializeAsString());
    return out;
}

std::vector<bytes> json_seeds() {
    std::vector<bytes> out{R"({"key":"key-of-a-seed"})"};
    for (const auto& r : samples()) {
        auto text = session::to_json(r.SerializeAsString(), *v1::SubmitRequest::descriptor());
        must(text.has_value(), "a seed can be written");
        out.push_back(std::move(*text));
    }
    return out;
}

} // namespace cairn::fuzz

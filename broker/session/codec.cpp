#include "session/codec.hpp"

#include "core/limits.hpp"
#include "session/json_check.hpp"
#include "session/wire.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wire_format_lite.h>

#include <memory>

namespace cairn::session {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::io::CodedInputStream;
using wire = google::protobuf::internal::WireFormatLite;

// As protobuf's own parser.
constexpr int depth_max = 100;

// Why a message did not parse: the path of the first text that is not UTF-8, if that is it.
std::string find_bad_text(bytes_view message, const Descriptor& type, int depth) {
    if (depth > depth_max) return {};
    CodedInputStream in(
        reinterpret_cast<const std::uint8_t*>(message.data()), static_cast<int>(message.size())
    );
    while (const std::uint32_t tag = in.ReadTag()) {
        if (wire::GetTagWireType(tag) != wire::WIRETYPE_LENGTH_DELIMITED) {
            if (!wire::SkipField(&in, tag)) return {};
            continue;
        }
        int n = 0;
        if (!in.ReadVarintSizeAsInt(&n)) return {};
        const auto at = static_cast<std::size_t>(in.CurrentPosition());
        if (!in.Skip(n)) return {};
        const bytes_view part = message.substr(at, static_cast<std::size_t>(n));
        const FieldDescriptor* f = type.FindFieldByNumber(wire::GetTagFieldNumber(tag));
        if (f == nullptr) continue;
        if (f->type() == FieldDescriptor::TYPE_STRING && !is_utf8(part)) return f->name();
        if (f->type() == FieldDescriptor::TYPE_MESSAGE) {
            const std::string inner = find_bad_text(part, *f->message_type(), depth + 1);
            if (!inner.empty()) return f->name() + "." + inner;
        }
    }
    return {};
}

status decode_proto(bytes_view message, Message& out) {
    if (out.ParseFromArray(message.data(), static_cast<int>(message.size()))) return {};
    const std::string path = find_bad_text(message, *out.GetDescriptor(), 0);
    if (!path.empty()) return fail(errc::invalid_text, path);
    return fail(errc::malformed);
}

status decode_json(bytes_view message, Message& out) {
    CAIRN_TRY(check_json(message, *out.GetDescriptor()));
    out.Clear();
    const google::protobuf::StringPiece text(message.data(), message.size());
    const auto parsed = google::protobuf::util::JsonStringToMessage(text, &out);
    // The parser's message quotes what it choked on and stays here.
    if (!parsed.ok()) return fail(errc::malformed, "JSON: a value does not fit its field");
    return {};
}

} // namespace

status decode(bytes_view message, codec how, Message& out) {
    if (message.size() > limits::message_bytes) {
        return fail(
            errc::too_large, "message, limit " + std::to_string(limits::message_bytes) + " bytes"
        );
    }
    return how == codec::json ? decode_json(message, out) : decode_proto(message, out);
}

result<std::string> to_json(bytes_view message, const Descriptor& type) {
    const Message* prototype = MessageFactory::generated_factory()->GetPrototype(&type);
    if (prototype == nullptr) return fail(errc::internal, {}, "type is not compiled in");
    const std::unique_ptr<Message> m(prototype->New());
    if (!m->ParseFromArray(message.data(), static_cast<int>(message.size()))) {
        return fail(errc::internal, {}, "our own message does not parse: " + type.full_name());
    }
    std::string out;
    if (!google::protobuf::util::MessageToJsonString(*m, &out).ok()) {
        return fail(errc::internal, {}, "no JSON form: " + type.full_name());
    }
    return out;
}

} // namespace cairn::session

#include "redaction/canonical.hpp"

#include "core/assert.hpp"

#include <google/protobuf/message.h>
#include <google/protobuf/wire_format_lite.h>

#include <bit>

namespace cairn::redaction {
namespace {

bytes little_endian(std::uint64_t v, int size) {
    bytes out;
    for (int i = 0; i < size; ++i) out.push_back(static_cast<char>(v >> (8 * i) & 0xff));
    return out;
}

using lite = pb::internal::WireFormatLite;

bytes signed_value(const pb::FieldDescriptor& f, std::int64_t v) {
    switch (f.type()) {
    case pb::FieldDescriptor::TYPE_SFIXED32:
        return little_endian(static_cast<std::uint64_t>(v), 4);
    case pb::FieldDescriptor::TYPE_SFIXED64:
        return little_endian(static_cast<std::uint64_t>(v), 8);
    case pb::FieldDescriptor::TYPE_SINT32:
        return canonical_varint(lite::ZigZagEncode32(static_cast<std::int32_t>(v)));
    case pb::FieldDescriptor::TYPE_SINT64:
        return canonical_varint(lite::ZigZagEncode64(v));
    default:
        return canonical_varint(static_cast<std::uint64_t>(v));
    }
}

bytes unsigned_value(const pb::FieldDescriptor& f, std::uint64_t v) {
    switch (f.type()) {
    case pb::FieldDescriptor::TYPE_FIXED32:
        return little_endian(v, 4);
    case pb::FieldDescriptor::TYPE_FIXED64:
        return little_endian(v, 8);
    default:
        return canonical_varint(v);
    }
}

} // namespace

bytes canonical_varint(std::uint64_t v) {
    bytes out;
    while (v >= 0x80) {
        out.push_back(static_cast<char>((v & 0x7f) | 0x80));
        v >>= 7;
    }
    out.push_back(static_cast<char>(v));
    return out;
}

void push_step(bytes& path, int field_number, std::uint32_t index) {
    put_u32(path, static_cast<std::uint32_t>(field_number));
    put_u32(path, index);
}

bytes canonical_value(const field_plan& plan, const pb::Message& m, std::uint32_t index) {
    const pb::Reflection& r = *plan.reflection;
    const pb::FieldDescriptor& f = *plan.field;
    const bool repeated = index != no_index;
    const int i = static_cast<int>(index);
    switch (f.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        return repeated ? r.GetRepeatedStringReference(m, &f, i, &scratch)
                        : r.GetStringReference(m, &f, &scratch);
    }
    case pb::FieldDescriptor::CPPTYPE_ENUM:
        return signed_value(f, repeated ? r.GetRepeatedEnumValue(m, &f, i) : r.GetEnumValue(m, &f));
    case pb::FieldDescriptor::CPPTYPE_BOOL:
        return canonical_varint(
            (repeated ? r.GetRepeatedBool(m, &f, i) : r.GetBool(m, &f)) ? 1 : 0
        );
    case pb::FieldDescriptor::CPPTYPE_UINT32:
        return unsigned_value(f, repeated ? r.GetRepeatedUInt32(m, &f, i) : r.GetUInt32(m, &f));
    case pb::FieldDescriptor::CPPTYPE_UINT64:
        return unsigned_value(f, repeated ? r.GetRepeatedUInt64(m, &f, i) : r.GetUInt64(m, &f));
    case pb::FieldDescriptor::CPPTYPE_INT32:
        return signed_value(f, repeated ? r.GetRepeatedInt32(m, &f, i) : r.GetInt32(m, &f));
    case pb::FieldDescriptor::CPPTYPE_INT64:
        return signed_value(f, repeated ? r.GetRepeatedInt64(m, &f, i) : r.GetInt64(m, &f));
    case pb::FieldDescriptor::CPPTYPE_FLOAT: {
        const float v = repeated ? r.GetRepeatedFloat(m, &f, i) : r.GetFloat(m, &f);
        return little_endian(std::bit_cast<std::uint32_t>(v), 4);
    }
    case pb::FieldDescriptor::CPPTYPE_DOUBLE: {
        const double v = repeated ? r.GetRepeatedDouble(m, &f, i) : r.GetDouble(m, &f);
        return little_endian(std::bit_cast<std::uint64_t>(v), 8);
    }
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
        break;
    }
    CAIRN_ASSERT(false, "a leaf of the field tree is a scalar");
}

} // namespace cairn::redaction

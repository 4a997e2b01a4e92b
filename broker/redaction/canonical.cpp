#include "redaction/canonical.hpp"

#include "core/assert.hpp"

#include <google/protobuf/message.h>
#include <google/protobuf/wire_format_lite.h>

#include <bit>

namespace cairn::redaction {
namespace {

void put_little_endian(bytes& out, std::uint64_t v, int size) {
    for (int i = 0; i < size; ++i) out.push_back(static_cast<char>(v >> (8 * i) & 0xff));
}

using lite = pb::internal::WireFormatLite;

void put_signed(bytes& out, const pb::FieldDescriptor& f, std::int64_t v) {
    switch (f.type()) {
    case pb::FieldDescriptor::TYPE_SFIXED32:
        return put_little_endian(out, static_cast<std::uint64_t>(v), 4);
    case pb::FieldDescriptor::TYPE_SFIXED64:
        return put_little_endian(out, static_cast<std::uint64_t>(v), 8);
    case pb::FieldDescriptor::TYPE_SINT32:
        return put_varint(out, lite::ZigZagEncode32(static_cast<std::int32_t>(v)));
    case pb::FieldDescriptor::TYPE_SINT64:
        return put_varint(out, lite::ZigZagEncode64(v));
    default:
        return put_varint(out, static_cast<std::uint64_t>(v));
    }
}

void put_unsigned(bytes& out, const pb::FieldDescriptor& f, std::uint64_t v) {
    switch (f.type()) {
    case pb::FieldDescriptor::TYPE_FIXED32:
        return put_little_endian(out, v, 4);
    case pb::FieldDescriptor::TYPE_FIXED64:
        return put_little_endian(out, v, 8);
    default:
        return put_varint(out, v);
    }
}

} // namespace

void put_varint(bytes& out, std::uint64_t v) {
    while (v >= 0x80) {
        out.push_back(static_cast<char>((v & 0x7f) | 0x80));
        v >>= 7;
    }
    out.push_back(static_cast<char>(v));
}

void push_step(bytes& path, int field_number, std::uint32_t index) {
    put_u32(path, static_cast<std::uint32_t>(field_number));
    put_u32(path, index);
}

void put_canonical(bytes& out, const field_plan& plan, const pb::Message& m, std::uint32_t index) {
    const pb::Reflection& r = *plan.reflection;
    const pb::FieldDescriptor& f = *plan.field;
    const bool repeated = index != no_index;
    const int i = static_cast<int>(index);
    switch (f.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        out += repeated ? r.GetRepeatedStringReference(m, &f, i, &scratch)
                        : r.GetStringReference(m, &f, &scratch);
        return;
    }
    case pb::FieldDescriptor::CPPTYPE_ENUM:
        return put_signed(
            out, f, repeated ? r.GetRepeatedEnumValue(m, &f, i) : r.GetEnumValue(m, &f)
        );
    case pb::FieldDescriptor::CPPTYPE_BOOL:
        return put_varint(out, (repeated ? r.GetRepeatedBool(m, &f, i) : r.GetBool(m, &f)) ? 1 : 0);
    case pb::FieldDescriptor::CPPTYPE_UINT32:
        return put_unsigned(out, f, repeated ? r.GetRepeatedUInt32(m, &f, i) : r.GetUInt32(m, &f));
    case pb::FieldDescriptor::CPPTYPE_UINT64:
        return put_unsigned(out, f, repeated ? r.GetRepeatedUInt64(m, &f, i) : r.GetUInt64(m, &f));
    case pb::FieldDescriptor::CPPTYPE_INT32:
        return put_signed(out, f, repeated ? r.GetRepeatedInt32(m, &f, i) : r.GetInt32(m, &f));
    case pb::FieldDescriptor::CPPTYPE_INT64:
        return put_signed(out, f, repeated ? r.GetRepeatedInt64(m, &f, i) : r.GetInt64(m, &f));
    case pb::FieldDescriptor::CPPTYPE_FLOAT: {
        const float v = repeated ? r.GetRepeatedFloat(m, &f, i) : r.GetFloat(m, &f);
        return put_little_endian(out, std::bit_cast<std::uint32_t>(v), 4);
    }
    case pb::FieldDescriptor::CPPTYPE_DOUBLE: {
        const double v = repeated ? r.GetRepeatedDouble(m, &f, i) : r.GetDouble(m, &f);
        return put_little_endian(out, std::bit_cast<std::uint64_t>(v), 8);
    }
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
        break;
    }
    CAIRN_ASSERT(false, "a leaf of the field tree is a scalar");
}

} // namespace cairn::redaction

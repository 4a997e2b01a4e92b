#include "policy/render/csv.hpp"

#include "policy/render/enum_names.hpp"

#include <google/protobuf/text_format.h>

namespace cairn::policy {

namespace {

using google::protobuf::FieldDescriptor;

// A spreadsheet would compute it, or drop the apostrophe that says it is text.
bool taken_for_formula(std::string_view text) {
    return !text.empty() &&
           std::string_view("=+-@'\t\r").find(text.front()) != std::string_view::npos;
}

std::string cell(std::string_view text) {
    std::string plain = taken_for_formula(text) ? "'" : "";
    plain += text;
    if (plain.find_first_of(",;\"\r\n") == std::string::npos) return plain;
    std::string out = "\"";
    for (const char c : plain) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

std::string value_of(const v1::Rule& rule, const FieldDescriptor& field) {
    const auto& r = *rule.GetReflection();
    if (field.is_repeated()) {
        std::string out;
        for (int i = 0; i < r.FieldSize(rule, &field); ++i) {
            out += out.empty() ? "" : "; ";
            out += short_name(*r.GetRepeatedEnum(rule, &field, i));
        }
        return out;
    }
    switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
        return std::to_string(r.GetUInt32(rule, &field));
    case FieldDescriptor::CPPTYPE_ENUM: {
        const auto* value = r.GetEnum(rule, &field);
        return value->number() == 0 ? std::string{} : short_name(*value);
    }
    default:
        return r.GetString(rule, &field);
    }
}

} // namespace

std::string rules_csv(const v1::Policy& policy) {
    const auto& fields = *v1::Rule::descriptor();
    std::string out;
    for (int i = 0; i < fields.field_count(); ++i) {
        out += (i == 0 ? "" : ",") + fields.field(i)->name();
    }
    out += "\r\n";
    for (const auto& rule : policy.rules()) {
        for (int i = 0; i < fields.field_count(); ++i) {
            out += (i == 0 ? "" : ",") + cell(value_of(rule, *fields.field(i)));
        }
        out += "\r\n";
    }
    return out;
}

std::string canonical_text(const v1::Policy& policy) {
    google::protobuf::TextFormat::Printer printer;
    printer.SetUseUtf8StringEscaping(true);
    std::string out;
    printer.PrintToString(policy, &out);
    return out;
}

} // namespace cairn::policy

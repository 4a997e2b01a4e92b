// The public schema is frozen: a change here is a change for every agency.
#include "cairn/v1/admin.pb.h"
#include "cairn/v1/audit.pb.h"
#include "cairn/v1/concern.pb.h"
#include "cairn/v1/exchange.pb.h"
#include "cairn/v1/policy.pb.h"
#include "cairn/v1/record.pb.h"
#include "cairn/v1/registry.pb.h"
#include "cairn/v1/witness.pb.h"
#include "support/golden.hpp"

#include <catch2/catch.hpp>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

using namespace cairn;
namespace pb = google::protobuf;

namespace {

std::string options(const pb::Message& m) {
    const std::string text = m.ShortDebugString();
    return text.empty() ? "" : " [" + text + "]";
}

std::string field_line(const pb::FieldDescriptor& f) {
    const char* label = f.is_repeated() ? "repeated " : f.has_optional_keyword() ? "optional " : "";
    const pb::OneofDescriptor* one_of = f.real_containing_oneof();
    std::string type = f.type_name();
    if (f.message_type() != nullptr) type = f.message_type()->full_name();
    if (f.enum_type() != nullptr) type = f.enum_type()->full_name();
    return "  " + std::to_string(f.number()) + " " + label + type + " " + f.name() +
           (one_of != nullptr ? " oneof " + one_of->name() : "") + options(f.options()) + "\n";
}

void add_enum(const pb::EnumDescriptor& e, std::vector<std::string>& out) {
    std::string text = "enum " + e.full_name() + options(e.options()) + "\n";
    for (int i = 0; i < e.value_count(); ++i) {
        const pb::EnumValueDescriptor& v = *e.value(i);
        text += "  " + std::to_string(v.number()) + " " + v.name() + options(v.options()) + "\n";
    }
    out.push_back(text);
}

void add_message(const pb::Descriptor& m, std::vector<std::string>& out) {
    std::string text = "message " + m.full_name() + options(m.options()) + "\n";
    std::vector<const pb::FieldDescriptor*> fields;
    for (int i = 0; i < m.field_count(); ++i) fields.push_back(m.field(i));
    std::sort(fields.begin(), fields.end(), [](const auto* a, const auto* b) {
        return a->number() < b->number();
    });
    for (const auto* f : fields) text += field_line(*f);
    for (int i = 0; i < m.reserved_range_count(); ++i) {
        text += "  reserved " + std::to_string(m.reserved_range(i)->start) + " to " +
                std::to_string(m.reserved_range(i)->end - 1) + "\n";
    }
    out.push_back(text);
    for (int i = 0; i < m.nested_type_count(); ++i) add_message(*m.nested_type(i), out);
    for (int i = 0; i < m.enum_type_count(); ++i) add_enum(*m.enum_type(i), out);
}

void add_service(const pb::ServiceDescriptor& s, std::vector<std::string>& out) {
    std::string text = "service " + s.full_name() + "\n";
    for (int i = 0; i < s.method_count(); ++i) {
        const pb::MethodDescriptor& m = *s.method(i);
        text += "  " + m.name() + "(" + (m.client_streaming() ? "stream " : "") +
                m.input_type()->full_name() + ") " + (m.server_streaming() ? "stream " : "") +
                m.output_type()->full_name() + "\n";
    }
    out.push_back(text);
}

std::vector<const pb::FileDescriptor*> files() {
    // Names one type of each, so that the linker keeps them.
    std::vector<const pb::FileDescriptor*> out{
        v1::FieldDisclosure::descriptor()->file(),
        v1::Role_descriptor()->file(),
        v1::Disability_descriptor()->file(),
        v1::Person::descriptor()->file(),
        v1::Concern::descriptor()->file(),
        v1::Notice::descriptor()->file(),
        v1::SubmitRequest::descriptor()->file(),
        v1::RegistryChange::descriptor()->file(),
        v1::ApplyRequest::descriptor()->file(),
        v1::SearchRequest::descriptor()->file(),
        v1::Policy::descriptor()->file(),
        v1::RecordBody::descriptor()->file(),
        v1::CosignRequest::descriptor()->file()};
    std::sort(out.begin(), out.end(), [](const auto* a, const auto* b) {
        return a->name() < b->name();
    });
    return out;
}

} // namespace

TEST_CASE("every file of the schema is in the golden set") {
    std::vector<std::string> on_disk;
    for (const auto& e : std::filesystem::directory_iterator{CAIRN_SOURCE_DIR "/proto/cairn/v1"}) {
        if (e.path().extension() == ".proto") {
            on_disk.push_back("cairn/v1/" + e.path().filename().string());
        }
    }
    std::sort(on_disk.begin(), on_disk.end());
    std::vector<std::string> known;
    for (const auto* f : files()) known.push_back(f->name());
    CHECK(known == on_disk);
}

TEST_CASE("the public schema is the frozen one") {
    std::string now;
    for (const pb::FileDescriptor* f : files()) {
        std::vector<std::string> parts;
        for (int i = 0; i < f->message_type_count(); ++i) add_message(*f->message_type(i), parts);
        for (int i = 0; i < f->enum_type_count(); ++i) add_enum(*f->enum_type(i), parts);
        for (int i = 0; i < f->service_count(); ++i) add_service(*f->service(i), parts);
        for (int i = 0; i < f->extension_count(); ++i) {
            parts.push_back(
                "extension " + f->extension(i)->containing_type()->full_name() + "\n" +
                field_line(*f->extension(i))
            );
        }
        std::sort(parts.begin(), parts.end());
        now += "file " + f->name() + "\n";
        for (const std::string& part : parts) now += part;
    }
    const auto compared = test::golden("cairn.v1.txt", now);
    INFO(compared.difference);
    INFO("The public schema changed. Inside v1 only additions are allowed, and before the first "
         "release a change needs an ADR in docs/adr/. With one, write the new set: "
         "CAIRN_UPDATE_GOLDEN=1 and run this test again.");
    CHECK(compared.same);
}

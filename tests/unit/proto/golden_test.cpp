// The public schema is frozen: a change here is a change for every agency.
#include "cairn/v1/admin.pb.h"
#include "cairn/v1/audit.pb.h"
#include "cairn/v1/concern.pb.h"
#include "cairn/v1/enrolment.pb.h"
#include "cairn/v1/exchange.pb.h"
#include "cairn/v1/operate.pb.h"
#include "cairn/v1/policy.pb.h"
#include "cairn/v1/policy_versions.pb.h"
#include "cairn/v1/record.pb.h"
#include "cairn/v1/registry.pb.h"
#include "cairn/v1/witness.pb.h"
#include "support/golden.hpp"
#include "support/paths.hpp"

#include <catch2/catch.hpp>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>
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
           (one_of != nullptr ? " oneof " + one_of->name() : "") + " json " + f.json_name() +
           options(f.options()) + "\n";
}

template <class Descriptor>
std::string reserved_names(const Descriptor& d) {
    std::string out;
    for (int i = 0; i < d.reserved_name_count(); ++i) {
        out += "  reserved " + d.reserved_name(i) + "\n";
    }
    return out;
}

std::string reserved(int first, int last) {
    return "  reserved " + std::to_string(first) + " to " + std::to_string(last) + "\n";
}

void add_enum(const pb::EnumDescriptor& e, std::vector<std::string>& out) {
    std::string text = "enum " + e.full_name() + options(e.options()) + "\n";
    for (int i = 0; i < e.value_count(); ++i) {
        const pb::EnumValueDescriptor& v = *e.value(i);
        text += "  " + std::to_string(v.number()) + " " + v.name() + options(v.options()) + "\n";
    }
    for (int i = 0; i < e.reserved_range_count(); ++i) {
        text += reserved(e.reserved_range(i)->start, e.reserved_range(i)->end);
    }
    out.push_back(text + reserved_names(e));
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
        text += reserved(m.reserved_range(i)->start, m.reserved_range(i)->end - 1);
    }
    out.push_back(text + reserved_names(m));
    for (int i = 0; i < m.nested_type_count(); ++i) add_message(*m.nested_type(i), out);
    for (int i = 0; i < m.enum_type_count(); ++i) add_enum(*m.enum_type(i), out);
}

void add_service(const pb::ServiceDescriptor& s, std::vector<std::string>& out) {
    std::string text = "service " + s.full_name() + options(s.options()) + "\n";
    for (int i = 0; i < s.method_count(); ++i) {
        const pb::MethodDescriptor& m = *s.method(i);
        text += "  " + m.name() + "(" + (m.client_streaming() ? "stream " : "") +
                m.input_type()->full_name() + ") (" + (m.server_streaming() ? "stream " : "") +
                m.output_type()->full_name() + ")" + options(m.options()) + "\n";
    }
    out.push_back(text);
}

std::string file_text(const pb::FileDescriptor& f) {
    std::vector<std::string> parts;
    for (int i = 0; i < f.message_type_count(); ++i) add_message(*f.message_type(i), parts);
    for (int i = 0; i < f.enum_type_count(); ++i) add_enum(*f.enum_type(i), parts);
    for (int i = 0; i < f.service_count(); ++i) add_service(*f.service(i), parts);
    for (int i = 0; i < f.extension_count(); ++i) {
        parts.push_back(
            "extension " + f.extension(i)->containing_type()->full_name() + "\n" +
            field_line(*f.extension(i))
        );
    }
    std::sort(parts.begin(), parts.end());
    const bool three = f.syntax() == pb::FileDescriptor::SYNTAX_PROTO3;
    std::string out = "file " + f.name() + " package " + f.package() +
                      (three ? " proto3" : " of another syntax") + options(f.options()) + "\n";
    for (const std::string& part : parts) out += part;
    return out;
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
        v1::Enrolment::descriptor()->file(),
        v1::RegistryChange::descriptor()->file(),
        v1::ApplyRequest::descriptor()->file(),
        v1::ReloadRequest::descriptor()->file(),
        v1::PolicyVersion::descriptor()->file(),
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
    for (const pb::FileDescriptor* f : files()) now += file_text(*f);
    const auto compared = test::golden("cairn.v1.txt", now);
    INFO(compared.difference);
    INFO("The public schema changed. Inside v1 only additions are allowed, and before the first "
         "release a change needs an ADR in docs/adr/. With one, write the new set: "
         "CAIRN_UPDATE_GOLDEN=1 and run this test again; the ADR names the set's SHA-256, which "
         "tools/docs.py checks.");
    CHECK(compared.same);
}

TEST_CASE("the frozen set tells of what a change can hide in") {
    pb::FileDescriptorProto file;
    file.set_name("planted.proto");
    file.set_package("planted");
    file.set_syntax("proto3");
    pb::DescriptorProto& m = *file.add_message_type();
    m.set_name("Root");
    pb::FieldDescriptorProto& f = *m.add_field();
    f.set_name("one");
    f.set_number(1);
    f.set_type(pb::FieldDescriptorProto::TYPE_STRING);
    f.set_label(pb::FieldDescriptorProto::LABEL_OPTIONAL);
    pb::EnumDescriptorProto& e = *file.add_enum_type();
    e.set_name("Kind");
    e.add_value()->set_name("KIND_UNSPECIFIED");
    e.mutable_value(0)->set_number(0);
    pb::ServiceDescriptorProto& s = *file.add_service();
    s.set_name("Asks");
    pb::MethodDescriptorProto& call = *s.add_method();
    call.set_name("Ask");
    call.set_input_type(".planted.Root");
    call.set_output_type(".planted.Root");
    const auto text = [&file] {
        pb::DescriptorPool pool;
        return file_text(*pool.BuildFile(file));
    };
    std::string before = text();
    const auto changed = [&](const auto& change) {
        change();
        std::string now = text();
        return std::exchange(before, now) != now;
    };
    CHECK(changed([&] { f.set_json_name("other"); }));
    CHECK(changed([&] { m.add_reserved_name("gone"); }));
    CHECK(changed([&] { e.add_reserved_name("KIND_GONE"); }));
    CHECK(changed([&] {
        e.add_reserved_range()->set_start(3);
        e.mutable_reserved_range(0)->set_end(4);
    }));
    CHECK(changed([&] {
        call.mutable_options()->set_idempotency_level(pb::MethodOptions::NO_SIDE_EFFECTS);
    }));
    CHECK(changed([&] { s.mutable_options()->set_deprecated(true); }));
    CHECK(changed([&] { file.mutable_options()->set_cc_enable_arenas(false); }));
}

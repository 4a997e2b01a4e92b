// The schema is fit to be decided field by field, and each way of not being so is found.
#include "redaction/schema_lint.hpp"

#include "cairn/v1/concern.pb.h"
#include "cairn/v1/notice.pb.h"

#include <catch2/catch.hpp>
#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.pb.h>

#include <functional>
#include <memory>

using namespace cairn;
using redaction::lint_schema;
namespace pb = google::protobuf;

namespace {

// A message type made at run time, with one good field to start from.
class planted {
public:
    planted() {
        file_.set_name("planted.proto");
        file_.set_package("planted");
        file_.set_syntax("proto3");
        for (const char* on :
             {"cairn/v1/annotations.proto",
              "cairn/v1/person.proto",
              "cairn/v1/codes.proto",
              "google/protobuf/any.proto"}) {
            file_.add_dependency(on);
        }
        root_ = file_.add_message_type();
        root_->set_name("Root");
        root_->mutable_options()
            ->MutableExtension(v1::about_whom)
            ->set_subject(v1::SUBJECT_CONCERN);
        add("fine");
    }

    pb::FieldDescriptorProto& add(const char* name) {
        pb::FieldDescriptorProto& f = *root_->add_field();
        f.set_name(name);
        f.set_number(root_->field_size());
        f.set_type(pb::FieldDescriptorProto::TYPE_STRING);
        f.set_label(pb::FieldDescriptorProto::LABEL_OPTIONAL);
        says(f).set_category(v1::CATEGORY_FACTS);
        return f;
    }

    static v1::FieldDisclosure& says(pb::FieldDescriptorProto& f) {
        return *f.mutable_options()->MutableExtension(v1::disclosure);
    }

    // An enum of one value beside the zero.
    pb::EnumDescriptorProto& kinds() {
        pb::EnumDescriptorProto& e = *file_.add_enum_type();
        e.set_name("Kind");
        for (const char* name : {"KIND_UNSPECIFIED", "KIND_ODD"}) {
            pb::EnumValueDescriptorProto& v = *e.add_value();
            v.set_name(name);
            v.set_number(e.value_size() - 1);
        }
        return e;
    }

    pb::FieldDescriptorProto& add_of_kind(const char* name) {
        pb::FieldDescriptorProto& f = add(name);
        f.set_type(pb::FieldDescriptorProto::TYPE_ENUM);
        f.set_type_name(".planted.Kind");
        return f;
    }

    pb::DescriptorProto& root() { return *root_; }
    pb::FileDescriptorProto& file() { return file_; }

    std::vector<std::string> findings() {
        pb::DescriptorPool pool{pb::DescriptorPool::generated_pool()};
        // The pool under it only knows files some code asked for.
        pb::Any::descriptor();
        v1::Concern::descriptor();
        const pb::FileDescriptor* built = pool.BuildFile(file_);
        REQUIRE(built != nullptr);
        return lint_schema(*built->FindMessageTypeByName("Root"));
    }

    // The one finding.
    std::string finding() {
        const std::vector<std::string> all = findings();
        REQUIRE(all.size() == 1);
        return all[0];
    }

private:
    pb::FileDescriptorProto file_;
    pb::DescriptorProto* root_ = nullptr;
};

} // namespace

TEST_CASE("the schema of a concern is fit to be decided field by field") {
    const auto findings = lint_schema(*v1::Concern::descriptor());
    for (const std::string& f : findings) UNSCOPED_INFO(f);
    CHECK(findings.empty());
}

TEST_CASE("a message whose fields carry no annotation is found") {
    CHECK_FALSE(lint_schema(*v1::Notice::descriptor()).empty());
}

TEST_CASE("what is well made passes") {
    CHECK(planted{}.findings().empty());
}

TEST_CASE("a field without a category is found") {
    planted p;
    p.add("bare").clear_options();
    CHECK(p.finding() == "Root.bare: has no category");
}

TEST_CASE("a field without a subject is found") {
    planted p;
    p.root().clear_options();
    CHECK(p.finding() == "Root.fine: has no subject, nor has its message");
    planted own;
    own.root().clear_options();
    planted::says(*own.root().mutable_field(0)).set_subject(v1::SUBJECT_CONCERN);
    CHECK(own.findings().empty());
}

TEST_CASE("an Any is found") {
    planted p;
    pb::FieldDescriptorProto& f = p.add("anything");
    f.set_type(pb::FieldDescriptorProto::TYPE_MESSAGE);
    f.set_type_name(".google.protobuf.Any");
    CHECK(p.finding().find("Root.anything: an Any") == 0);
}

TEST_CASE("a map is found, whatever its key") {
    planted p;
    pb::DescriptorProto& entry = *p.root().add_nested_type();
    entry.set_name("ByNameEntry");
    entry.mutable_options()->set_map_entry(true);
    for (const char* part : {"key", "value"}) {
        pb::FieldDescriptorProto& f = *entry.add_field();
        f.set_name(part);
        f.set_number(entry.field_size());
        f.set_type(pb::FieldDescriptorProto::TYPE_STRING);
        f.set_label(pb::FieldDescriptorProto::LABEL_OPTIONAL);
    }
    pb::FieldDescriptorProto& f = p.add("by_name");
    f.set_type(pb::FieldDescriptorProto::TYPE_MESSAGE);
    f.set_label(pb::FieldDescriptorProto::LABEL_REPEATED);
    f.set_type_name(".planted.Root.ByNameEntry");
    CHECK(p.finding().find("Root.by_name: a map") == 0);
}

TEST_CASE("an enum value that tells something else than its field is found unless decided by value"
) {
    planted p;
    pb::FieldDescriptorProto& f = p.add("factor");
    f.set_type(pb::FieldDescriptorProto::TYPE_ENUM);
    f.set_type_name(".cairn.v1.AssessmentFactor");
    const auto all = p.findings();
    CHECK(all.size() > 10);
    CHECK(
        all[0] == "Root.factor: ASSESSMENT_FACTOR_1A tells something else than the field's category"
    );
    planted::says(f).set_by_value(true);
    CHECK(p.findings().empty());
    // A category that ranks above all its values is no excuse: they are other things.
    planted::says(f).set_by_value(false);
    planted::says(f).set_category(v1::CATEGORY_SENSITIVE_SERVICE);
    CHECK(p.findings().size() > 10);
}

TEST_CASE("an enum value that says nothing of itself is found") {
    planted p;
    pb::EnumDescriptorProto& kinds = p.kinds();
    p.add_of_kind("kind");
    CHECK(p.finding() == "Root.kind: KIND_ODD does not say what it tells");
    kinds.mutable_options()->MutableExtension(v1::enum_disclosure)->set_others_tell_no_more(true);
    CHECK(p.findings().empty());
}

TEST_CASE("each way for a value to tell something else asks for a decision by value") {
    const auto one = [](const std::function<void(v1::ValueDisclosure&)>& says, bool by_value) {
        planted p;
        says(*p.kinds().mutable_value(1)->mutable_options()->MutableExtension(v1::value_disclosure)
        );
        planted::says(p.add_of_kind("kind")).set_by_value(by_value);
        return p.findings();
    };
    const std::function<void(v1::ValueDisclosure&)> ways[] = {
        [](auto& v) { v.set_category(v1::CATEGORY_HEALTH); },
        [](auto& v) { v.set_category(v1::CATEGORY_HEADER); },
        [](auto& v) { v.set_subject(v1::SUBJECT_CARER); },
        [](auto& v) { v.set_statutory_bar(true); }};
    for (const auto& way : ways) {
        REQUIRE(one(way, false).size() == 1);
        CHECK(
            one(way, false)[0] ==
            "Root.kind: KIND_ODD tells something else than the field's category"
        );
        CHECK(one(way, true).empty());
    }
    const auto same = [](auto& v) { v.set_category(v1::CATEGORY_FACTS); };
    CHECK(one(same, false).empty());
    REQUIRE(one(same, true).size() == 1);
    CHECK(one(same, true)[0] == "Root.kind: is decided by value for no value's sake");
}

TEST_CASE("a field that follows no value of its message is found") {
    const auto one = [](const std::function<void(planted&, pb::FieldDescriptorProto&)>& change) {
        planted p;
        p.kinds()
            .mutable_value(1)
            ->mutable_options()
            ->MutableExtension(v1::value_disclosure)
            ->set_category(v1::CATEGORY_HEALTH);
        planted::says(p.add_of_kind("kind")).set_by_value(true);
        pb::FieldDescriptorProto& follower = p.add("number");
        planted::says(follower).set_by_value_of("kind");
        change(p, follower);
        return p.findings();
    };
    CHECK(one([](auto&, auto&) {}).empty());
    const auto nobody = one([](auto&, auto& f) { planted::says(f).set_by_value_of("other"); });
    REQUIRE(nobody.size() == 1);
    CHECK(nobody[0] == "Root.number: follows a field that is not one enum decided by value");
    const auto text = one([](auto&, auto& f) { planted::says(f).set_by_value_of("fine"); });
    CHECK(text == nobody);
    const auto many = one([](auto& p, auto&) {
        p.root().mutable_field(1)->set_label(pb::FieldDescriptorProto::LABEL_REPEATED);
    });
    CHECK(many == nobody);
    const auto apart =
        one([](auto&, auto& f) { planted::says(f).set_category(v1::CATEGORY_HEALTH); });
    REQUIRE(apart.size() == 1);
    CHECK(apart[0] == "Root.number: is of another category than the field it follows");
}

TEST_CASE("annotations that do not fit their type are found") {
    const auto one = [](const std::function<void(pb::FieldDescriptorProto&)>& change) {
        planted p;
        change(p.add("odd"));
        return p.finding();
    };
    const auto number = pb::FieldDescriptorProto::TYPE_UINT32;
    CHECK(one([&](auto& f) {
              f.set_type(number);
              planted::says(f).set_narrative(true);
          }) == "Root.odd: is a narrative, but no text");
    CHECK(one([&](auto& f) {
              f.set_type(number);
              planted::says(f).set_generaliser(v1::GENERALISER_INITIALS);
          }).find("cannot keep part of a text") != std::string::npos);
    CHECK(one([&](auto& f) {
              planted::says(f).set_generaliser(v1::GENERALISER_YEAR);
          }).find("cannot keep its year") != std::string::npos);
    CHECK(one([&](auto& f) {
              f.set_type(number);
              planted::says(f).set_identifies(v1::IDENTIFIES_DIRECT);
              planted::says(f).add_forms(v1::FORM_FULL);
              planted::says(f).add_forms(v1::FORM_PSEUDONYM);
          }).find("it is no text") != std::string::npos);
    CHECK(one([&](auto& f) {
              planted::says(f).add_forms(v1::FORM_FULL);
              planted::says(f).add_forms(v1::FORM_PSEUDONYM);
          }).find("does not point at a person") != std::string::npos);
    CHECK(one([&](auto& f) {
              f.set_type(number);
              planted::says(f).set_generaliser(v1::GENERALISER_DATE);
          }).find("neither date nor text") != std::string::npos);
    CHECK(one([&](auto& f) {
              planted::says(f).add_forms(v1::FORM_GENERALISED);
          }).find("not those its generaliser leaves") != std::string::npos);
    CHECK(one([&](auto& f) {
              planted::says(f).set_generaliser(v1::GENERALISER_KEEP);
              planted::says(f).add_forms(v1::FORM_FULL);
          }).find("not those its generaliser leaves") != std::string::npos);
    CHECK(one([&](auto& f) {
              planted::says(f).set_generaliser(v1::GENERALISER_KEEP);
              planted::says(f).set_identifies(v1::IDENTIFIES_DIRECT);
          }).find("kept whole in the coarse form") != std::string::npos);
    CHECK(one([&](auto& f) {
              planted::says(f).set_by_value(true);
          }).find("is no enum") != std::string::npos);
    for (const auto type :
         {pb::FieldDescriptorProto::TYPE_BYTES,
          pb::FieldDescriptorProto::TYPE_FLOAT,
          pb::FieldDescriptorProto::TYPE_INT64}) {
        CHECK(one([&](auto& f) {
                  f.set_type(type);
              }).find("a notice cannot carry") != std::string::npos);
    }
}

TEST_CASE("a message about a person that stands below none is found") {
    planted p;
    p.root()
        .mutable_options()
        ->MutableExtension(v1::about_whom)
        ->set_subject(v1::SUBJECT_OF_PERSON);
    CHECK(p.finding() == "Root: is about a person, but stands below none");
    p.root().mutable_options()->MutableExtension(v1::about_whom)->set_subject(v1::SUBJECT_OF_ABOUT);
    CHECK(p.finding().find("has no such text") != std::string::npos);
    p.add("about");
    CHECK(p.findings().empty());
}

TEST_CASE("a field about another than its message is found") {
    planted p;
    planted::says(p.add("odd")).set_subject(v1::SUBJECT_OF_PERSON);
    CHECK(p.finding().find("is about another than its message") != std::string::npos);
}

TEST_CASE("a message that contains itself is found") {
    planted p;
    pb::FieldDescriptorProto& f = p.add("again");
    f.set_type(pb::FieldDescriptorProto::TYPE_MESSAGE);
    f.set_type_name(".planted.Root");
    CHECK(p.finding().find("contains itself") != std::string::npos);
}

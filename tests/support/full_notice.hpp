// Messages with every field filled, for tests that must not miss one.
#pragma once

#include "cairn/v1/notice.pb.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <array>
#include <string>

namespace cairn::test {

namespace full_notice_detail {

namespace pb = google::protobuf;
namespace v1 = ::cairn::v1;

// Values a number can tell apart, so that a lost one is noticed.
class filler {
public:
    // Of a oneof the member `only` alone; every other field, repeated ones twice.
    void fill(pb::Message& m, const pb::FieldDescriptor* only = nullptr) {
        if (auto* date = dynamic_cast<v1::PartialDate*>(&m)) return fill_date(*date);
        const auto* d = m.GetDescriptor();
        for (int i = 0; i < d->field_count(); ++i) {
            const auto* f = d->field(i);
            const bool other_body = f->real_containing_oneof() != nullptr && f != only;
            if (other_body || f->full_name() == "cairn.v1.Concern.persons") continue;
            for (int times = f->is_repeated() ? 2 : 1; times > 0; --times) set(m, *f);
        }
    }

private:
    void fill_date(v1::PartialDate& d) {
        const auto n = static_cast<std::uint32_t>(++count_);
        d.set_year(2001 + n % 25);
        d.set_month(1 + n % 12);
        d.set_day(1 + n % 28);
    }

    void set(pb::Message& m, const pb::FieldDescriptor& f) {
        const auto& r = *m.GetReflection();
        const bool many = f.is_repeated();
        ++count_;
        switch (f.cpp_type()) {
        case pb::FieldDescriptor::CPPTYPE_STRING: {
            auto text = f.name() + " in words, number " + std::to_string(count_);
            many ? r.AddString(&m, &f, text) : r.SetString(&m, &f, text);
            break;
        }
        case pb::FieldDescriptor::CPPTYPE_BOOL:
            many ? r.AddBool(&m, &f, true) : r.SetBool(&m, &f, true);
            break;
        case pb::FieldDescriptor::CPPTYPE_UINT32: {
            const auto number = static_cast<std::uint32_t>(10'000 + count_);
            many ? r.AddUInt32(&m, &f, number) : r.SetUInt32(&m, &f, number);
            break;
        }
        case pb::FieldDescriptor::CPPTYPE_ENUM: {
            const auto* e = f.enum_type();
            const auto* value = e->value(1 + count_ % (e->value_count() - 1));
            many ? r.AddEnum(&m, &f, value) : r.SetEnum(&m, &f, value);
            break;
        }
        case pb::FieldDescriptor::CPPTYPE_MESSAGE:
            fill(many ? *r.AddMessage(&m, &f) : *r.MutableMessage(&m, &f));
            break;
        default:
            break;
        }
    }

    int count_ = 0;
};

} // namespace full_notice_detail

// A notice of this kind: every field of its body and of what all kinds share, a child with every
// field and a named person of every other part, something hidden of every category.
inline ::cairn::v1::Notice full_notice(::cairn::v1::ConcernKind kind) {
    namespace v1 = ::cairn::v1;
    full_notice_detail::filler fill;
    v1::Notice n;
    n.set_concern_id("0123456789abcdef0123456789abcdef");
    n.set_thread("fedcba9876543210fedcba9876543210");
    n.set_desk("northshire-council/front_door");
    n.set_sender("oakfield");
    n.set_kind(kind);
    n.set_decided_at_us(1'795'305'600'000'000);
    n.set_policy_digest(std::string(64, 'a'));
    n.set_unknown_fields_dropped(3);
    auto& c = *n.mutable_content();
    // The kinds are numbered as the members of the body are.
    fill.fill(c, c.GetDescriptor()->FindOneofByName("body")->field(static_cast<int>(kind) - 1));
    for (int role = v1::SUBJECT_CHILD; role <= v1::SUBJECT_PROFESSIONAL; ++role) {
        auto& p = *c.add_persons();
        // One of everything is enough; seven make a page that a browser checks for a minute.
        if (role == v1::SUBJECT_CHILD) fill.fill(p);
        p.mutable_names()->Clear();
        p.add_names()->set_given("Given" + std::to_string(role));
        p.mutable_names(0)->set_family("Family" + std::to_string(role));
        p.set_ref("person-" + std::to_string(role));
        p.set_role(static_cast<v1::Subject>(role));
        p.set_sex(v1::SEX_FEMALE);
    }
    const auto* categories = v1::Category_descriptor();
    for (int i = 0; i < categories->value_count(); ++i) {
        auto& w = *n.add_withheld();
        w.set_category(static_cast<v1::Category>(categories->value(i)->number()));
        w.set_person_ref(i % 3 == 0 ? "" : "person-" + std::to_string(1 + i % 7));
        w.set_reason(v1::REASON_NOT_NEEDED_FOR_PURPOSE);
        w.set_ask("Oakfield's safeguarding lead, 01632 960101");
        w.set_challenge_id("00112233aabb" + std::to_string(1000 + i));
        w.set_partly_shown(i % 2 == 0);
        if (i % 3 == 0) w.set_about(v1::SUBJECT_CARER);
        if (i % 4 != 0) w.set_sentence("Held but not shown: sentence " + std::to_string(i) + ".");
    }
    n.add_also_told("northshire-police/mash");
    n.add_also_told("northshire-health/named");
    return n;
}

} // namespace cairn::test

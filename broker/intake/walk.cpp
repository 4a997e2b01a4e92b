#include "intake/walk.hpp"

#include "core/limits.hpp"
#include "intake/dates.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <utility>
#include <vector>

namespace cairn::intake {
namespace {

namespace pb = ::google::protobuf;

bool continuation(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80;
}

// RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        if (lead < 0xc2 || lead > 0xf4) return false;
        for (std::size_t k = 1; k <= more; ++k) {
            if (!continuation(text, i + k)) return false;
        }
        const auto second = static_cast<unsigned char>(text[i + 1]);
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
            (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) {
            return false;
        }
        i += more + 1;
    }
    return true;
}

class walker {
public:
    status message(const pb::Message& m) {
        const pb::Descriptor& type = *m.GetDescriptor();
        const pb::Reflection& r = *m.GetReflection();
        for (int i = 0; i < type.field_count(); ++i) {
            const pb::FieldDescriptor* f = type.field(i);
            const auto kind = f->cpp_type();
            if (kind != pb::FieldDescriptor::CPPTYPE_STRING &&
                kind != pb::FieldDescriptor::CPPTYPE_MESSAGE) {
                continue;
            }
            if (f->is_repeated()) {
                const int n = r.FieldSize(m, f);
                for (int k = 0; k < n; ++k) CAIRN_TRY(field(m, r, f, k));
            } else if (r.HasField(m, f)) {
                CAIRN_TRY(field(m, r, f, -1));
            }
        }
        return {};
    }

private:
    status
    field(const pb::Message& m, const pb::Reflection& r, const pb::FieldDescriptor* f, int index) {
        place_.emplace_back(f, index);
        if (f->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
            std::string scratch;
            CAIRN_TRY(text(
                f,
                index < 0 ? r.GetStringReference(m, f, &scratch)
                          : r.GetRepeatedStringReference(m, f, index, &scratch)
            ));
        } else {
            const pb::Message& inner =
                index < 0 ? r.GetMessage(m, f) : r.GetRepeatedMessage(m, f, index);
            if (f->message_type() == v1::PartialDate::descriptor()) {
                if (!can_be(static_cast<const v1::PartialDate&>(inner))) {
                    return fail(errc::bad_value, where());
                }
            } else {
                CAIRN_TRY(message(inner));
            }
        }
        place_.pop_back();
        return {};
    }

    status text(const pb::FieldDescriptor* f, const std::string& value) {
        if (value.size() > limits::text_field_bytes) {
            const bool narrative = f->options().GetExtension(v1::disclosure).narrative();
            const std::size_t limit =
                narrative ? limits::narrative_bytes : limits::text_field_bytes;
            if (value.size() > limit) {
                return fail(
                    errc::too_large, where() + ", at most " + std::to_string(limit) + " bytes"
                );
            }
        }
        if (!is_utf8(value)) return fail(errc::invalid_text, where());
        return {};
    }

    [[nodiscard]] std::string where() const {
        std::string out = "concern";
        for (const auto& [f, index] : place_) {
            out += "." + f->name();
            if (index >= 0) out += "[" + std::to_string(index) + "]";
        }
        return out;
    }

    std::vector<std::pair<const pb::FieldDescriptor*, int>> place_;
};

} // namespace

status check_fields(const v1::Concern& c) {
    return walker{}.message(c);
}

} // namespace cairn::intake

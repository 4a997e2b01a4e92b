#include "session/json_check.hpp"

#include "session/wire.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <vector>

namespace cairn::session {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int depth_max = 64;

// What may stand at a place: nothing known (any JSON), a message, or a value of a field.
struct expected {
    const Descriptor* message = nullptr;
    const FieldDescriptor* field = nullptr;
    bool element = false; // of a repeated field
};

const FieldDescriptor* find_field(const Descriptor& d, const std::string& key) {
    if (const auto* f = d.FindFieldByCamelcaseName(key)) return f;
    if (const auto* f = d.FindFieldByName(key)) return f;
    for (int i = 0; i < d.field_count(); ++i) {
        if (d.field(i)->json_name() == key) return d.field(i);
    }
    return nullptr;
}

class scanner {
public:
    explicit scanner(bytes_view in) : in_(in) {}

    bool document(const Descriptor& type) {
        skip();
        if (peek() != '{') return bad("an object is expected");
        if (!object({&type}, 0)) return false;
        skip();
        return at_ == in_.size() || bad("text after the end");
    }

    [[nodiscard]] failure why() const {
        const bytes_view before = in_.substr(0, at_);
        const auto line = 1 + std::count(before.begin(), before.end(), '\n');
        const std::size_t start = before.rfind('\n') + 1; // npos wraps to 0
        return fail(
            code_,
            "line " + std::to_string(line) + " column " + std::to_string(at_ - start + 1) + ": " +
                what_
        );
    }

private:
    [[nodiscard]] char peek() const { return at_ < in_.size() ? in_[at_] : '\0'; }
    void skip() {
        while (at_ < in_.size() && bytes_view(" \t\r\n").find(in_[at_]) != bytes_view::npos) ++at_;
    }
    bool bad(const char* what, errc code = errc::malformed) {
        what_ = what;
        code_ = code;
        return false;
    }
    bool eat(char c) {
        skip();
        if (peek() != c || at_ == in_.size()) return false;
        ++at_;
        return true;
    }

    bool value(const expected& e, int depth);
    bool object(const expected& e, int depth);
    bool member(const expected& e, int depth, std::vector<int>& seen);
    bool array(const expected& e, int depth);
    bool string(bytes_view* content);
    bool escape();
    bool hex4(unsigned& v);
    bool number();
    bool digits();
    bool literal(bytes_view word);
    bool fits(const expected& e, char first);

    bytes_view in_;
    std::size_t at_ = 0;
    const char* what_ = "";
    errc code_ = errc::malformed;
};

expected value_of(const FieldDescriptor* f) {
    expected e{nullptr, f, false};
    if (f->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !f->is_map()) {
        e.message = f->message_type();
    }
    // Timestamps and the like have a JSON form of their own; the parser knows it.
    if (e.message != nullptr && e.message->full_name().rfind("google.protobuf.", 0) == 0) return {};
    return e;
}

// Only what the first character tells; the parser does the rest.
bool scanner::fits(const expected& e, char first) {
    if (e.field == nullptr || first == 'n') return true;
    if (e.field->is_map()) return first == '{' || bad("an object is expected");
    if (e.field->is_repeated() && !e.element) return first == '[' || bad("a list is expected");
    if (e.message != nullptr) return first == '{' || bad("an object is expected");
    switch (e.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
        return first == '"' || bad("a text is expected");
    case FieldDescriptor::CPPTYPE_BOOL:
        return first == 't' || first == 'f' || bad("true or false is expected");
    default:
        return first == '"' || first == '-' || (first >= '0' && first <= '9') ||
               bad("a number or a name is expected");
    }
}

bool scanner::value(const expected& e, int depth) {
    skip();
    const char c = peek();
    if (!fits(e, c)) return false;
    switch (c) {
    case '{':
        return object(e, depth + 1);
    case '[':
        return array(e, depth + 1);
    case 't':
        return literal("true");
    case 'f':
        return literal("false");
    case 'n':
        return literal("null");
    case '"': {
        const std::size_t start = at_;
        bytes_view text;
        if (!string(&text)) return false;
        const bool is_enum =
            e.field != nullptr && e.field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
        if (is_enum && e.field->enum_type()->FindValueByName(std::string(text)) == nullptr) {
            at_ = start;
            return bad("not a name of this enumeration");
        }
        return true;
    }
    default:
        return number();
    }
}

bool scanner::object(const expected& e, int depth) {
    if (depth > depth_max) return bad("nested too deep");
    ++at_;
    if (eat('}')) return true;
    std::vector<int> seen;
    do {
        if (!member(e, depth, seen)) return false;
    } while (eat(','));
    return eat('}') || bad("',' or '}' is expected");
}

bool scanner::member(const expected& e, int depth, std::vector<int>& seen) {
    skip();
    const std::size_t start = at_;
    bytes_view key;
    if (peek() != '"') return bad("a name in double quotes is expected");
    if (!string(&key)) return false;
    expected inner;
    if (e.field != nullptr && e.field->is_map()) {
        inner = value_of(e.field->message_type()->FindFieldByNumber(2));
    } else if (e.message != nullptr) {
        const FieldDescriptor* f = find_field(*e.message, std::string(key));
        if (f == nullptr || std::find(seen.begin(), seen.end(), f->number()) != seen.end()) {
            at_ = start;
            return bad(f == nullptr ? "unknown field" : "the field stands twice");
        }
        seen.push_back(f->number());
        inner = value_of(f);
    }
    if (!eat(':')) return bad("':' is expected");
    return value(inner, depth);
}

bool scanner::array(const expected& e, int depth) {
    if (depth > depth_max) return bad("nested too deep");
    ++at_;
    if (eat(']')) return true;
    expected inner = e;
    inner.element = true;
    do {
        if (!value(inner, depth)) return false;
    } while (eat(','));
    return eat(']') || bad("',' or ']' is expected");
}

// At the opening quote; `content` is the text as written, escapes and all.
bool scanner::string(bytes_view* content) {
    const std::size_t start = ++at_;
    while (at_ < in_.size()) {
        const char c = in_[at_];
        if (c == '"') {
            *content = in_.substr(start, at_++ - start);
            return true;
        }
        if (static_cast<std::uint8_t>(c) < 0x20) return bad("control character in a text");
        ++at_;
        if (c == '\\' && !escape()) return false;
    }
    return bad("a text does not end");
}

bool scanner::hex4(unsigned& v) {
    v = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
        const char c = peek();
        const unsigned d = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                           : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
                           : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A' + 10)
                                                  : 16U;
        if (d > 15) return bad("bad escape");
        v = v * 16 + d;
    }
    return true;
}

bool scanner::escape() {
    const char c = peek();
    if (c != 'u') {
        if (bytes_view("\"\\/bfnrt").find(c) == bytes_view::npos) return bad("bad escape");
        ++at_;
        return true;
    }
    ++at_;
    unsigned v = 0;
    if (!hex4(v)) return false;
    if (v >= 0xdc00 && v <= 0xdfff) return bad("half a character", errc::invalid_text);
    if (v < 0xd800 || v > 0xdbff) return true;
    unsigned low = 0;
    if (in_.substr(at_, 2) != "\\u") return bad("half a character", errc::invalid_text);
    at_ += 2;
    if (!hex4(low)) return false;
    return (low >= 0xdc00 && low <= 0xdfff) || bad("half a character", errc::invalid_text);
}

bool scanner::digits() {
    const std::size_t start = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > start || bad("a value is expected");
}

bool scanner::number() {
    if (peek() == '-') ++at_;
    if (peek() == '0') {
        ++at_;
    } else if (!digits()) {
        return false;
    }
    if (peek() == '.') {
        ++at_;
        if (!digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
        ++at_;
        if (peek() == '+' || peek() == '-') ++at_;
        if (!digits()) return false;
    }
    return true;
}

bool scanner::literal(bytes_view word) {
    if (in_.substr(at_, word.size()) != word) return bad("a value is expected");
    at_ += word.size();
    return true;
}

} // namespace

status check_json(bytes_view text, const Descriptor& type) {
    if (!is_utf8(text)) return fail(errc::invalid_text);
    scanner s(text);
    if (!s.document(type)) return s.why();
    return {};
}

} // namespace cairn::session

#include "policy/text_format.hpp"

#include "core/limits.hpp"

#include <google/protobuf/io/tokenizer.h>

namespace cairn::policy {

namespace {

// Keeps the first error: those behind it are mostly its consequences.
class first_error : public google::protobuf::io::ErrorCollector {
public:
    void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& text)
        override {
        if (found_.empty()) found_ = place_text({line, column}) + ": " + text;
    }
    [[nodiscard]] const std::string& found() const { return found_; }

private:
    std::string found_;
};

} // namespace

std::string place_text(google::protobuf::TextFormat::ParseLocation at) {
    return "line " + std::to_string(at.line + 1) + ", column " + std::to_string(at.column + 1);
}

bool says_nothing(std::string_view text) {
    bool comment = false;
    for (char c : text) {
        if (c == '\n') comment = false;
        if (c == '#') comment = true;
        if (!comment && c != ' ' && c != '\t' && c != '\r' && c != '\n') return false;
    }
    return true;
}

status read_text(std::string_view text, google::protobuf::Message& into, text_places& places) {
    if (text.size() > limits::policy_bytes) {
        return fail(errc::policy_invalid, "longer than " + std::to_string(limits::policy_bytes));
    }
    first_error errors;
    google::protobuf::TextFormat::Parser parser;
    parser.RecordErrorsTo(&errors);
    parser.WriteLocationsTo(&places);
    const bool read = parser.ParseFromString(std::string(text), &into);
    // A value given twice is only a warning to the parser, and an error to us: no row may hide one.
    if (!read || !errors.found().empty()) return fail(errc::policy_invalid, errors.found());
    return {};
}

} // namespace cairn::policy

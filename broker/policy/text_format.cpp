#include "policy/text_format.hpp"

#include "core/limits.hpp"
#include "policy/nearest.hpp"

#include <google/protobuf/io/tokenizer.h>

namespace cairn::policy {

namespace {

// The parser's words for a name that nothing has hold it in quotes, a field's behind the type's:
// `has no field named "colour"`, `Unknown enumeration value of "FLAG_X" for field "when"`.
std::string meant(const std::string& error) {
    for (const char* before : {"has no field named \"", "Unknown enumeration value of \""}) {
        const auto at = error.find(before);
        if (at == std::string::npos) continue;
        const auto from = at + std::string_view(before).size();
        const auto name = nearest_name(error.substr(from, error.find('"', from) - from));
        return name.empty() ? std::string() : " Nearest: " + name + ".";
    }
    return {};
}

// Keeps the first error: those behind it are mostly its consequences.
class first_error : public google::protobuf::io::ErrorCollector {
public:
    void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& text)
        override {
        if (found_.empty()) found_ = place_text({line, column}) + ": " + text + meant(text);
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
        return fail(
            errc::policy_invalid, "longer than " + std::to_string(limits::policy_bytes) + " bytes"
        );
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

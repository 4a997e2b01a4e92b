#include "policy/text_format.hpp"

#include "core/limits.hpp"
#include "policy/nearest.hpp"

#include <google/protobuf/io/tokenizer.h>

#include <algorithm>

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

std::string place_in(
    const text_places& places, const google::protobuf::Descriptor& text, const text_spot& spot
) {
    google::protobuf::TextFormat::ParseLocation at;
    const auto* inside = &places;
    const auto* message = &text;
    if (spot.rows != nullptr) {
        const auto* rows = text.FindFieldByName(spot.rows);
        at = places.GetLocation(rows, spot.row);
        inside = places.GetTreeForNested(rows, spot.row);
        message = rows->message_type();
    }
    if (inside != nullptr && spot.field != nullptr) {
        const auto* field = message->FindFieldByName(spot.field);
        // Of a list in brackets the parser knows where it begins.
        const int begins = field->is_repeated() ? 0 : -1;
        for (const int value : {spot.value < 0 ? begins : spot.value, begins}) {
            const auto there = inside->GetLocation(field, value);
            if (there.line >= 0) return place_text(there);
        }
    }
    return place_text(at.line < 0 ? google::protobuf::TextFormat::ParseLocation(0, 0) : at);
}

std::string place_of_byte(std::string_view text, std::size_t byte) {
    const auto before = text.substr(0, byte);
    const auto line = std::count(before.begin(), before.end(), '\n');
    const auto begins = before.rfind('\n') + 1;
    return place_text({static_cast<int>(line), static_cast<int>(byte - begins)});
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
        const auto most = std::to_string(limits::policy_bytes) + " bytes";
        return fail(
            errc::policy_invalid,
            place_of_byte(text, limits::policy_bytes) + ": longer than " + most +
                ", which end here: is it the right file? If so, join rules and shorten texts"
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

#include "policy/parse.hpp"

#include "core/limits.hpp"
#include "policy/nearest.hpp"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

namespace cairn::policy {

namespace {

std::string place(int line, int column) {
    return "line " + std::to_string(line + 1) + ", column " + std::to_string(column + 1);
}

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
        if (found_.empty()) found_ = place(line, column) + ": " + text + meant(text);
    }
    [[nodiscard]] const std::string& found() const { return found_; }

private:
    std::string found_;
};

std::vector<std::string>
places_of(const google::protobuf::TextFormat::ParseInfoTree& tree, const char* field, int count) {
    const auto* descriptor = v1::Policy::descriptor()->FindFieldByName(field);
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i) {
        const auto at = tree.GetLocation(descriptor, i);
        out.push_back(place(at.line, at.column));
    }
    return out;
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

} // namespace

result<parsed> parse(std::string_view text) {
    if (says_nothing(text)) return fail(errc::policy_missing);
    if (text.size() > limits::policy_bytes) {
        return fail(
            errc::policy_invalid, "longer than " + std::to_string(limits::policy_bytes) + " bytes"
        );
    }
    parsed out;
    first_error errors;
    google::protobuf::TextFormat::ParseInfoTree tree;
    google::protobuf::TextFormat::Parser parser;
    parser.RecordErrorsTo(&errors);
    parser.WriteLocationsTo(&tree);
    const bool read = parser.ParseFromString(std::string(text), &out.policy);
    // A value given twice is only a warning to the parser, and an error to us: no row may hide one.
    if (!read || !errors.found().empty()) return fail(errc::policy_invalid, errors.found());
    out.rule_places = places_of(tree, "rules", out.policy.rules_size());
    out.routing_places = places_of(tree, "routing", out.policy.routing_size());
    out.invariant_places = places_of(tree, "invariants", out.policy.invariants_size());
    out.question_places = places_of(tree, "questions", out.policy.questions_size());
    return out;
}

} // namespace cairn::policy

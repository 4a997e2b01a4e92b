#include "intake/validate.hpp"

#include "core/limits.hpp"
#include "intake/declarations.hpp"
#include "intake/refs.hpp"
#include "intake/required.hpp"
#include "intake/walk.hpp"
#include "intake/warnings.hpp"

namespace cairn::intake {
namespace {

status check_key(std::string_view key) {
    if (key.empty()) return fail(errc::required, "key");
    if (key.size() < limits::key_bytes_min || key.size() > limits::key_bytes_max) {
        return fail(
            errc::bad_value,
            "key, " + std::to_string(limits::key_bytes_min) + " to " +
                std::to_string(limits::key_bytes_max) + " characters"
        );
    }
    for (const char c : key) {
        const bool allowed = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                             (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (!allowed) return fail(errc::bad_value, "key, [A-Za-z0-9_-] only");
    }
    return {};
}

} // namespace

result<accepted> validate(const v1::SubmitRequest& request, const review_days& days) {
    CAIRN_TRY(check_key(request.key()));
    if (!request.has_concern()) return fail(errc::required, "concern");
    return validate(request.concern(), days);
}

result<accepted> validate(const v1::Concern& concern, const review_days& days) {
    CAIRN_TRY(check_limits(concern));
    CAIRN_TRY(check_fields(concern));
    CAIRN_TRY(check_required(concern, days.today));
    CAIRN_TRY(check_declarations(concern, days));
    CAIRN_TRY(check_refs(concern));
    // What was declared first: of too many warnings the last are not told.
    accepted out{declaration_warnings(concern, days)};
    for (auto& w : warnings_of(concern, days.today)) {
        if (out.warnings.size() >= limits::warnings) break;
        out.warnings.push_back(std::move(w));
    }
    return out;
}

} // namespace cairn::intake

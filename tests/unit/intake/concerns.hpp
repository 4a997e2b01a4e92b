// Concerns with one thing changed, and what becomes of them.
#pragma once

#include "intake/validate.hpp"

#include "core/limits.hpp"
#include "support/people.hpp"

#include <catch2/catch.hpp>

#include <functional>

namespace cairn::intake::testing {

inline const review_days today = plain_review_days("2026-11-22"); // a Sunday

using change = std::function<void(v1::Concern&)>;
namespace v1 = cairn::v1;

inline v1::Concern with(const change& f) {
    v1::Concern c = test::school_concern();
    f(c);
    return c;
}

inline std::string refused(const v1::Concern& c) {
    const auto got = validate(c, today);
    if (got) return "accepted";
    const std::string where = got.error().where;
    switch (got.error().code) {
    case errc::required:
        return "required " + where;
    case errc::bad_value:
        return "bad " + where;
    case errc::too_many:
        return "many " + where;
    case errc::too_large:
        return "large " + where;
    case errc::invalid_text:
        return "text " + where;
    default:
        return "other " + where;
    }
}

inline std::string refused(const change& f) {
    return refused(with(f));
}

// "code where", or empty.
inline std::string warned(const v1::Concern& c, std::string_view code) {
    const auto got = validate(c, today);
    REQUIRE(got.has_value());
    for (const v1::Warning& w : got->warnings) {
        CHECK_FALSE(w.text().empty());
        if (w.code() == code) return w.where();
    }
    return {};
}
inline std::string warned(const change& f, std::string_view code) {
    return warned(with(f), code);
}

inline v1::Concern reply() {
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_S47);
    c.add_bases(v1::LAWFUL_BASIS_6E);
    c.mutable_acting()->set_role("social worker");
    c.mutable_acting()->set_staff_id("sw-1");
    c.set_thread(std::string(32, 'a'));
    c.set_in_reply_to(std::string(32, 'b'));
    return c;
}

} // namespace cairn::intake::testing

// Expected failures are values: result<T> holds a T or a failure.
#pragma once

#include "core/errors.hpp" // generated from errors.csv

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace cairn {

// One expected failure. The public half may be shown to the caller: the catalogue's text for `code`
// plus `where`, which names a place (a field path, a desk the caller named, a limit) and never a
// value out of a concern. `detail` is for the operator's log and never leaves the host.
struct failure {
    errc code = errc::internal;
    std::string where;
    std::string detail;
    // Zero: no advice.
    std::uint32_t retry_after_ms = 0;

    // "Text of the catalogue (where)."
    [[nodiscard]] std::string public_text() const;
    bool operator==(const failure&) const = default;
};

inline failure fail(errc code, std::string where = {}, std::string detail = {}) {
    return {code, std::move(where), std::move(detail)};
}

// Called by result::value() on a failure; a bug by our rules, so it ends the process.
[[noreturn]] void throw_exception_from_error(const failure& f, const boost::source_location& at);

template <class T>
using result = boost::system::result<T, failure>;

using status = result<void>;

} // namespace cairn

// Leaves the function with the failure of a result, or carries on with nothing.
#define CAIRN_TRY(expr)                                                                            \
    do {                                                                                           \
        if (auto cairn_try_result = (expr); !cairn_try_result) return cairn_try_result.error();    \
    } while (false)

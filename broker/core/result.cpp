#include "core/result.hpp"

#include "core/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace cairn {

std::string failure::public_text() const {
    std::string out(describe(code).text);
    if (!where.empty()) out += " (" + where + ")";
    return out;
}

void throw_exception_from_error(const failure& f, const boost::source_location& at) {
    assertion_failed(
        describe(f.code).symbol.data(),
        "value() of a failed result",
        at.file_name(),
        static_cast<int>(at.line())
    );
}

void assertion_failed(const char* condition, const char* why, const char* file, int line) {
    std::fprintf(stderr, "cairn: assertion failed: %s: %s (%s:%d)\n", condition, why, file, line);
    std::abort();
}

} // namespace cairn

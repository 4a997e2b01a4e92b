// Checks that stay on in release. A broken invariant ends the process: a broker that continues with
// wrong state would put it into the log.
#pragma once

namespace cairn {

[[noreturn]] void
assertion_failed(const char* condition, const char* why, const char* file, int line);

} // namespace cairn

#define CAIRN_ASSERT(cond, why)                                                                    \
    do {                                                                                           \
        if (!(cond)) ::cairn::assertion_failed(#cond, why, __FILE__, __LINE__);                    \
    } while (false)

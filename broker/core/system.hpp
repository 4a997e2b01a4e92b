// The machine's clock and random numbers. Programs make these once and pass them down; nothing else
// may ask the machine (tools/tidy.py bans the calls everywhere but in system.cpp).
#pragma once

#include "core/clock.hpp"

namespace cairn {

// Live until the process ends.
const clock& system_clock();
// RAND_bytes, pooled per thread in 4 KiB.
random_source& system_random();

} // namespace cairn

// The conformance run: an agency that is testing exchanges with its own desk, is refused what it
// may not do, and sees a certificate revoked under it. Synthetic data only.
#pragma once

#include "apps/cairn/program.hpp"

#include "cairn/v1/enrolment.pb.h"

#include <vector>

namespace cairn::cli {

// Each step as it was seen; the run goes on after a failure as far as it can. `main` and `probe`
// are contexts of the agency's two certificates. errc as of the first call, where none works.
result<std::vector<::cairn::v1::ConformanceStep>>
run_conformance(program& main, program& probe, const ::cairn::v1::Enrolment& row);

} // namespace cairn::cli

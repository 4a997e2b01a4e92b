// A sidecar file: what a dropped file of a foreign format cannot say, beside it under its name and
// ".toml" or ".json": "hearing.json.toml". Dropped before the file it belongs to, taken with it.
//
//   purpose = "cin17"
//   bases = ["6E"]
//   desks = ["northshire-council/front_door"]
//   role = "duty officer"
//   staff_id = "nc-0317"
//   authenticated_by = "entra-mfa"
//   risk = "need"
//   urgency = "same_day"
//
// In JSON the same keys with the same values. Strict: an unknown key is an error.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

#include "cairn/v1/concern.pb.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::agents::apps {

inline constexpr std::size_t sidecar_bytes = 64 * 1024;

// "court.json.toml", "missing.csv.json": belongs to another file and is never taken by itself.
bool is_sidecar(std::string_view name);
// The names a sidecar of `name` can have.
std::vector<std::string> sidecars_of(std::string_view name);

// Over the profile's defaults: what the sidecar says counts. errc::config_unknown_key,
// config_bad_value with "sidecar, line N: key".
result<::cairn::v1::Concern>
with_sidecar(const ::cairn::v1::Concern& defaults, std::string_view name, bytes_view content);

} // namespace cairn::agents::apps

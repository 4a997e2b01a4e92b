// What a dropped file need not say, read from [defaults] of agent.toml and from sidecar files: one
// set of keys for both.
#pragma once

#include "agents/apps/toml_values.hpp"

#include "cairn/v1/concern.pb.h"

#include <string>
#include <string_view>

namespace cairn::agents::apps {

bool is_default_key(std::string_view key);
std::string known_default_keys();

// `name`: the key alone, "purpose"; `key`: as the error names it, "defaults.purpose". What was
// there is replaced.
status read_default(
    std::string_view name,
    const toml::node& node,
    std::string_view key,
    ::cairn::v1::Concern& defaults
);

// Puts into a concern what it does not say itself. The risk level into notifications alone.
void merge_defaults(const ::cairn::v1::Concern& defaults, ::cairn::v1::Concern& c);

// The same for an answer to a notice: its purpose and its basis are always those of feedback, its
// desks are the thread's.
void merge_answer_defaults(const ::cairn::v1::ActingPerson& acting, ::cairn::v1::Concern& c);

} // namespace cairn::agents::apps

// The people and the rules of the simulated partnership: five agencies, their desks and
// certificates, and what the school has to say.
#pragma once

#include "session/call.hpp"
#include "simulation/loop.hpp"

#include "cairn/v1/exchange.pb.h"
#include "cairn/v1/notice.pb.h"
#include "cairn/v1/registry.pb.h"

#include <vector>

namespace cairn::sim {

namespace v1 = ::cairn::v1;

inline constexpr std::string_view partnership_name = "northshire.example";
inline constexpr std::string_view dsl = "oakfield/dsl";
inline constexpr std::string_view other_dsl = "riverside/dsl";
inline constexpr std::string_view mash = "northshire-police/mash";
inline constexpr std::string_view front_door = "northshire-council/front_door";
inline constexpr std::string_view allocated = "northshire-council/allocated";
inline constexpr std::string_view lado = "northshire-council/lado";
inline constexpr std::string_view named = "northshire-nhs/named";

// What TLS would say of the n-th certificate of somebody: "agency/oakfield", "admin/ops".
session::peer identity(std::string_view name, int n);
// Its row in the registry, with every kind and purpose for an agency.
v1::Certificate
certificate(std::string_view name, int n, const std::vector<std::string_view>& desks);

// Everything the partnership starts with, as one admin's changes.
std::vector<v1::RegistryChange> founding();

// A notification with some fields left out and some said otherwise, to some of the desks.
v1::SubmitRequest notification(dice& random, const std::string& key);
// Somebody at `agency` has read a notice.
v1::SubmitRequest acknowledgement(const v1::Notice& of, const std::string& key);
v1::SubmitRequest
recall(const std::string& concern_id, const std::string& thread, const std::string& key);

} // namespace cairn::sim

// cairn init --example: a school and a council who do not exist, ready to send and to receive.
#pragma once

#include "apps/cairn/founding.hpp"

#include "cairn/v1/record.pb.h"

#include <string_view>
#include <vector>

namespace cairn::cli {

namespace v1 = ::cairn::v1;

// Of the example's agencies: who sends, and the desk that is told.
constexpr const char* example_sender = "oakfield";
constexpr const char* example_receiver = "northshire-council";
constexpr const char* example_desk = "northshire-council/front_door";

// Writes a folder for each agency (certificate, context.toml, agent.toml) and concern.json, and
// adds what the registry has to know of them. The admin's vkeys and authority.pem are there.
status make_example(
    const founding& o, const certs::authority& authority, std::vector<v1::RegistryChange>& changes
);

// deploy/example/concern.json, compiled in.
std::string_view example_concern();

} // namespace cairn::cli

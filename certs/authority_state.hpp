// What an authority keeps; for the files of this module only.
#pragma once

#include "certs/authority.hpp"
#include "certs/handles.hpp"

namespace cairn::certs {

struct authority::state {
    std::string partnership;
    key_handle key;
    certificate_handle certificate;
    std::string pem;
    wall_time until;
};

} // namespace cairn::certs

// Signs what it is told, without the rules of authority::issue. For issue() itself, and for tests
// that need certificates no honest authority would make.
#pragma once

#include "certs/authority.hpp"

namespace cairn::certs::detail {

struct free_form {
    std::string request_pem;
    std::string common_name;
    std::vector<std::string> uris;
    std::vector<std::string> dns_names{};
    std::vector<std::string> ip_addresses{};
    bool for_server = false;
    bool for_client = false;
    validity valid;

    [[nodiscard]] result<std::string> sign(const authority& by, random_source& random) const;
};

} // namespace cairn::certs::detail

// The four things cairn-verify checks. Each gives a report or the first failure.
#pragma once

#include "apps/verify/report.hpp"

namespace cairn::verify_app {

struct receipt_options {
    std::string file;
    std::vector<std::string> keys;
    // Empty: the exact bytes are not at hand.
    std::string body;
};

struct consistency_options {
    std::string older;
    std::string newer;
    std::string proof;
    // None: signatures are not checked, and the report says so.
    std::vector<std::string> keys;
};

result<report> check_receipt(const receipt_options& options);
result<report> check_checkpoint(const std::string& file, const std::vector<std::string>& keys);
result<report> check_consistency(const consistency_options& options);
// A folder of C2SP tiles.
result<report> check_log(const std::string& folder, const std::vector<std::string>& keys);

} // namespace cairn::verify_app

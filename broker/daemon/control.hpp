// The broker's ear for its own host: a socket in the data folder which only the service's own user,
// or root, may reach. One line is asked, one line is answered; for what a running broker alone can
// do and no caller over the network should, such as copying keys.db for a backup.
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace cairn::daemon {

class control {
public:
    // Called on the control thread, one question at a time.
    using answer = std::function<std::string(std::string_view line)>;

    // Listens on FOLDER/control until it goes. errc::storage_read_only where the socket cannot be
    // made. The folder's lock is held by the caller: what an earlier process left is replaced.
    static result<std::unique_ptr<control>> listen(const std::string& folder, answer f);
    virtual ~control() = default;
};

// What the broker of this folder answers. errc::unavailable where none runs, deadline when it takes
// longer than `patience`.
result<std::string>
ask_control(const std::string& folder, const std::string& line, duration patience);

} // namespace cairn::daemon

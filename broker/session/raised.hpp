// A flag that is up for as long as this lives, also when an exception passes.
#pragma once

#include <utility>

namespace cairn::session {

class raised {
public:
    explicit raised(bool& flag) : flag_(flag), before_(std::exchange(flag, true)) {}
    ~raised() { flag_ = before_; }
    raised(const raised&) = delete;
    raised& operator=(const raised&) = delete;

private:
    bool& flag_;
    bool before_;
};

} // namespace cairn::session

#include "transport/places.hpp"

namespace cairn::transport {
namespace {

// An agency with many certificates has one name; without a name of its own the pin must do.
const std::string& name_of(const session::peer& who) {
    return who.uris.size() == 1 ? who.uris.front() : who.certificate_sha256;
}

failure full(std::string_view of, std::size_t limit) {
    return fail(errc::overloaded, std::string(of) + ", limit " + std::to_string(limit));
}

} // namespace

result<std::string> places::take(const session::peer& who) {
    const std::string& name = name_of(who);
    const std::lock_guard lock(mutex_);
    if (all_ >= all_max_) return full("connections", all_max_);
    std::size_t& of_this = each_[name];
    if (of_this >= each_max_) return full("connections of one identity", each_max_);
    ++of_this;
    ++all_;
    return name;
}

void places::give_back(const std::string& name) {
    const std::lock_guard lock(mutex_);
    --all_;
    const auto it = each_.find(name);
    if (--it->second == 0) each_.erase(it);
}

} // namespace cairn::transport

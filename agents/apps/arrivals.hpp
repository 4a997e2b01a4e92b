// Which files came into a folder by being renamed, as the kernel tells it: they are whole at once.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace cairn::agents::apps {

class arrivals {
public:
    // Where nothing can be watched (a network share, no watches left) nothing is ever renamed in,
    // and files are complete after the quiet time alone.
    explicit arrivals(const std::filesystem::path& folder);
    ~arrivals();
    arrivals(const arrivals&) = delete;
    arrivals& operator=(const arrivals&) = delete;

    // Names that came from another folder or from a name that is left alone, since asked last. A
    // file renamed within the folder may still be written: it is not among them.
    std::set<std::string> renamed_in();

private:
    int fd_;
};

} // namespace cairn::agents::apps

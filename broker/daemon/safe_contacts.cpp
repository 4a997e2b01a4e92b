#include "daemon/safe_contacts.hpp"

#include "policy/cell.hpp"

#include <algorithm>
#include <map>

namespace cairn::daemon {

namespace {

bool gives_as_safe(const v1::ConcernRecord& record) {
    const auto& cells = record.inputs().cells();
    return std::any_of(cells.begin(), cells.end(), [](const auto& c) {
        return policy::category_of(c.cell()) == v1::CATEGORY_CONTACT &&
               c.subject() != v1::SUBJECT_PROFESSIONAL;
    });
}

} // namespace

std::string safe_contacts::root_of(const std::string& id) const {
    for (const told& t : told_) {
        if (t.id == id) return t.root;
    }
    return id;
}

void safe_contacts::see(const v1::ConcernRecord& record) {
    if (record.kind() == v1::CONCERN_KIND_RECALL) recalled_.insert(record.in_reply_to());
    const bool corrects = record.kind() == v1::CONCERN_KIND_CORRECTION;
    const auto& root = corrects ? record.in_reply_to() : record.concern_id();
    told_.push_back({record.concern_id(), root_of(root), gives_as_safe(record)});
}

std::vector<std::string> safe_contacts::beside(const std::string& named) const {
    std::map<std::string, const told*> standing;
    for (const told& t : told_) {
        if (recalled_.count(t.id) == 0) standing[t.root] = &t;
    }
    standing.erase(root_of(named));
    std::vector<std::string> out;
    for (const told& t : told_) {
        const auto at = standing.find(t.root);
        if (at != standing.end() && at->second == &t && t.as_safe) out.push_back(t.id);
    }
    return out;
}

std::vector<v1::Warning> still_given_as_safe(const std::vector<std::string>& concerns) {
    std::vector<v1::Warning> out;
    for (const std::string& id : concerns) {
        v1::Warning& w = out.emplace_back();
        w.set_code("still_given_as_safe");
        w.set_where("concern.thread");
        w.set_text(
            "An address or contact is protected now, and concern " + id +
            " of this thread, which you sent before, gives one as safe. This correction takes "
            "nothing of that concern back: if it is the same address, correct that concern, too"
        );
    }
    return out;
}

} // namespace cairn::daemon

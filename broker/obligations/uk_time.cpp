#include "obligations/uk_time.hpp"

namespace cairn::obligations {
namespace {

using namespace std::chrono;

sys_time<microseconds> last_sunday_at_one(year y, month m) {
    return sys_days{y / m / Sunday[last]} + 1h;
}

} // namespace

sys_days uk_day(std::int64_t us) {
    const sys_time<microseconds> t{microseconds{us}};
    const year y = year_month_day{floor<days>(t)}.year();
    const bool summer = t >= last_sunday_at_one(y, March) && t < last_sunday_at_one(y, October);
    return floor<days>(summer ? t + 1h : t);
}

} // namespace cairn::obligations

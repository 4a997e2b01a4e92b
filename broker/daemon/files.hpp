// The files a configuration names, read and checked: for the start, for a reload, for --check.
#pragma once

#include "core/clock.hpp"
#include "core/crypto.hpp"
#include "daemon/config.hpp"
#include "ledger/ledger.hpp"
#include "obligations/calendar.hpp"
#include "transport/tls_files.hpp"

#include <vector>

namespace cairn::daemon {

// Secrets of a broker folder as stored by `cairn init`: 32 bytes in hex, one line, mode 0600.
result<key256> read_key(const std::string& path);

// errc::file_unreadable, file_permissions; each failure names the file.
result<transport::tls_files> read_tls(const config& c);
result<ledger::options> ledger_options(const config& c);
// The empty calendar where none is configured. errc::format_malformed names file and line.
result<obligations::calendar> read_calendar(const config& c);

// Everything a start would refuse for, without a start: opens and checks each file, changes
// nothing.
std::vector<failure> check_files(const config& c, const clock& time);

} // namespace cairn::daemon

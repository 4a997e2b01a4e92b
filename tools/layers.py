#!/usr/bin/python3
"""Checks the include arrows of docs/ARCHITECTURE.md's module table.

usage: layers.py [ROOT]

Each module may include itself, what MAY names, and the standard library. Third-party headers have
places of their own; one of a library that has none is a finding. A pure module takes no header that
reaches a file, a socket, a thread, a clock or a log, and calls nothing that asks the machine. The
exceptions are named here, one by one.
"""
import os
import re
import sys

import repo

BROKER = ("core", "registry", "policy", "redaction", "routing", "intake", "obligations",
          "merkle", "signing", "session", "ledger", "transport", "daemon", "backup", "apps")
PURE = ("core", "registry", "policy", "redaction", "routing", "intake", "obligations", "merkle",
        "signing", "session")
EVERY_BROKER_MODULE = set(BROKER) - {"backup", "apps"} | {"proto"}
AGENT_BASE = {"core", "proto", "session", "transport"}

# Module: the modules it may include beside itself.
MAY = {
    "core": set(),
    "registry": {"core", "proto"},
    "policy": {"core", "proto"},
    "redaction": {"core", "proto", "policy"},
    "routing": {"core", "proto", "policy", "registry"},
    "intake": {"core", "proto"},
    "obligations": {"core", "proto"},
    "merkle": {"core"},
    "signing": {"core", "merkle"},
    "session": {"core", "proto"},
    "ledger": {"core", "proto", "merkle", "obligations", "registry"},
    "transport": {"core", "session"},
    # certs: requests from applicants, and whose a certificate is and when it ends; of the
    # authority see FORBIDDEN.
    "daemon": EVERY_BROKER_MODULE | {"certs"},
    "backup": EVERY_BROKER_MODULE | {"certs"},
    "apps": EVERY_BROKER_MODULE | {"backup", "certs", "agents/core"},
    "certs": {"core"},
    "agents/core": AGENT_BASE | {"certs"},
    "agents/formats": AGENT_BASE | {"agents/core"},
    "agents/profiles": AGENT_BASE | {"agents/core", "agents/formats"},
    "agents/apps": AGENT_BASE | {"agents/core", "agents/formats", "agents/profiles"},
}
ANYTHING = ("tests", "bench")
# The authority's key is out of the daemon's reach: not even the code that loads it is there.
FORBIDDEN = {"daemon": {"certs/authority.hpp", "certs/authority_state.hpp", "certs/free_form.hpp"}}
# A folder narrower than its module: the offline verifier shares no code with the store it checks.
NARROW = {"broker/apps/verify/": {"apps", "core", "proto", "merkle"}}

SHELL = {"transport", "daemon", "backup", "apps", "agents/core", "agents/profiles", "agents/apps"}
# Third-party family: (modules that may include it, only inside .cpp files there).
THIRD = {
    "openssl": ({"core", "certs", "transport", "ledger", "backup"}, True),
    "libarchive": ({"apps", "backup"}, True),
    "nghttp2": ({"session"}, True),
    "sqlite3": ({"ledger"}, True),
    "asio": (SHELL, False),
    "icu": ({"redaction", "policy", "core"}, True),
    "libxml2": ({"agents/formats"}, True),
    # By core/toml.hpp alone, which says what it changes.
    "toml++": ({"core"}, False),
    "cli11": ({"apps", "daemon", "agents/apps"}, False),
    "nlohmann": ({"daemon", "backup", "apps"} | {m for m in MAY if m.startswith("agents/")}, False),
    "fmt": (set(MAY), False),
    "boost.system": (set(MAY), False),
    "catch2": (set(), True),
}
# sqlite3 is further kept out of every test but the ledger's own kinds.
SQLITE_TESTS = ("tests/unit/ledger/", "tests/simulation/", "tests/system/", "tests/support/",
                "bench/", "tests/bench/")
# The files of session that hold the HTTP/2 engine.
NGHTTP2_FILES = {"broker/session/http2_engine.cpp"}
# Standard and system headers a pure module does without.
IMPURE = re.compile(
    r"^(thread|mutex|shared_mutex|condition_variable|future|atomic|fstream|iostream|filesystem|"
    r"random|ctime|cstdlib|stdlib\.h|csignal|cstdio|stdio\.h|unistd\.h|fcntl\.h|poll\.h|"
    r"pthread\.h|signal\.h|time\.h|sys/.*|netinet/.*|arpa/.*|netdb\.h)$")
# The C library's and Linux's own. The C++ library's have neither folder nor ending.
SYSTEM = re.compile(
    r"^([a-z_0-9]+|(sys|netinet|arpa|linux)/[a-z_0-9]+\.h|(errno|fcntl|malloc|netdb|poll|pthread|pwd|"
    r"signal|spawn|stdio|stdlib|string|sysexits|termios|time|unistd)\.h)$")
# (file, header): why.
EXCEPTIONS = {
    ("broker/core/result.cpp", "cstdlib"): "an assertion that fails ends the process",
    ("broker/core/system.cpp", "ctime"): "the machine's clock, in the one place for it",
    ("broker/core/result.cpp", "cstdio"): "an assertion that fails says so on standard error",
    ("broker/core/assert.cpp", "cstdio"): "an assertion that fails says so on standard error",
}

# What asks the machine, whatever header brought it; time( not as a member's name.
ASKS = re.compile(
    r"(?<![\w.>])(?:getenv|secure_getenv|time|clock_gettime|gettimeofday|localtime(?:_r)?|mktime|"
    r"RAND_(?:priv_)?bytes|getrandom|getentropy)\s*\(")
# `session::timer time(now)` and `const clock& time() const` declare; a call follows no name.
DECLARES = re.compile(r"[\w>&*]\s+$|[&*]$")
MACHINE = "broker/core/system.cpp"

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:<([^>\n]+)>|"([^"\n]+)")', re.MULTILINE)


def module_of(path):
    parts = path.split("/")
    if parts[0] == "broker" and len(parts) > 2:
        return parts[1]
    if parts[0] == "agents" and len(parts) > 2:
        return "/".join(parts[:2])
    return parts[0]


def family_of(header):
    """The third-party family of a header, or None."""
    if header.startswith(("boost/asio", "boost/beast")):
        return "asio"
    if re.match(r"boost/(system|assert|config|throw_exception)", header):
        return "boost.system"
    if header.startswith("boost/"):
        return "asio"
    first = header.split("/")[0]
    return {
        "openssl": "openssl", "nghttp2": "nghttp2", "sqlite3.h": "sqlite3", "unicode": "icu",
        "libxml": "libxml2", "toml++": "toml++", "CLI": "cli11",
        "archive.h": "libarchive", "archive_entry.h": "libarchive",
        "nlohmann": "nlohmann", "fmt": "fmt", "catch2": "catch2",
    }.get(first)


def own_module(header):
    """The module of one of the project's own headers; None where it names no folder we know."""
    first = header.split("/")[0]
    if "/" not in header:
        return None
    if header.startswith("cairn/v1/"):
        return "proto"
    if first in BROKER or first == "certs":
        return first
    if first == "agents":
        return module_of(header)
    if first in ("support", "unit", "fuzz", "simulation", "system", "golden", "tests", "tools"):
        return "tests"
    if first == "bench":
        return "bench"
    return None


def check_third(path, module, family):
    where, cpp_only = THIRD[family]
    if family == "sqlite3" and module in ANYTHING:
        return None if path.startswith(SQLITE_TESTS) else "sqlite3 belongs to ledger and its tests"
    if module in ANYTHING:
        return None
    # The agent's outbox is a small database of its own, behind an interface.
    if family == "sqlite3" and path == "agents/core/sqlite_file.cpp":
        return None
    if module not in where:
        return f"{module} may not use {family}"
    if cpp_only and not path.endswith(".cpp"):
        return f"{family} headers stay inside .cpp files"
    if family == "nghttp2" and path not in NGHTTP2_FILES:
        return "nghttp2 stays inside the engine's files (NGHTTP2_FILES)"
    return None


def check_include(path, header, quoted):
    """Words about one include, or None where it is right."""
    module = module_of(path)
    if module not in MAY and module not in ANYTHING:
        return f"{module} has no row in the module table"
    if (path, header) in EXCEPTIONS:
        return None
    family = family_of(header)
    if family:
        return check_third(path, module, family)
    if header.startswith("google/protobuf/"):
        allowed = module in ANYTHING or "proto" in MAY[module]
        return None if allowed else f"{module} may not use proto"
    target = own_module(header)
    if target is None and quoted:
        # A test's own helpers lie beside it.
        if module in ANYTHING and "/" not in header:
            return None
        return "path from the root of broker/ or of the project, with its folder"
    if target is None and not SYSTEM.match(header):
        return f"<{header}> is of no library in THIRD: docs/DEPENDENCIES.md says how one comes in"
    if target is None:
        pure = module in PURE and IMPURE.match(header)
        return f"{module} is pure: no <{header}>" if pure else None
    for folder, only in NARROW.items():
        if path.startswith(folder) and target not in only:
            return f"{folder} may not use {target}"
    if header in FORBIDDEN.get(module, ()):
        return f"{module} may not use {header}"
    if module in ANYTHING or target == module or target in MAY[module]:
        return None
    return f"{module} may not use {target}"


def check_calls(path, text):
    """Calls of a pure module that ask the machine for something."""
    if path == MACHINE or module_of(path) not in PURE:
        return
    code = repo.code_of(text)
    for m in ASKS.finditer(code):
        before = code[:m.start()]
        if DECLARES.search(before) and not re.search(r"\b(return|else|do)\s+$", before):
            continue
        word = m.group(0).rstrip("( ")
        yield f"{path}:{repo.line_of(code, m.start())}: layers: a pure module does not call {word}()"


def check(root):
    problems = []
    paths = [p for p in repo.files(root) if p.endswith(repo.CPP)]
    for path in paths:
        text = repo.text_of(root, path)
        if text is None:
            continue
        for m in INCLUDE.finditer(text):
            header = m.group(1) or m.group(2)
            words = check_include(path, header, quoted=m.group(2) is not None)
            if words:
                problems.append(f"{path}:{repo.line_of(text, m.start(0))}: layers: {words}")
        problems += check_calls(path, text)
    return problems, len(paths)


if __name__ == "__main__":
    top = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(__file__)) or "."
    sys.exit(repo.report("layers", *check(top)))

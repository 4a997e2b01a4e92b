#!/usr/bin/python3
"""The house rules that a machine can check.

usage: tidy.py [ROOT]

Lengths of lines, files and functions, calls that only one place may make, paths of one machine,
large files and modes. Functions and files over their limit stand in tools/tidy_allowed.txt with
their present length; that list only shrinks: an entry that is no longer needed, or that its file
has outgrown, is a finding.
"""
import ast
import os
import re
import sys

import repo

COLUMNS = 100
# Python has no formatter here that could be asked to wrap.
PYTHON_COLUMNS = 120
FILE_LINES = 600
FUNCTION_LINES = 70
TEST_FUNCTION_LINES = 150
BLOB_BYTES = 200 * 1024
# One text, which is signed as one.
LARGER = {"deploy/policy/template.textproto": 256 * 1024}
ALLOWED = "tools/tidy_allowed.txt"

CODE = repo.CPP + (".py", ".proto", ".cmake", ".sh", "CMakeLists.txt")
SCRIPTS = ("dev", ".ci/run", "deploy/demo/run")
PURE = tuple(f"broker/{m}/" for m in (
    "core", "registry", "policy", "redaction", "routing", "intake", "obligations", "merkle",
    "signing", "session"))
# The checkers and their tests name what they forbid.
SELF = ("tools/tidy.py", "tests/tools/")

SYSTEM = ("broker/core/system.cpp",)
# Rule, pattern over code without comments and strings, where it is allowed (prefixes), words.
BANNED = [
    ("clock", r"\b(system|steady|high_resolution)_clock::now\b", SYSTEM,
     "time comes from cairn::clock"),
    # A test may draw its seed, which it prints.
    ("random", r"\brandom_device\b", SYSTEM + ("tests/",),
     "random numbers come from cairn::random_source"),
    ("rand", r"(?<![\w.>])s?rand\(", (), "random numbers come from cairn::random_source"),
    ("sleep", r"\bsleep_(for|until)\b|\bu?sleep\(|\bnanosleep\(", (),
     "nothing waits by sleeping"),
    ("debug-string", r"\b\w*DebugString\b", ("tests/",), "prints content"),
    ("detached", r"\basio::detached\b|\.detach\(\)", (), "every task has an owner"),
    # nghttp2's name-value pairs point at bytes it only reads; a key is wiped at its end.
    ("const-cast", r"\bconst_cast\b", ("broker/session/http2_engine.cpp", "broker/ledger/keys.cpp"),
     "say what owns and who may change"),
]
BANNED = [(rule, re.compile(pattern), ok, words) for rule, pattern, ok, words in BANNED]
THROW = re.compile(r"\bthrow\b")
UNNUMBERED = re.compile(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\))")
MACHINE = re.compile("/" + r"work/|/" + r"tmp/brief")
# CTest takes such a name for a list: two tests, neither of which is there.
TEST_NAME = re.compile(r'\bTEST_CASE(?:_METHOD)?\([^"{]*"([^"]*);')
LAMBDA = re.compile(r"(?:^|[(,=]|return)\s*\[[^\]\[]+\]\s*(?:\(|\{|mutable|->|<)")


def lines_of(text):
    return text.split("\n")


def check_lines(path, text):
    python = path.endswith(".py") or text.startswith("#!/usr/bin/python3")
    allowed = PYTHON_COLUMNS if python else COLUMNS
    for n, line in enumerate(lines_of(text), 1):
        # A field's options stand on its own line of the schema.
        if len(line) > allowed and not path.endswith(".proto"):
            yield n, "columns", f"{len(line)} columns, {allowed} allowed"
        if line != line.rstrip():
            yield n, "space", "white space at the end"
    if text and not text.endswith("\n"):
        yield len(lines_of(text)), "newline", "the last line has no end"


def check_calls(path, text):
    code = repo.code_of(text)
    for rule, pattern, allowed, words in BANNED:
        if path.startswith(allowed):
            continue
        for m in pattern.finditer(code):
            yield repo.line_of(code, m.start()), rule, words
    if path.startswith(PURE):
        for m in THROW.finditer(code):
            yield repo.line_of(code, m.start()), "throw", "a failure is a value here"
    for m in re.finditer(r"\bco_spawn\(", code):
        end = repo.closing(code, m.end() - 1)
        inner = LAMBDA.search(code, m.end(), end if end > 0 else len(code))
        if inner or LAMBDA.search("(" + code[m.end():end]):
            yield (repo.line_of(code, m.start()), "co-spawn",
                   "name the lambda first: g++ 12 destroys it twice when written here")


SCOPE = re.compile(
    r'^(?:\[\[.*?\]\]|inline|static|constexpr|export|typedef|extern|""|\s)*'
    r"(?:namespace|class|struct|union|enum)\b")


def without_templates(header):
    """The text after `template <...>`, whose arguments may say class."""
    header = header.strip()
    while header.startswith("template"):
        i = header.find("<")
        depth = 0
        for j in range(i, len(header)):
            depth += {"<": 1, ">": -1}.get(header[j], 0)
            if depth == 0:
                break
        header = header[j + 1:].strip()
    return header


def kind_of(header):
    """What a brace opens outside functions: scope, function, initialiser in a list, or data."""
    header = without_templates(re.sub(r"(?m)^\s*#.*$", "", header))
    if SCOPE.match(header) and not re.search(r"\)\s*(const|noexcept|override|final)*\s*$", header):
        return "scope", ""
    if "(" not in header or header.count("(") != header.count(")"):
        return "data", ""
    if re.search(r"\)\s*(noexcept)?\s*:(?!:).*[\w>]\s*$", header, re.DOTALL):
        return "initialiser", ""
    if re.search(r"(?<![=!<>])=\s*[\w:<>]*$", header):
        return "data", ""
    name = re.search(r"([~\w:]+|operator\s*\S{1,3})\s*\(", header)
    return "function", name.group(1) if name else "?"


def functions(code):
    """(name, first line, lines) of every function body in code without comments and strings."""
    stack = []
    header_start = 0
    for m in re.finditer(r"[{};]", code):
        i, c = m.start(), m.group(0)
        inside = any(kind in ("function", "data") for kind, _, _ in stack)
        if c == "{":
            kind, name = ("block", "") if inside else kind_of(code[header_start:i])
            stack.append((kind, name, i))
            if kind != "initialiser":
                header_start = i + 1
        elif c == "}" and stack:
            kind, name, start = stack.pop()
            if kind == "function":
                first = repo.line_of(code, start)
                yield name, first, repo.line_of(code, i) - first + 1
            if kind != "initialiser":
                header_start = i + 1
        elif c == ";" and not (stack and stack[-1][0] == "initialiser"):
            header_start = i + 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def long_parts(path, text):
    """(key, line, length, limit) of the file and its functions over their limit."""
    count = text.count("\n")
    if count > FILE_LINES:
        yield path, 1, count, FILE_LINES
    if path.endswith(repo.CPP):
        found = functions(repo.code_of(text))
    elif path.endswith(".py"):
        found = python_functions(text)
    else:
        return
    limit = TEST_FUNCTION_LINES if path.startswith("tests/") else FUNCTION_LINES
    for name, line, length in found:
        if length > limit:
            yield f"{path}:{name}", line, length, limit


def allowed_lengths(root):
    out = {}
    if os.path.exists(os.path.join(root, ALLOWED)):
        for line in lines_of(repo.text_of(root, ALLOWED)):
            if line and not line.startswith("#"):
                key, length = line.rsplit(" ", 1)
                out[key] = int(length)
    return out


def check_lengths(sources, allowed):
    """Ratchet: over the limit only as the list says, and the list has no slack."""
    unused = dict(allowed)
    for path, text in sources:
        for key, line, length, limit in long_parts(path, text):
            unused.pop(key, None)
            most = allowed.get(key, limit)
            if length > most:
                yield f"{path}:{line}: length: {key} has {length} lines, {most} allowed"
            elif length < most:
                yield f"{ALLOWED}:1: length: {key} has {length} lines now, lower its entry"
    for key in unused:
        yield f"{ALLOWED}:1: length: {key} needs no entry any more, remove it"


def check_file(root, path):
    full = os.path.join(root, path)
    size = os.path.getsize(full)
    allowed = LARGER.get(path, BLOB_BYTES)
    if size > allowed:
        yield 1, "blob", f"{size} bytes, {allowed} allowed"
    with open(full, "rb") as f:
        script = f.read(2) == b"#!"
    executable = os.access(full, os.X_OK) and os.stat(full).st_mode & 0o111
    if executable and not script:
        yield 1, "mode", "executable, but no script"
    if path in SCRIPTS and not executable:
        yield 1, "mode", "people call this: it must be executable"


def check_text(path, text):
    if not path.startswith(SELF):
        for m in MACHINE.finditer(text):
            yield repo.line_of(text, m.start()), "machine-path", "a path of one machine"
    if not path.endswith(CODE) and path not in SCRIPTS:
        return
    yield from check_lines(path, text)
    if not path.startswith(SELF):
        for m in UNNUMBERED.finditer(text):
            yield repo.line_of(text, m.start()), "todo", "needs its issue: (#12) behind it"
    if path.endswith(repo.CPP):
        yield from check_calls(path, text)
        for m in TEST_NAME.finditer(text):
            yield repo.line_of(text, m.start()), "test-name", "a semicolon makes two tests of it"


def check(root):
    problems, sources = [], []
    paths = repo.files(root)
    for path in paths:
        findings = list(check_file(root, path))
        text = repo.text_of(root, path)
        if text is not None:
            findings += check_text(path, text)
            if path.endswith(CODE):
                sources.append((path, text))
        problems += [f"{path}:{line}: {rule}: {words}" for line, rule, words in findings]
    problems += check_lengths(sources, allowed_lengths(root))
    return problems, len(paths)


if __name__ == "__main__":
    top = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(__file__)) or "."
    sys.exit(repo.report("tidy", *check(top)))

"""What the checkers share: the files of the project and C++ text without comments and strings."""
import os
import re
import subprocess

CPP = (".hpp", ".cpp")
SKIPPED_FOLDERS = {"build", "out", "node_modules", "__pycache__", ".git"}


def files(root):
    """Tracked files that exist, as paths from root; every file where root is no checkout's top."""
    if os.path.exists(os.path.join(root, ".git")):
        try:
            listed = subprocess.run(
                ["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z"],
                check=True, capture_output=True, text=True).stdout
            found = [p for p in listed.split("\0") if p]
            return sorted(p for p in found if os.path.isfile(os.path.join(root, p)))
        except (OSError, subprocess.CalledProcessError):
            pass
    found = []
    for folder, below, names in os.walk(root):
        below[:] = [b for b in below if b not in SKIPPED_FOLDERS]
        found += [os.path.relpath(os.path.join(folder, n), root) for n in names]
    return sorted(found)


def text_of(root, path):
    """None for what is not UTF-8 text."""
    with open(os.path.join(root, path), "rb") as f:
        raw = f.read()
    if b"\0" in raw:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


_NOISE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^()\\\s]{0,16})\(.*?\)(?P=d)"'
    r'|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'',
    re.DOTALL)


def _blank(match):
    inside = match.group(0)
    newlines = "\n" * inside.count("\n")
    return newlines if inside.startswith("/") else '""' + newlines


def code_of(text):
    """C++ without comments, strings as "" and characters as ""; line numbers stay."""
    return _NOISE.sub(_blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def closing(text, start):
    """Offset of the bracket that closes the one at start; -1 where there is none."""
    pairs = {"(": ")", "{": "}", "[": "]"}
    stack = []
    for i in range(start, len(text)):
        c = text[i]
        if c in pairs:
            stack.append(pairs[c])
        elif stack and c == stack[-1]:
            stack.pop()
            if not stack:
                return i
    return -1


def report(name, problems, count):
    """Prints findings as path:line: rule: words; the exit code."""
    for p in problems:
        print(p)
    print(f"{name}: {count} files, {len(problems)} findings")
    return 1 if problems else 0

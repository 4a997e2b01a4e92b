#!/usr/bin/python3
"""Manual pages out of what the programs say to --help (tests/golden/help_*.txt, which a test holds to
the programs).

usage: manpages.py GOLDEN_FOLDER OUT_FOLDER VERSION
"""
import gzip
import pathlib
import re
import sys

PAGES = {"cairn": 1, "cairn-verify": 1, "cairn-agent": 8, "cairnd": 8}
SEE_ALSO = "The full documentation is in /usr/share/doc/cairn-broker, cairn-agent and cairn-tools."


def sections(text):
    """[(command line, what it says)] of a golden file."""
    parts = re.split(r"(?m)^\$ (.*) --help\n", text)[1:]
    return list(zip(parts[::2], parts[1::2]))


def quoted(text):
    """Verbatim in troff: a dot at a line's beginning is no request, a hyphen is a minus."""
    lines = text.replace("\\", r"\e").replace("-", r"\-").splitlines()
    return "\n".join(r"\&" + line if line[:1] in (".", "'") else line for line in lines)


def page(program, section, text, version):
    found = sections(text)
    purpose = " ".join(found[0][1].partition("\nUsage:")[0].split()).rstrip(".")
    out = [f'.TH {program.upper()} {section} "" "Cairn {version}" "Cairn"',
           ".SH NAME", quoted(f"{program} - {purpose}").replace(r" \- ", r" \- ", 1), ".SH USAGE"]
    for command, said in found:
        if len(found) > 1:
            out.append(f'.SS "{quoted(command)}"')
        out += [".nf", quoted(said.rstrip()), ".fi"]
    return "\n".join([*out, ".SH SEE ALSO", quoted(SEE_ALSO), ""])


def main(golden, out, version):
    folder = pathlib.Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    for program, section in PAGES.items():
        text = (pathlib.Path(golden) / f"help_{program}.txt").read_text()
        raw = page(program, section, text, version).encode()
        # No time in it: the same text is the same file.
        (folder / f"{program}.{section}.gz").write_bytes(gzip.compress(raw, mtime=0))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])

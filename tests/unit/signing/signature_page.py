#!/usr/bin/python3
"""Computes the worked example of docs/formats/policy-signature.md again from what the page says.

usage: signature_page.py docs/formats/policy-signature.md

Shares no code with the product: hashes by Python, signatures by the openssl program.
"""
import base64
import hashlib
import pathlib
import re
import subprocess
import sys
import tempfile

# RFC 8410: an Ed25519 seed as PKCS #8, and a public key as SubjectPublicKeyInfo.
PRIVATE = bytes.fromhex("302e020100300506032b657004220420")
TEXT = b'version: "2026-11"\n'
SEEDS = {"author": bytes(range(32)), "officer": bytes(range(32, 64))}


def openssl(folder, seed, *words, message=b""):
    key, file = folder / "key.der", folder / "message"
    key.write_bytes(PRIVATE + seed)
    file.write_bytes(message)
    words = [w.replace("KEY", str(key)).replace("MESSAGE", str(file)) for w in words]
    return subprocess.run(["openssl", *words], capture_output=True, check=True).stdout


def public(folder, seed):
    return openssl(folder, seed, "pkey", "-inform", "DER", "-in", "KEY", "-pubout", "-outform", "DER")[-32:]


def signature(folder, seed, message):
    return openssl(folder, seed, "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", "KEY",
                   "-in", "MESSAGE", message=message)


def key_id(name, key):
    return hashlib.sha256(name.encode() + b"\n\x01" + key).digest()[:4]


def same(what, computed, shown):
    if computed != shown:
        sys.exit(f"{what}: computed {computed!r}, the page says {shown!r}")


def check(page, folder):
    block = {k: v for k, v in re.findall(r"```(\w+)\n(.*?)```", page, re.S)}
    signers = dict(line.split(" ", 1) for line in block["signers"].splitlines())
    statement = (f"northshire.example/policy\nversion 2026-11\n"
                 f"sha256 {hashlib.sha256(TEXT).hexdigest()}\nsigned by author and officer\n")
    note = statement + "\n"
    for part, seed in SEEDS.items():
        name = signers[part].split("+")[0]
        key = public(folder, seed)
        same(f"key of the {part}", f"{name}+{key_id(name, key).hex()}+{base64.b64encode(bytes([1]) + key).decode()}",
             signers[part])
        made = key_id(name, key) + signature(folder, seed, statement.encode())
        note += f"\u2014 {name} {base64.b64encode(made).decode()}\n"
    same("the note", note, block["note"])
    same("length of the text", len(TEXT), 19)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        check(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"), pathlib.Path(place))
    print("the page is right")

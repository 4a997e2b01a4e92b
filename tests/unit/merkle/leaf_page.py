#!/usr/bin/python3
"""Computes the worked example of docs/formats/leaf.md again from the page's tables alone.

usage: leaf_page.py docs/formats/leaf.md

Shares no code with the product. The signature is left to others; everything hashed is checked.
"""
import base64
import hashlib
import re
import struct
import sys


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def leaf(data):
    return sha(b"\0", data)


def root(hashes):
    if not hashes:
        return sha()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha(b"\1", root(hashes[:k]), root(hashes[k:]))


def climb(hash_, index, count, path):
    """The root a path leads to, by recursion from the top."""
    if count == 1:
        assert not path
        return hash_
    k = 1
    while 2 * k < count:
        k *= 2
    if index < k:
        return sha(b"\1", climb(hash_, index, k, path[:-1]), path[-1])
    return sha(b"\1", path[-1], climb(hash_, index - k, count - k, path[:-1]))


def block(page, info):
    return re.search("```" + info + "\n(.*?)```", page, re.S).group(1)


def same(what, computed, shown):
    if computed != shown:
        sys.exit(f"{what}: computed {computed.hex()}, the page says {shown.hex()}")


def check_parties(v, seed):
    hashes = []
    for i, party in enumerate([b"oakfield", b"northshire-council/front_door",
                               b"northshire-police/mash"]):
        n = struct.pack(">I", i)
        same("salt", sha(b"\3", seed, n)[:16], v[f"entry_salt_{i}"])
        same("randomness", sha(b"\5", seed, n), v[f"randomness_{i}"])
        same("commitment", sha(b"\2", v[f"randomness_{i}"], v[f"exact_bytes_{i}"]),
             v[f"commitment_{i}"])
        part, seq, previous = (1, 1, bytes(32)) if i == 0 else (2, 1, bytes(32))
        if i == 2:
            seq, previous = 2, leaf(b"an earlier entry")
        entry = (bytes([1, part]) + v[f"entry_salt_{i}"] + bytes([len(party)]) + party +
                 struct.pack(">Q", seq) + previous + v[f"commitment_{i}"])
        same("entry", entry, v[f"entry_{i}"])
        same("entry hash", leaf(entry), v[f"entry_hash_{i}"])
        hashes.append(leaf(entry))
    hashes += [sha(b"\4", seed, struct.pack(">I", i)) for i in range(3, 8)]
    same("padding", hashes[3], v["padding_3"])
    same("padding", hashes[7], v["padding_7"])
    same("entries root", root(hashes), v["entries_root"])


def check_fields(v, seed):
    one = 0xffffffff
    fields = [([(3, 0), (2, one)], b"Robin"), ([(7, one)], b"late and hungry")]
    leaves = []
    for i, (steps, value) in enumerate(fields):
        path = b"".join(struct.pack(">II", *s) for s in steps)
        same("salt", sha(b"\6", seed, struct.pack(">I", i))[:16], v[f"field_salt_{i}"])
        data = b"\1" + v[f"field_salt_{i}"] + struct.pack(">H", len(path)) + path + value
        same("field", data, v[f"field_{i}"])
        leaves.append(leaf(data))
    same("body root", root(leaves), v["body_root"])


def check_leaf(v):
    decided = 1767225600000000
    data = (bytes([1, 1]) + struct.pack(">QQ", decided + 2500, decided) + leaf(b"a policy") +
            struct.pack(">Q", 42) + v["entries_root"] + v["body_root"])
    assert len(data) == 122
    same("leaf", data, v["leaf"])
    same("leaf hash", leaf(data), v["leaf_hash"])


def check_receipt(v, text):
    proof, note = text.split("\n\n", 1)
    lines = proof.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    extra = base64.b64decode(lines[1].removeprefix("extra "), validate=True)
    same("extra", extra, v["extra"])
    index = int(lines[2].removeprefix("index "))
    path = [base64.b64decode(x, validate=True) for x in lines[3:]]
    origin, size, head = note.split("\n")[:3]
    assert origin == v["vkey"].split("+")[0]
    same("root", climb(v["leaf_hash"], index, int(size), path), base64.b64decode(head))
    entry, own = v["entry_0"], [extra[-32 * k:len(extra) - 32 * (k - 1)] for k in (4, 3, 2)]
    same("extra's parts", b"\1" + struct.pack(">H", 122) + v["leaf"] +
         struct.pack(">H", len(entry)) + entry + struct.pack(">HH", 0, 8) + b"".join(own) +
         v["randomness_0"], extra)
    same("entry path", climb(v["entry_hash_0"], 0, 8, own), v["entries_root"])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as f:
        page = f.read()
    pairs = dict(line.split(" ", 1) for line in block(page, "vector").splitlines())
    v = {k: x if k == "vkey" else bytes.fromhex(x) for k, x in pairs.items()}
    check_parties(v, v["seed"])
    check_fields(v, v["seed"])
    check_leaf(v)
    check_receipt(v, block(page, "receipt"))


if __name__ == "__main__":
    main()

"""The foreign gRPC client: python3-grpcio with stubs generated from proto/ when the tests run."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import sys
import tempfile

import harness

PROTO = harness.ROOT / "proto"


def compile_schema(out):
    """Messages by protoc. Debian's grpc_tools carries a protoc too old for `optional`, but its
    stub generator is good: it gets the schema already parsed."""
    from grpc_tools import protoc

    files = sorted(str(f.relative_to(PROTO)) for f in (PROTO / "cairn" / "v1").glob("*.proto"))
    parsed = out / "schema.binpb"
    done = harness.run(
        ["protoc", f"-I{PROTO}", f"--python_out={out}", "--include_imports",
         f"--descriptor_set_out={parsed}", *files]
    )
    if done.code != 0:
        raise RuntimeError(f"protoc refuses the schema: {done}")
    code = protoc.main(
        ["protoc", f"--descriptor_set_in={parsed}", f"--grpc_python_out={out}", *files]
    )
    if code != 0:
        raise RuntimeError("grpc_tools makes no stubs")


def generate_stubs():
    """Folder with the stubs of the schema as it is now; made once per state of the schema."""
    files = sorted((PROTO / "cairn" / "v1").glob("*.proto"))
    state = hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:16]
    out = harness.SCRATCH / f"python-{state}"
    # Test modules run side by side.
    with open(harness.SCRATCH / "python.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not out.exists():
            draft = pathlib.Path(tempfile.mkdtemp(dir=harness.SCRATCH))
            try:
                compile_schema(draft)
                os.rename(draft, out)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    return out


sys.path.insert(0, str(generate_stubs()))

import grpc  # noqa: E402
from cairn.v1 import admin_pb2, audit_pb2, concern_pb2, exchange_pb2, notice_pb2  # noqa: E402
from cairn.v1 import policy_versions_pb2, registry_pb2  # noqa: E402
from cairn.v1 import admin_pb2_grpc, audit_pb2_grpc, exchange_pb2_grpc  # noqa: E402
from google.protobuf import json_format  # noqa: E402

ex = exchange_pb2

__all__ = [
    "admin_pb2", "audit_pb2", "concern_pb2", "ex", "grpc", "notice_pb2", "policy_versions_pb2",
    "registry_pb2",
]


def concern(sample):
    return json_format.ParseDict(sample, concern_pb2.Concern())


def submit_request(key, sample, **more):
    return ex.SubmitRequest(key=key, concern=concern(sample), **more)


def channel(partnership, who, files=None):
    certificate, key, authority = files or partnership.files(who)
    credentials = grpc.ssl_channel_credentials(
        authority.read_bytes(), key.read_bytes(), certificate.read_bytes()
    )
    return grpc.secure_channel(
        f"127.0.0.1:{partnership.port}", credentials,
        options=[
            ("grpc.ssl_target_name_override", "localhost"),
            ("grpc.enable_retries", 0),
            # One connection a channel, whoever else talks to the same address.
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.max_receive_message_length", 16 * 1024 * 1024),
        ],
    )


class Client:
    """A channel with the stubs on it; close it or use it in `with`."""

    def __init__(self, partnership, who, files=None):
        self.channel = channel(partnership, who, files)
        self.exchange = exchange_pb2_grpc.ExchangeStub(self.channel)
        self.admin = admin_pb2_grpc.AdminStub(self.channel)
        self.audit = audit_pb2_grpc.AuditStub(self.channel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.channel.close()

    def raw(self, path):
        """A unary call with bytes as they go over the wire."""
        return self.channel.unary_unary(path, lambda b: b, lambda b: b)

    def raw_stream(self, path):
        return self.channel.unary_stream(path, lambda b: b, lambda b: b)

    def submit(self, key, sample, **more):
        return self.exchange.Submit(
            submit_request(key, sample, **more), timeout=harness.PATIENCE_S
        )

    def receive(self, desk, after=0, credit=0, proofs=False):
        """A Receive call that ends by itself, so that a test that waits for nothing fails."""
        return self.exchange.Receive(
            ex.ReceiveRequest(
                desk=desk, after=after, max_unconfirmed=credit, with_proofs=proofs
            ),
            timeout=harness.PATIENCE_S,
        )

    def confirm(self, desk, *positions):
        return self.exchange.Confirm(
            ex.ConfirmRequest(desk=desk, positions=positions), timeout=harness.PATIENCE_S
        ).confirmed

    def inbox(self, desk):
        """Everything that waits at a desk, page by page."""
        out, after = [], 0
        while True:
            page = self.exchange.Fetch(
                ex.FetchRequest(desk=desk, after=after, max_notices=256),
                timeout=harness.PATIENCE_S,
            )
            out += page.deliveries
            if not page.more:
                return out
            after = page.deliveries[-1].position


def take(call, count):
    """The first `count` messages of a stream."""
    out = []
    while len(out) < count:
        out.append(next(call))
    return out


def trailers(error):
    return {k: v for k, v in error.trailing_metadata() or ()}


@contextlib.contextmanager
def refusal(case, code, symbol=None):
    """Asserts that the call in the block ends with this status, named by this symbol."""
    holder = []
    try:
        yield holder
    except grpc.RpcError as e:
        holder.append(e)
        case.assertEqual(e.code(), code, f"{e.code()} {e.details()}")
        if symbol is not None:
            found = trailers(e)
            case.assertEqual(found.get("cairn-error"), symbol, e.details())
            case.assertTrue(found.get("cairn-error-number", "").isdigit())
            case.assertTrue(found.get("cairn-next-step"))
        return
    case.fail(f"not refused; expected {symbol or code}")


# -- exact bytes


def fields(message):
    """(number, bytes) of the length-delimited fields of an encoded message, others skipped."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        kind = tag & 7
        if kind == 0:
            varint()
        elif kind == 1:
            at += 8
        elif kind == 5:
            at += 4
        else:
            size = varint()
            yield tag >> 3, message[at : at + size]
            at += size


def field(message, number):
    """The bytes of the only such field."""
    found = [value for n, value in fields(message) if n == number]
    if len(found) != 1:
        raise AssertionError(f"field {number} occurs {len(found)} times")
    return found[0]

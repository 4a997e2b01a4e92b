#!/usr/bin/python3
"""One concern there and back, by gRPC: submit it, receive it, confirm it, acknowledge it.

usage: exchange.py BROKER SENDER RECEIVER DESK CONCERN.json STATE

BROKER    host:port
SENDER    folder of the agency that sends: client.pem, client.key, authority.pem
RECEIVER  the same of the agency whose desk receives
DESK      the desk, AGENCY/ROLE
STATE     a folder that outlives this program: the key of what is being sent, how far the desk has
          received, the notices

Started again after a crash at any point it sends nothing twice and loses nothing.
"""

import json
import pathlib
import random
import sys
import time
import uuid

import grpc
from cairn.v1 import concern_pb2, exchange_pb2, exchange_pb2_grpc
from google.protobuf import json_format

# docs/ERRORS.md, "try again": of anything else a repeat would say the same.
TRY_AGAIN = {1003, 1004, 1006, 1007, 1300, 1301, 1402, 1403}
CALL_S = 20


def connect(broker, folder):
    certificates = [(folder / f).read_bytes() for f in ("authority.pem", "client.key", "client.pem")]
    options = [("grpc.enable_retries", 0), ("grpc.max_receive_message_length", 16 << 20)]
    channel = grpc.secure_channel(broker, grpc.ssl_channel_credentials(*certificates), options)
    return exchange_pb2_grpc.ExchangeStub(channel)


def trailer(error, name):
    return dict(error.trailing_metadata() or ()).get(name, "")


def number_of(error):
    """The broker's number of a refusal; 0: no answer came from a broker, the connection failed."""
    return int(trailer(error, "cairn-error-number") or 0)


def may_repeat(error):
    number = number_of(error)
    if number:
        return number in TRY_AGAIN
    lost = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED,
            grpc.StatusCode.CANCELLED, grpc.StatusCode.INTERNAL)
    return error.code() in lost


def wait(attempt, error):
    """What the broker advises, or doubling from 0.2 s to 30 s; never all clients at one time."""
    advised = int(trailer(error, "cairn-retry-after-ms") or 0) / 1000
    print(f"trying again: {error.code().name}", file=sys.stderr)
    time.sleep(max(advised, random.uniform(0.5, 1) * min(30, 0.2 * 2**attempt)))


def repeated(call, attempts=8):
    """The answer of call(), tried again as long as a repeat may help."""
    for attempt in range(attempts):
        try:
            return call()
        except grpc.RpcError as error:
            if attempt == attempts - 1 or not may_repeat(error):
                raise
            wait(attempt, error)


def replace(path, text):
    """Whole or not at all."""
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.rename(path)


def kept(path, make):
    """What the file holds, made and written on the first time."""
    if not path.exists():
        replace(path, make())
    return path.read_text()


def submit(exchange, concern, state, name):
    """The key is on disk before the first try: a repeat of it answers with the same receipt, and a
    concern is never there twice, however often the connection breaks."""
    key = kept(state / f"{name}.key", lambda: str(uuid.uuid4()))
    request = exchange_pb2.SubmitRequest(key=key, concern=concern)
    answer = repeated(lambda: exchange.Submit(request, timeout=CALL_S))
    replace(state / f"{name}.tlog-proof", answer.receipt)
    return answer


def deliveries(exchange, desk, position_file):
    """Every notice of the desk from where the last run stopped, over as many connections as it
    takes. Ends when the caller stops asking."""
    attempt = 0
    while True:
        after = int(position_file.read_text()) if position_file.exists() else 0
        try:
            for delivery in exchange.Receive(
                exchange_pb2.ReceiveRequest(desk=desk, after=after, max_unconfirmed=64)
            ):
                attempt = 0
                yield delivery
        except grpc.RpcError as error:
            if attempt == 8 or not may_repeat(error):
                raise
            wait(attempt, error)
            attempt += 1


def confirm(exchange, desk, position):
    request = exchange_pb2.ConfirmRequest(desk=desk, positions=[position])
    repeated(lambda: exchange.Confirm(request, timeout=CALL_S))


def receive(exchange, desk, concern_id, state):
    """Stores what comes, confirms what is stored, until the concern's notice is there."""
    for stored in state.glob("[0-9]*.json"):
        if json.loads(stored.read_text())["concernId"] == concern_id:
            # An earlier run stored it, and may have ended before it confirmed: a repeat does no harm.
            confirm(exchange, desk, int(stored.stem))
            return int(stored.stem)
    position_file = state / "position"
    for delivery in deliveries(exchange, desk, position_file):
        if not delivery.withdrawn:
            replace(state / f"{delivery.position}.json", json_format.MessageToJson(delivery.notice))
        # Stored first, confirmed second: a crash in between brings it again, never loses it.
        confirm(exchange, desk, delivery.position)
        replace(position_file, str(delivery.position))
        if delivery.notice.concern_id == concern_id:
            return delivery.position
    raise AssertionError("a stream of notices does not end")


def acknowledgement(concern_id, thread):
    """A named person has read it: this meets the obligation, the confirmation did not."""
    return json_format.ParseDict({
        "purpose": "PURPOSE_FEEDBACK",
        "bases": ["LAWFUL_BASIS_6E"],
        "acting": {"role": "duty social worker", "staffId": "nc-204", "authenticatedBy": "entra-mfa"},
        "thread": thread,
        "inReplyTo": concern_id,
        "acknowledgement": {},
    }, concern_pb2.Concern())


def refused(exchange, concern):
    """What a refusal says: the number to act on, where, and what to do next."""
    broken = concern_pb2.Concern()
    broken.CopyFrom(concern)
    broken.ClearField("acting")
    try:
        exchange.Submit(
            exchange_pb2.SubmitRequest(key=str(uuid.uuid4()), concern=broken), timeout=CALL_S
        )
    except grpc.RpcError as error:
        return number_of(error), error.details()
    raise AssertionError("the broker took a concern without an acting person")


def main(broker, sender, receiver, desk, concern_file, state):
    state = pathlib.Path(state)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    concern = json_format.Parse(pathlib.Path(concern_file).read_text(), concern_pb2.Concern())
    school = connect(broker, pathlib.Path(sender))
    council = connect(broker, pathlib.Path(receiver))

    sent = submit(school, concern, state, "concern")
    position = receive(council, desk, sent.concern_id, state)
    submit(council, acknowledgement(sent.concern_id, sent.thread), state, "acknowledgement")
    track = repeated(lambda: school.Track(
        exchange_pb2.TrackRequest(concern_id=sent.concern_id), timeout=CALL_S
    ))
    number, words = refused(school, concern)
    print(json.dumps({
        "concernId": sent.concern_id,
        "position": str(position),
        "acknowledged": [d.desk for d in track.desks if d.acknowledged_at_us],
        "refusedNumber": number,
        "refusedWords": words,
    }))


if __name__ == "__main__":
    if len(sys.argv) != 7:
        sys.exit(__doc__)
    main(*sys.argv[1:])

"""A stock gRPC library (python3-grpcio) against the broker: calls, streams, credit, refusals."""

import threading

import harness
import samples
import wire
from samples import FRONT_DOOR, MASH, NAMED
from wire import ex, grpc

CODE = grpc.StatusCode


class calls(harness.SystemTest):
    """Unary calls and their refusals."""

    def test_submit_receive_confirm(self):
        with wire.Client(self.p, "oakfield") as school, wire.Client(
            self.p, "northshire-council"
        ) as council:
            sent = school.submit("grpc-key-0001", samples.small())
            self.assertRegex(sent.concern_id, "^[0-9a-f]{32}$")
            self.assertEqual(list(sent.told), [FRONT_DOOR])
            call = council.receive(FRONT_DOOR)
            got = next(d for d in call if d.notice.concern_id == sent.concern_id)
            self.assertEqual(got.notice.desk, FRONT_DOOR)
            self.assertEqual(got.notice.sender, "oakfield")
            self.assertGreater(got.acknowledge_by_us, got.recorded_at_us)
            self.assertEqual(council.confirm(FRONT_DOOR, got.position), 1)
            call.cancel()
            self.assertNotIn(got.position, [d.position for d in council.inbox(FRONT_DOOR)])
            # A confirm that is repeated is the same confirm.
            self.assertEqual(council.confirm(FRONT_DOOR, got.position), 1)

    def test_track_explain_preview_and_desks(self):
        with wire.Client(self.p, "oakfield") as c:
            sent = c.submit("grpc-key-0002", samples.small([MASH]))
            track = c.exchange.Track(ex.TrackRequest(concern_id=sent.concern_id), timeout=10)
            self.assertEqual(track.receipt, sent.receipt)
            self.assertEqual(track.desks[0].state, ex.TrackResponse.STATE_PENDING)
            why = c.exchange.Explain(ex.ExplainRequest(concern_id=sent.concern_id), timeout=10)
            self.assertEqual([d.desk for d in why.desks], [MASH])
            shown = c.exchange.Preview(
                ex.PreviewRequest(concern=wire.concern(samples.small([MASH, NAMED]))), timeout=10
            )
            self.assertEqual({d.desk for d in shown.desks}, {MASH, NAMED})
            desks = c.exchange.ListDesks(ex.ListDesksRequest(), timeout=10).desks
            self.assertEqual(len(desks), len(harness.DESKS))

    def test_a_returned_notice_leaves_the_inbox(self):
        with wire.Client(self.p, "oakfield") as school, wire.Client(
            self.p, "northshire-health"
        ) as nurse:
            sent = school.submit("grpc-key-0003", samples.small([NAMED]))
            row = [d for d in nurse.inbox(NAMED) if d.notice.concern_id == sent.concern_id][0]
            done = nurse.exchange.Return(
                ex.ReturnRequest(
                    desk=NAMED, position=row.position, reason=ex.ReturnRequest.REASON_WRONG_DESK
                ),
                timeout=10,
            )
            self.assertIn("— ", done.receipt)
            self.assertNotIn(row.position, [d.position for d in nurse.inbox(NAMED)])
            with wire.refusal(self, CODE.FAILED_PRECONDITION, "already_settled"):
                nurse.confirm(NAMED, row.position)
            track = school.exchange.Track(ex.TrackRequest(concern_id=sent.concern_id), timeout=10)
            self.assertEqual(track.desks[0].state, ex.TrackResponse.STATE_RETURNED)
        self.assert_conserved()

    def test_an_unknown_position_is_refused_alone(self):
        with wire.Client(self.p, "northshire-health") as nurse:
            with wire.refusal(self, CODE.NOT_FOUND, "unknown_position"):
                nurse.confirm(NAMED, 999_999_999)
            with wire.refusal(self, CODE.INVALID_ARGUMENT, "required"):
                nurse.confirm(NAMED)

    def test_a_refusal_carries_number_symbol_and_next_step(self):
        with wire.Client(self.p, "oakfield") as c:
            with wire.refusal(self, CODE.INVALID_ARGUMENT, "required") as held:
                c.submit("grpc-key-0004", samples.without(samples.small(), "acting"))
        found = wire.trailers(held[0])
        self.assertEqual(found["cairn-error-number"], "1201")
        self.assertIn("concern.acting", held[0].details())

    def test_an_unknown_method_is_unimplemented(self):
        with wire.Client(self.p, "oakfield") as c:
            with wire.refusal(self, CODE.UNIMPLEMENTED, "unimplemented"):
                c.raw("/cairn.v1.Exchange/Subvert")(b"", timeout=10)
            with wire.refusal(self, CODE.UNIMPLEMENTED, "unimplemented"):
                c.raw("/cairn.v2.Exchange/Submit")(b"", timeout=10)

    def test_a_message_of_five_megabytes_is_refused_and_the_connection_lives(self):
        with wire.Client(self.p, "oakfield") as c:
            big = wire.submit_request("grpc-key-0005", samples.small())
            big.concern.notification.narrative = "x" * (5 * 1024 * 1024)
            with wire.refusal(self, CODE.RESOURCE_EXHAUSTED, "too_large") as held:
                c.exchange.Submit(big, timeout=harness.PATIENCE_S)
            self.assertRegex(held[0].details(), r"\d{7}", "the limit is given")
            c.submit("grpc-key-0006", samples.small())

    def test_compression_is_refused(self):
        with wire.Client(self.p, "oakfield") as c:
            with wire.refusal(self, CODE.UNIMPLEMENTED, "compressed"):
                c.exchange.ListDesks(
                    ex.ListDesksRequest(), timeout=10, compression=grpc.Compression.Gzip
                )

    def test_twenty_kilobytes_of_headers_are_refused(self):
        with wire.Client(self.p, "oakfield") as c:
            with wire.refusal(self, CODE.RESOURCE_EXHAUSTED):
                c.exchange.ListDesks(
                    ex.ListDesksRequest(), timeout=10, metadata=[("x-long", "y" * 20_000)]
                )
            c.exchange.ListDesks(ex.ListDesksRequest(), timeout=10)

    def test_binary_metadata_changes_no_call(self):
        """grpcio writes the base64 itself, without padding, and joins what has one key."""
        more = [("x-trace-bin", b"\x00\xff\xfe\x01"), ("x-trace-bin", b""), ("x-bin", b"1234567")]
        with wire.Client(self.p, "oakfield") as c:
            plain = c.exchange.ListDesks(ex.ListDesksRequest(), timeout=10)
            answer, call = c.exchange.ListDesks.with_call(
                ex.ListDesksRequest(), timeout=10, metadata=more
            )
            self.assertEqual(answer, plain)
            said = [*call.initial_metadata(), *call.trailing_metadata()]
            self.assertEqual([k for k, _ in said if k.endswith("-bin")], [])

    def test_without_certificate_nothing_is_answered(self):
        _, _, authority = self.p.files("oakfield")
        bare = grpc.secure_channel(
            f"127.0.0.1:{self.p.port}",
            grpc.ssl_channel_credentials(authority.read_bytes()),
            options=[("grpc.ssl_target_name_override", "localhost")],
        )
        with bare:
            call = bare.unary_unary("/cairn.v1.Exchange/ListDesks")
            with self.assertRaises(grpc.RpcError) as held:
                call(b"", timeout=10)
        self.assertIn(held.exception.code(), (CODE.UNAVAILABLE, CODE.UNAUTHENTICATED))

    def test_three_hundred_calls_at_once_are_all_answered(self):
        with wire.Client(self.p, "oakfield") as c:
            asked = [
                c.exchange.ListDesks.future(ex.ListDesksRequest(), timeout=harness.PATIENCE_S)
                for _ in range(300)
            ]
            self.assertEqual(
                {len(a.result().desks) for a in asked}, {len(harness.DESKS)}
            )

    def test_an_intermediary_acts_under_a_mandate_only(self):
        self.p.good(
            "admin", "agency", "add", "campus-systems", "--kind", "voluntary", "--name", "Campus"
        )
        self.p.enrol("agency/campus-systems", "campus", desks=[])
        now = self.p.status()["nowUs"]
        with wire.Client(self.p, "campus") as vendor, wire.Client(self.p, "admin") as admin:
            with wire.refusal(self, CODE.PERMISSION_DENIED, "no_mandate"):
                vendor.submit("mandate-key-1", samples.small(), on_behalf_of="oakfield")
            change = wire.registry_pb2.RegistryChange(
                mandate=wire.registry_pb2.Mandate(
                    id="m-1", holder="campus-systems", for_agency="oakfield",
                    desks=["oakfield/dsl"], from_us=int(now) - 1, until_us=int(now) + 3600 * 10**6,
                )
            )
            admin.admin.Apply(wire.admin_pb2.ApplyRequest(changes=[change]), timeout=10)
            sent = vendor.submit("mandate-key-1", samples.small(), on_behalf_of="oakfield")
            change.mandate.revoked = True
            admin.admin.Apply(wire.admin_pb2.ApplyRequest(changes=[change]), timeout=10)
        # The end of the mandate ended the vendor's session as well.
        with wire.Client(self.p, "campus") as vendor:
            with wire.refusal(self, CODE.PERMISSION_DENIED, "no_mandate"):
                vendor.submit("mandate-key-2", samples.small(), on_behalf_of="oakfield")
        with wire.Client(self.p, "northshire-council") as council:
            senders = {
                d.notice.concern_id: d.notice.sender for d in council.inbox(FRONT_DOOR)
            }
        self.assertEqual(senders[sent.concern_id], "oakfield")


class deadlines(harness.SystemTest):
    """Calls that end before their time."""

    def test_a_deadline_ends_a_stream_that_has_nothing_to_say(self):
        with wire.Client(self.p, "northshire-police") as c:
            call = c.exchange.Receive(ex.ReceiveRequest(desk=MASH), timeout=0.3)
            with self.assertRaises(grpc.RpcError) as held:
                next(call)
            self.assertEqual(held.exception.code(), CODE.DEADLINE_EXCEEDED)
            self.assertEqual(len(c.exchange.ListDesks(ex.ListDesksRequest(), timeout=10).desks), 7)

    def test_a_cancelled_stream_frees_its_desk(self):
        with wire.Client(self.p, "northshire-police") as c:
            call = c.receive(MASH)
            harness.poll("the stream to be live", lambda: self.connected(MASH))
            call.cancel()
            with self.assertRaises(grpc.RpcError) as held:
                next(call)
            self.assertEqual(held.exception.code(), CODE.CANCELLED)
            harness.poll("the stream to be gone", lambda: not self.connected(MASH))

    def test_a_publisher_that_vanishes_loses_nothing_it_was_told_was_accepted(self):
        with wire.Client(self.p, "oakfield") as c:
            stop = threading.Event()

            def requests():
                for n in range(1000):
                    yield wire.submit_request(f"vanish-{n:06}", samples.small([MASH]))
                stop.wait(harness.PATIENCE_S)

            call = c.exchange.Publish(requests(), timeout=harness.PATIENCE_S)
            told = [r.accepted.concern_id for r in wire.take(call, 20)]
            call.cancel()
            stop.set()
        with wire.Client(self.p, "northshire-police") as police:
            held = {d.notice.concern_id for d in police.inbox(MASH)}
        self.assertTrue(set(told) <= held)

    def connected(self, desk):
        for row in self.p.status().get("desks", []):
            if row["desk"] == desk:
                return row.get("connected", False)
        # A desk that never had a notice has no row; the metric counts its stream.
        return "cairn_desks_connected 1" in self.p.daemon.page("/metrics")[1]


class streams(harness.SystemTest):
    """Publish and Receive."""

    def test_two_hundred_published_are_received_in_log_order_and_confirmed(self):
        with wire.Client(self.p, "oakfield") as school, wire.Client(
            self.p, "northshire-council"
        ) as council:
            call = council.receive(FRONT_DOOR, credit=1000)
            keys = [f"publish-{n:04}" for n in range(200)]
            answers = list(
                school.exchange.Publish(
                    iter([wire.submit_request(k, samples.small()) for k in keys]),
                    timeout=harness.PATIENCE_S,
                )
            )
            self.assertEqual(sorted(a.key for a in answers), keys)
            self.assertTrue(all(a.WhichOneof("result") == "accepted" for a in answers))
            got = wire.take(call, 200)
            positions = [d.position for d in got]
            self.assertEqual(positions, sorted(set(positions)))
            self.assertEqual(
                {d.notice.concern_id for d in got}, {a.accepted.concern_id for a in answers}
            )
            self.assertEqual(council.confirm(FRONT_DOOR, *positions), 200)
            call.cancel()
        counts = self.p.desk_counts(FRONT_DOOR)
        self.assertEqual((counts["confirmed"], counts["pending"]), (counts["routed"], 0))
        self.assert_conserved()

    def test_a_refusal_inside_a_stream_does_not_end_it(self):
        requests = [
            wire.submit_request("mixed-key-1", samples.small([NAMED])),
            wire.submit_request("mixed-key-2", samples.without(samples.small(), "purpose")),
            wire.submit_request("short", samples.small()),
            wire.submit_request("mixed-key-3", samples.small([NAMED])),
        ]
        with wire.Client(self.p, "oakfield") as c:
            answers = {
                a.key: a for a in c.exchange.Publish(iter(requests), timeout=harness.PATIENCE_S)
            }
        self.assertEqual(len(answers), 4)
        self.assertEqual(answers["mixed-key-2"].refused.symbol, "required")
        self.assertIn("concern.purpose", answers["mixed-key-2"].refused.where)
        self.assertEqual(answers["short"].refused.symbol, "bad_value")
        for key in ("mixed-key-1", "mixed-key-3"):
            self.assertTrue(answers[key].accepted.concern_id, key)

    def test_a_second_receive_ends_the_first(self):
        with wire.Client(self.p, "northshire-health") as one, wire.Client(
            self.p, "northshire-health"
        ) as two, wire.Client(self.p, "oakfield") as school:
            school.submit("second-key-1", samples.small([NAMED]))
            first = one.receive(NAMED)
            next(first)
            second = two.receive(NAMED)
            self.assertTrue(next(second).position)
            with wire.refusal(self, CODE.ABORTED, "superseded"):
                for _ in first:
                    pass
            sent = school.submit("second-key-2", samples.small([NAMED]))
            for delivery in second:
                if delivery.notice.concern_id == sent.concern_id:
                    break
            second.cancel()

    def test_credit_is_respected_and_a_confirm_frees_it(self):
        desk = samples.PPU
        with wire.Client(self.p, "oakfield") as school, wire.Client(
            self.p, "northshire-police"
        ) as police:
            for n in range(8):
                school.submit(f"credit-key-{n}", samples.small([desk]))
            call = police.receive(desk, credit=3)
            first = wire.take(call, 3)
            more = []
            reader = threading.Thread(target=lambda: more.extend(wire.take(call, 2)))
            reader.start()
            # The fourth would have to come on its own: asking something else on the connection
            # and getting its answer shows that the broker had its turn.
            for _ in range(5):
                police.exchange.ListDesks(ex.ListDesksRequest(), timeout=10)
            self.assertEqual(more, [], "three sent and not confirmed is the credit")
            police.confirm(desk, first[0].position, first[1].position)
            reader.join(harness.PATIENCE_S)
            self.assertEqual(len(more), 2)
            self.assertGreater(more[0].position, first[2].position)
            call.cancel()

    def test_what_was_not_confirmed_comes_again_after_reconnect(self):
        desk = samples.LADO
        concern = samples.changed(
            samples.small([desk]), "INCIDENT_STAFF_ALLEGATION", "notification", "incident"
        )
        with wire.Client(self.p, "oakfield") as school:
            ids = [school.submit(f"again-key-{n}", concern).concern_id for n in range(3)]
        with wire.Client(self.p, "northshire-council") as c:
            got = wire.take(c.receive(desk), 3)
            c.confirm(desk, got[0].position)
        with wire.Client(self.p, "northshire-council") as c:
            call = c.receive(desk)
            again = wire.take(call, 2)
            self.assertEqual([d.notice.concern_id for d in again], ids[1:])
            self.assertEqual(
                [d.notice.SerializeToString() for d in again],
                [d.notice.SerializeToString() for d in got[1:]], "the exact notice again",
            )
            call.cancel()
            # A desk that stored more than it confirmed says where it is.
            call = c.receive(desk, after=again[0].position)
            self.assertEqual(next(call).position, again[1].position)
            call.cancel()

    def test_a_stream_ends_in_words_when_the_broker_stops(self):
        with wire.Client(self.p, "northshire-police") as c:
            call = c.receive(MASH)
            harness.poll(
                "the stream to be live",
                lambda: "cairn_desks_connected 0" not in self.p.daemon.page("/metrics")[1],
            )
            ends = []
            reader = threading.Thread(target=lambda: ends.append(self.end_of(call)))
            reader.start()
            self.assertEqual(self.p.stop(), 0)
            reader.join(harness.PATIENCE_S)
        self.assertEqual(ends, [CODE.UNAVAILABLE])
        self.p.start()

    @staticmethod
    def end_of(call):
        try:
            for _ in call:
                pass
        except grpc.RpcError as e:
            return e.code()
        return None


if __name__ == "__main__":
    harness.main()

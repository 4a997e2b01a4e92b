// @grpc/grpc-js with the schema loaded from its .proto files.
import assert from "node:assert/strict";

import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

import { check, receiving, refusal, setup, tls, without } from "./shared.mjs";

const loaded = grpc.loadPackageDefinition(
  loader.loadSync("cairn/v1/exchange.proto", {
    includeDirs: [setup.proto, "/usr/include"], longs: String, enums: String, defaults: true,
  }),
);
const Exchange = loaded.cairn.v1.Exchange;

function client(who, credentials) {
  const made = credentials ?? (() => {
    const { ca, cert, key } = tls(who);
    return grpc.credentials.createSsl(ca, key, cert);
  })();
  return new Exchange(setup.address, made, {
    "grpc.ssl_target_name_override": "localhost", "grpc.enable_retries": 0,
  });
}

const soon = () => ({ deadline: Date.now() + setup.patienceMs });
const call = (c, method, request) =>
  new Promise((yes, no) => c[method](request, soon(), (e, out) => (e ? no(e) : yes(out))));

// The first `count` messages; the stream is left open.
const take = (stream, count) =>
  new Promise((yes, no) => {
    const out = [];
    stream.on("data", (m) => {
      out.push(m);
      if (out.length === count) yes(out);
    });
    stream.on("error", (e) => (out.length < count ? no(e) : undefined));
  });
const status = (stream) => new Promise((yes) => stream.on("status", yes));

const concern = setup.concern;
const school = client("oakfield");
const nurse = client("northshire-health");
const desk = setup.desk;
let sent;

await check("submit", async () => {
  sent = await call(school, "Submit", { key: "grpcjs-key-1", concern });
  assert.match(sent.concernId, /^[0-9a-f]{32}$/);
  assert.deepEqual(sent.told, [desk]);
});

await check("receive and confirm", async () => {
  const stream = nurse.Receive({ desk }, soon());
  const [got] = await take(stream, 1);
  assert.equal(got.notice.concernId, sent.concernId);
  const done = await call(nurse, "Confirm", { desk, positions: [got.position] });
  assert.equal(done.confirmed, 1);
  const ended = status(stream);
  stream.cancel();
  assert.equal((await ended).code, grpc.status.CANCELLED);
  await receiving(0);
  const page = await call(nurse, "Fetch", { desk });
  assert.equal(page.deliveries.length, 0);
});

await check("publish two hundred", async () => {
  const stream = school.Publish(soon());
  const answers = take(stream, 200);
  const ended = status(stream);
  for (let n = 0; n < 200; ++n) stream.write({ key: `grpcjs-pub-${n}`, concern });
  stream.end();
  const all = await answers;
  assert.equal(new Set(all.map((a) => a.accepted.concernId)).size, 200);
  assert.equal((await ended).code, grpc.status.OK);
});

await check("receive two hundred", async () => {
  const stream = nurse.Receive({ desk, maxUnconfirmed: 400 }, soon());
  const got = await take(stream, 200);
  stream.cancel();
  const done = await call(nurse, "Confirm", { desk, positions: got.map((d) => d.position) });
  assert.equal(done.confirmed, 200);
});

await check("refused in words", async () => {
  const e = await refusal(
    call(school, "Submit", { key: "grpcjs-key-2", concern: without(concern, "acting") }),
  );
  assert.equal(e.code, grpc.status.INVALID_ARGUMENT);
  assert.deepEqual(e.metadata.get("cairn-error"), ["required"]);
  assert.match(e.details, /concern\.acting/);
});

await check("refused another's desk", async () => {
  const e = await refusal(take(school.Receive({ desk }, soon()), 1));
  assert.equal(e.code, grpc.status.PERMISSION_DENIED);
  assert.deepEqual(e.metadata.get("cairn-error"), ["desk_not_allowed"]);
});

await check("refused without certificate", async () => {
  const bare = client(null, grpc.credentials.createSsl(tls("oakfield").ca));
  const e = await refusal(call(bare, "ListDesks", {}));
  assert.ok([grpc.status.UNAVAILABLE, grpc.status.UNAUTHENTICATED].includes(e.code), e);
  bare.close();
});

await check("five megabytes refused", async () => {
  const big = structuredClone(concern);
  big.notification.narrative = "x".repeat(5 * 1024 * 1024);
  const e = await refusal(call(school, "Submit", { key: "grpcjs-key-3", concern: big }));
  assert.equal(e.code, grpc.status.RESOURCE_EXHAUSTED, e);
  assert.equal((await call(school, "ListDesks", {})).desks.length, setup.deskCount);
});

await check("cancelled while it waits", async () => {
  const stream = nurse.Receive({ desk }, soon());
  stream.on("error", () => undefined);
  const ended = status(stream);
  await receiving(1);
  stream.cancel();
  assert.equal((await ended).code, grpc.status.CANCELLED);
  await receiving(0);
});

await check("deadline", async () => {
  const stream = nurse.Receive({ desk }, { deadline: Date.now() + 300 });
  const e = await refusal(take(stream, 1));
  assert.equal(e.code, grpc.status.DEADLINE_EXCEEDED);
});

await check("unknown method", async () => {
  const e = await refusal(
    new Promise((yes, no) =>
      school.makeUnaryRequest(
        "/cairn.v1.Exchange/Subvert", (b) => b, (b) => b, Buffer.alloc(0),
        (err, out) => (err ? no(err) : yes(out)),
      ),
    ),
  );
  assert.equal(e.code, grpc.status.UNIMPLEMENTED);
});

school.close();
nurse.close();

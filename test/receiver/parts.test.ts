/** The small parts of the receiver by themselves. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Health } from "../../host/gen/grpc/health/v1/health_pb.ts";
import { ByteRates } from "../../host/receiver/byte-rates.ts";
import { isArtefactKey, parseName, parseParent } from "../../host/receiver/names.ts";
import { placeOf, placeToken } from "../../host/receiver/place-token.ts";
import { diskRefusal, REASONS, refusal } from "../../host/receiver/reasons.ts";
import { Takeover } from "../../host/receiver/takeover.ts";
import { createClient } from "../../host/rpc/index.ts";
import { nameOf, OTHER_RECIPIENT, RECIPIENT } from "./artefacts.ts";
import { startReceiver } from "./running-receiver.ts";
import { JumpingClock } from "./temporary.ts";

test("only names of the right form come through, and access is asked before the artefact's part", () => {
  const asked: string[] = [];
  const check = (recipient: string) => void asked.push(recipient);
  expect(parseName(nameOf("good-1"), check)).toEqual({ recipient: RECIPIENT, artefact: "good-1" });
  expect(parseParent(`recipients/${RECIPIENT}`, check)).toBe(RECIPIENT);
  expect(asked).toEqual([RECIPIENT, RECIPIENT]);
  const forbid = () => {
    throw refusal("RECIPIENT_FORBIDDEN");
  };
  for (const name of [nameOf("good"), nameOf("BAD!"), `recipients/${RECIPIENT}`]) {
    expect(() => parseName(name, forbid)).toThrow(/or it might not exist/);
  }
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (artefact) => {
      const key = { recipient: RECIPIENT, artefact };
      if (isArtefactKey(key)) expect(artefact).toMatch(/^[a-z0-9-]{4,63}$/);
      else expect(() => parseName(nameOf(artefact), check)).toThrow(/resource name/);
    }),
  );
});

test("tokens are good for their place only", () => {
  const token = placeToken("page", RECIPIENT, 77);
  expect(placeOf("page", RECIPIENT, token)).toBe(77);
  expect(placeOf("page", RECIPIENT, "")).toBe(0);
  expect(() => placeOf("watch", RECIPIENT, token)).toThrow();
  expect(() => placeOf("page", OTHER_RECIPIENT, token)).toThrow();
  for (let i = 0; i < token.length; i++) {
    const other = token[i] === "A" ? "B" : "A";
    expect(() =>
      placeOf("page", RECIPIENT, token.slice(0, i) + other + token.slice(i + 1)),
    ).toThrow();
  }
});

test("a rate lets a second's worth pass at once, and the rest at its speed", () => {
  const clock = new JumpingClock();
  clock.monotonicMs = () => clock.monotonicOffsetMs;
  clock.monotonicOffsetMs = 50_000;
  const rates = new ByteRates(clock);
  expect(rates.delayMs("a", 1000, 1000)).toBe(0);
  expect(rates.delayMs("a", 500, 1000)).toBe(500);
  expect(rates.delayMs("b", 500, 1000)).toBe(0);
  clock.monotonicOffsetMs += 500;
  expect(rates.delayMs("a", 100, 1000)).toBe(100);
  clock.monotonicOffsetMs += 60_000;
  expect(rates.delayMs("a", 1000, 1000)).toBe(0);
  expect(rates.delayMs("a", 1e12, 0)).toBe(0);
});

test("who takes over waits for the one before, and a whole queue goes in order", async () => {
  const takeover = new Takeover();
  const log: string[] = [];
  const enter = async (name: string) => {
    const hold = await takeover.take("x", name);
    log.push(`${name}${hold.ended.aborted ? " ended" : ""}`);
    return hold;
  };
  const first = await enter("a");
  const second = enter("b");
  const third = enter("c");
  await Promise.resolve();
  expect([first.ended.reason, log]).toEqual(["b", ["a"]]);
  first.release();
  (await second).release();
  const last = await third;
  expect(log).toEqual(["a", "b ended", "c"]);
  expect(takeover.isHeld("x")).toBe(true);
  last.release();
  last.release();
  expect(takeover.isHeld("x")).toBe(false);
});

test("every reason has whole sentences, and full disks are told from broken ones", () => {
  for (const reason of REASONS) expect(refusal(reason).message).toMatch(/^[A-Z].*\.$/);
  expect(diskRefusal({ code: "ENOSPC" }).reason).toBe("DISK_FULL");
  expect(diskRefusal({ code: 28 }).reason).toBe("DISK_FULL");
  expect(diskRefusal(new Error("?")).reason).toBe("DISK_FAULT");
  const known = refusal("STALE_EPOCH");
  expect(diskRefusal(known)).toBe(known);
});

test("health is told to clients, and to nobody else", async () => {
  const running = await startReceiver();
  const check = (name: string) =>
    createClient(Health, running.as(name).channel).check({ service: "" });
  expect((await check("reader")).status).toBe(1);
  await expect(check("stranger")).rejects.toMatchObject({ reason: "CLIENT_UNKNOWN" });
  expect(running.receiver.certificate()).toMatchObject({ problem: undefined });
  expect(running.receiver.certificate().expiresMs).toBeGreaterThan(Date.now());
});

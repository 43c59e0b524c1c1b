/** What the screen says of the link. */
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { statusJson, statusText } from "../../host/cli/status-text.ts";
import {
  GetStatusResponseSchema,
  LinkStatus_State as State,
} from "../../host/gen/mapveil/v1/status_service_pb.ts";

test("with a cadence the next tick is told, and without one nothing of it", () => {
  const tickTime = timestampFromMs(Date.UTC(2027, 0, 31, 9, 10));
  const status = (state: State, isTicking: boolean) =>
    create(GetStatusResponseSchema, { link: { state, ...(isTicking && { tickTime }) } });
  for (const state of [State.IDLE, State.UPLOADING]) {
    expect(statusText(status(state, true), [])).toContain("next upload 2027-01-31T09:10:00Z");
    expect(statusText(status(state, false), [])).not.toContain("next upload");
  }
  const { link } = statusJson(status(State.IDLE, true), []) as { link: object };
  expect(link).toMatchObject({ state: "idle", tickTime: "2027-01-31T09:10:00Z" });
});

/** The matrix of permissions: what each switch stops on its platform, and what it leaves alone. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CATALOGUE, findPermission } from "../../host/permission/catalogue.ts";
import { FEATURE_IDS, FEATURES } from "../../host/permission/features.ts";
import {
  DATA_CLASSES,
  type Localised,
  Permissions,
  PLATFORMS,
  type Platform,
  USES,
} from "../../host/permission/index.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { no, OWNER, RECIPIENT, reasonOf, robot, yes } from "./support.ts";

interface Cell {
  readonly blocked: readonly string[];
  /** Feature and the value that stands in for what is off. */
  readonly degraded?: Readonly<Record<string, string | undefined>>;
}

const PHOTOS = ["photo_upload", "photo_printing"];
const POSITION = ["position_map", "obstacle_identification"];
const SESSION = { device_recognition: "session", service_matching: "session" };

const APP: Readonly<Record<string, Cell>> = {
  "account-local": { blocked: ["signed_in_functions", "account_services"] },
  "account-upload": { blocked: ["account_services"] },
  "camera-local": {
    blocked: [
      ...["interactive_messaging", "app_settings", "profile_picture", "screenshot_feedback"],
      ...PHOTOS,
    ],
  },
  "camera-upload": {
    blocked: [...PHOTOS, "profile_picture", "screenshot_feedback"],
    degraded: { interactive_messaging: undefined },
  },
  "device_identifiers-local": { blocked: [], degraded: SESSION },
  "device_identifiers-upload": { blocked: [], degraded: { service_matching: "session" } },
  "location-local": {
    blocked: ["network_configuration", "network_diagnosis", "location_services"],
    degraded: { dialling_code: "+86" },
  },
  "location-upload": { blocked: ["location_services"] },
  "logs-local": { blocked: ["log_preview", "error_reporting", "product_improvement"] },
  "logs-upload": { blocked: ["error_reporting", "product_improvement"] },
  "microphone-local": {
    blocked: ["voice_consultation", "talk_to_administrator", "voice_messages"],
  },
  "microphone-upload": {
    blocked: ["voice_consultation", "talk_to_administrator", "voice_messages"],
  },
  "notifications-local": { blocked: ["push_notifications"] },
  "phone-local": {
    blocked: ["call_customer_service"],
    degraded: { customer_support: undefined },
  },
  "wifi-local": { blocked: ["wifi_setup"] },
};

/** The whole matrix, written down a second time. */
const MATRIX: Readonly<Record<Platform, Readonly<Record<string, Cell>>>> = {
  android: { ...APP, "local_storage-local": { blocked: ["app_upgrade", "error_reporting"] } },
  ios: {
    ...APP,
    "local_network-local": { blocked: ["network_configuration", "hotspot_scan", "wifi_setup"] },
  },
  robot: {
    "account-local": { blocked: ["personal_settings", "account_services"] },
    "account-upload": { blocked: ["account_services"] },
    "camera-local": { blocked: ["picture_recognition", "remote_view"] },
    "camera-upload": { blocked: ["remote_view"] },
    "device_identifiers-local": { blocked: [], degraded: SESSION },
    "device_identifiers-upload": { blocked: [], degraded: { service_matching: "session" } },
    "house_plan-local": { blocked: [...POSITION, "room_selection", "remote_plan"] },
    "house_plan-upload": { blocked: ["remote_plan"] },
    "lidar-local": {
      blocked: ["perception", "self_localisation", "interaction", "lidar_recording"],
    },
    "lidar-upload": { blocked: ["lidar_recording"] },
    "local_network-local": { blocked: ["local_control"] },
    "local_storage-local": { blocked: ["basic_functions"] },
    "location-local": {
      blocked: ["automatic_location", "location_sharing"],
      degraded: { location_display: "manual" },
    },
    "location-upload": { blocked: ["location_sharing"] },
    "logs-local": { blocked: ["fault_recording", "fault_reporting", "product_improvement"] },
    "logs-upload": { blocked: ["fault_reporting", "product_improvement"] },
    "microphone-local": { blocked: ["voice_commands", "remote_voice"] },
    "microphone-upload": { blocked: ["remote_voice"] },
    "running_path-local": { blocked: [...POSITION, "path_history"] },
    "running_path-upload": { blocked: ["path_history"] },
    "wifi-local": { blocked: ["wireless_connection"] },
  },
};

const CELLS = PLATFORMS.flatMap((platform) =>
  Object.entries(MATRIX[platform]).map(([name, cell]) => ({
    id: `${platform}-${name}`,
    platform,
    cell,
  })),
);

const featuresOf = (platform: Platform) =>
  FEATURE_IDS.filter((id) => (FEATURES[id].platforms as readonly string[]).includes(platform));

function expectBothLanguages(text: Localised, where: string): void {
  expect(text.en, where).toMatch(/^[\x20-\x7e]+$/);
  expect(text.zh, where).toMatch(/\p{Script=Han}/u);
  expect(text.zh, where).not.toBe(text.en);
}

test("the catalogue has the cells of the matrix and no others", () => {
  expect([...CATALOGUE.keys()]).toEqual(CELLS.map(({ id }) => id).sort());
  for (const { platform, dataClass, use, id } of CATALOGUE.values()) {
    expect(PLATFORMS).toContain(platform);
    expect(DATA_CLASSES).toContain(dataClass);
    expect(USES).toContain(use);
    expect(id).toBe(`${platform}-${dataClass}-${use}`);
  }
  expect(new Set([...CATALOGUE.values()].map(({ dataClass }) => dataClass))).toEqual(
    new Set(DATA_CLASSES),
  );
});

test("levels belong to the uploads of lidar, plan and path alone", () => {
  const levelled = [...CATALOGUE.values()].filter(({ hasLevel }) => hasLevel);
  expect(levelled.map(({ id }) => id)).toEqual([
    "robot-house_plan-upload",
    "robot-lidar-upload",
    "robot-running_path-upload",
  ]);
});

test("what is confined to a device has no upload", () => {
  for (const dataClass of ["wifi", "local_network", "local_storage", "phone", "notifications"]) {
    for (const platform of PLATFORMS) {
      expect(CATALOGUE.has(`${platform}-${dataClass}-upload`)).toBe(false);
    }
  }
});

test("every feature is needed by something on each of its platforms, or by nothing anywhere", () => {
  for (const platform of PLATFORMS) {
    const cells = CELLS.filter((cell) => cell.platform === platform);
    const named = new Set(
      cells.flatMap(({ cell }) => [...cell.blocked, ...Object.keys(cell.degraded ?? {})]),
    );
    expect([...named].filter((id) => !featuresOf(platform).includes(id as never))).toEqual([]);
    const free = featuresOf(platform).filter((id) => !named.has(id));
    expect(free).toEqual(platform === "robot" ? ["manual_location"] : []);
  }
});

describe("texts", () => {
  test.each(FEATURE_IDS)("feature %s has a title in English and Chinese", (id) => {
    expectBothLanguages(FEATURES[id].title, id);
  });

  test.each([...CATALOGUE.keys()])("%s says what it means in English and Chinese", (id) => {
    const permission = findPermission(id);
    expectBothLanguages(permission.consequence, "consequence");
    expectBothLanguages(permission.unaffected, "unaffected");
    if (permission.fallback) expectBothLanguages(permission.fallback.text, "fallback");
    // Nothing works in a lesser way without anything that stands in.
    expect(permission.degraded.length > 0 && permission.fallback === undefined).toBe(false);
    for (const text of [permission.consequence, permission.unaffected]) {
      expect(text.en).toMatch(/\.$/);
      expect(text.zh).toMatch(/。$/);
    }
  });
});

test("by default every permission is off, and everything that needs one is refused", async () => {
  const permissions = await (await robot()).open();
  for (const view of permissions.list()) {
    expect(view).toMatchObject({ granted: false, level: undefined, etag: "0" });
  }
  for (const { platform, cell } of CELLS) {
    for (const feature of cell.blocked) {
      expect(permissions.checkFeature(platform, feature).allowed).toBe(false);
    }
  }
});

describe.each(PLATFORMS)("on %s", (platform) => {
  const cells = CELLS.filter((one) => one.platform === platform);
  let all: Permissions;
  let end: () => Promise<void>;

  // One robot for all cells: each of them leaves it with everything granted.
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "matrix-"));
    const { stateDir, keys, clock } = await robot(folder);
    all = await Permissions.open({ stateDir, keys, clock, recipient: RECIPIENT, log: SILENT });
    end = async () => {
      await all.close();
      await rm(folder, { recursive: true });
    };
    for (const { id } of cells) await all.grant(yes(id));
  });
  afterAll(() => end());

  function expectAllOn(): void {
    for (const feature of featuresOf(platform)) {
      expect(all.checkFeature(platform, feature)).toMatchObject({ allowed: true, degraded: false });
    }
  }

  test.each(cells)(
    "$id, withdrawn alone, stops what needs it and nothing else",
    async ({ id, cell }) => {
      expectAllOn();
      await all.withdraw(no(id));
      const { consequence, unaffected } = findPermission(id);
      const [, dataClass, use] = id.split("-");
      for (const feature of featuresOf(platform)) {
        const check = all.checkFeature(platform, feature);
        if (cell.blocked.includes(feature)) {
          if (check.allowed) throw new Error(`${feature} passed`);
          const { refusal } = check;
          expect(refusal).toMatchObject({ permission: id, consequence, unaffected });
          expect(refusal.reason).toBe(use === "local" ? "LOCAL_USE_OFF" : "UPLOAD_OFF");
          expect(refusal.feature).toEqual(FEATURES[feature].title);
          expectBothLanguages(refusal.message, "message");
          expect(refusal.message.en).toContain(id);
          expect(refusal.message.zh).toContain(id);
          expect(refusal.restoreCommand).toContain(`mapveil permission grant ${id}`);
        } else if (cell.degraded && feature in cell.degraded) {
          expect(check).toMatchObject({ allowed: true, degraded: true });
          expect(check.allowed && check.fallbackValue).toBe(cell.degraded[feature]);
          if (check.allowed) expectBothLanguages(check.fallback!, `${dataClass} fallback`);
        } else {
          expect(check, feature).toMatchObject({ allowed: true, degraded: false });
          expect(check.allowed && (check.fallback ?? check.fallbackValue)).toBeUndefined();
        }
      }
      await all.grant(yes(id));
      expectAllOn();
    },
  );
});

describe("names", () => {
  test("that do not exist are told apart, with a suggestion where one is near", async () => {
    const all = await (await robot()).open();
    expect(() => all.get("robot-lidar-uplaod")).toThrow("Did you mean robot-lidar-upload?");
    expect(() => all.get("robot-house-plan-upload")).toThrow("robot-house_plan-upload?");
    expect(await reasonOf(() => all.get("\u001b[31m"))).toBe("PERMISSION_UNKNOWN");
    expect(() => all.get("\u001b[31m".repeat(1000))).toThrow(
      /^There is no permission of this name/,
    );
    expect(() => all.checkFeature("android", "dialing_code")).toThrow(
      "Did you mean dialling_code?",
    );
    expect(await reasonOf(() => all.checkFeature("robot", "dialling_code"))).toBe(
      "FEATURE_UNKNOWN",
    );
    expect(await reasonOf(() => all.checkFeature("ios", "toString"))).toBe("FEATURE_UNKNOWN");
    expect(await reasonOf(() => all.grant(yes("__proto__")))).toBe("PERMISSION_UNKNOWN");
    expect(
      await reasonOf(() => all.withdraw({ permission: "constructor", decidedBy: OWNER })),
    ).toBe("PERMISSION_UNKNOWN");
  });
});

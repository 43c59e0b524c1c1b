/** Refusals in words. */
import type { Level } from "../policy/index.ts";
import { CATALOGUE, type CataloguedPermission } from "./catalogue.ts";
import { FEATURES, type FeatureId } from "./features.ts";
import type { Refusal, RefusalReason } from "./gate-types.ts";
import type { Standing } from "./state.ts";
import type { DataClass, Localised, PermissionId, Purpose } from "./vocabulary.ts";

const KINDS: Readonly<Record<Exclude<Standing["kind"], "on">, Localised>> = {
  off: { en: "which is off", zh: "该权限已关闭" },
  expired: { en: "which was granted for a limited time that is over", zh: "该权限的有效期已过" },
  elsewhere: {
    en: "which was granted for uploads to another recipient than the configured one",
    zh: "该权限是为其他接收方授予的，与当前配置的接收方不符",
  },
  otherwise: {
    en: "which was granted for uploads for another purpose than the configured one",
    zh: "该权限是为其他目的授予的，与当前配置的目的不符",
  },
};

const LEVEL_NAMES: Readonly<Record<Level, Localised>> = {
  nothing: { en: "nothing", zh: "不上传" },
  plan: { en: "plan", zh: "平面图" },
  map: { en: "map", zh: "地图" },
  frames: { en: "frames", zh: "单帧" },
  full: { en: "full", zh: "完整" },
};

/** Titles of features as one text. */
function titlesOf(features: readonly FeatureId[]): Localised {
  const titles = features.map((feature) => FEATURES[feature].title);
  return {
    en: titles.map(({ en }) => en).join(", "),
    zh: titles.map(({ zh }) => zh).join("、"),
  };
}

/** What would do: the level that the policy makes, and what uploads are for if it is set. */
export interface Wanted {
  readonly level: Level;
  readonly purpose: Purpose | undefined;
}

/** How a permission is granted on the command line: not further than the policy goes. */
function grantCommand({ id, hasLevel, use }: CataloguedPermission, wanted: Wanted): string {
  const level = wanted.level === "nothing" ? "frames" : wanted.level;
  const { purpose = "provide" } = wanted;
  const isNamed = use === "upload" && purpose !== "provide";
  return `mapveil permission grant ${id}${hasLevel ? ` --level ${level}` : ""}${isNamed ? ` --purpose ${purpose}` : ""}`;
}

function refusal(
  permission: CataloguedPermission,
  reason: RefusalReason,
  message: Localised,
  feature: Localised,
  wanted: Wanted,
): Refusal {
  const { id, consequence, unaffected } = permission;
  const restoreCommand = grantCommand(permission, wanted);
  return { reason, permission: id, message, feature, consequence, unaffected, restoreCommand };
}

/** A feature, or what a permission is for, that stops because the permission does not hold. */
export function refuseStanding(
  permission: CataloguedPermission,
  kind: Exclude<Standing["kind"], "on">,
  features: readonly FeatureId[],
  wanted: Wanted,
): Refusal {
  const off = permission.use === "local" ? "LOCAL_USE_OFF" : "UPLOAD_OFF";
  const feature = titlesOf(features);
  const message = {
    en: `${feature.en}: this needs the permission ${permission.id}, ${KINDS[kind].en}.`,
    zh: `“${feature.zh}”需要权限 ${permission.id}：${KINDS[kind].zh}。`,
  };
  const reason = kind === "expired" ? "PERMISSION_EXPIRED" : off;
  return refusal(permission, reason, message, feature, wanted);
}

/** At the level that is both wanted and granted nothing leaves. */
export function refuseLevel(
  permission: CataloguedPermission,
  wanted: Wanted,
  granted: Level,
): Refusal {
  const [w, g] = [LEVEL_NAMES[wanted.level], LEVEL_NAMES[granted]];
  const message = {
    en:
      `The policy makes the level "${w.en}" and ${permission.id} is granted up to "${g.en}": ` +
      "the lower of the two lets nothing leave.",
    zh:
      `策略的级别为“${w.zh}”，权限 ${permission.id} 的授予级别为“${g.zh}”：` +
      "按二者中较低的级别，任何内容都不得离开机器人。",
  };
  const feature = titlesOf(permission.blocked);
  return refusal(permission, "LEVEL_TOO_LOW", message, feature, wanted);
}

const DAMAGED_CONSEQUENCE: Localised = {
  en: "Nothing is allowed, because it cannot be told what the owner allowed.",
  zh: "由于无法确认您授予过哪些权限，所有操作均被拒绝。",
};
const DAMAGED_UNAFFECTED: Localised = {
  en: "Reading the permissions and their history up to the damage.",
  zh: "仍可查看权限以及损坏之前的历史记录。",
};

/** Everything is refused while the ledger is damaged. */
export function refuseDamaged(id: PermissionId, features: readonly FeatureId[]): Refusal {
  return {
    reason: "LEDGER_DAMAGED",
    permission: id,
    message: {
      en: "The ledger of permissions is damaged, so that nothing is allowed.",
      zh: "权限记录已损坏，因此不允许任何操作。",
    },
    feature: titlesOf(features),
    consequence: DAMAGED_CONSEQUENCE,
    unaffected: DAMAGED_UNAFFECTED,
    restoreCommand: "mapveil doctor",
  };
}

/** No permission exists that would let the class leave; the command is empty. */
export function refuseConfined(dataClass: DataClass): Refusal {
  const local = CATALOGUE.get(`robot-${dataClass}-local`);
  return {
    reason: "UPLOAD_OFF",
    permission: `robot-${dataClass}-upload`,
    message: {
      en: `Data of the class ${dataClass} never leave the robot; no permission can allow it.`,
      zh: `${dataClass} 类数据绝不会离开机器人；没有任何权限可以允许上传。`,
    },
    feature: { en: "Upload", zh: "上传" },
    consequence: {
      en: "The data stay where they are.",
      zh: "数据保留在原处。",
    },
    unaffected: local === undefined ? DAMAGED_UNAFFECTED : titlesOf(local.blocked),
    restoreCommand: "",
  };
}

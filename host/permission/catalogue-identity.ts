/** Location, device identifiers and account: who and where. */
import {
  APPS,
  type CatalogueRow,
  EVERYWHERE,
  type Fallback,
  OTHER_APP_FUNCTIONS,
  OTHER_ROBOT_FUNCTIONS,
  ROBOT,
  text,
} from "./catalogue-row.ts";

const SESSION_ID: Fallback = {
  text: text("A random id that lasts for one session.", "使用仅在单次会话内有效的随机标识。"),
  value: "session",
};

export const IDENTITY_ROWS: readonly CatalogueRow[] = [
  {
    platforms: APPS,
    dataClass: "location",
    use: "local",
    blocked: ["network_configuration", "network_diagnosis"],
    degraded: ["dialling_code"],
    consequence: text(
      "Networks cannot be configured or diagnosed, services around the location stop, and the dialling code is taken as +86.",
      "网络配置、网络诊断和位置服务将不可用，国际电话区号默认为 +86。",
    ),
    unaffected: OTHER_APP_FUNCTIONS,
    fallback: {
      text: text("The dialling code +86.", "默认使用区号 +86。"),
      value: "+86",
    },
  },
  {
    platforms: APPS,
    dataClass: "location",
    use: "upload",
    blocked: ["location_services"],
    consequence: text(
      "The location stays on the phone; services that need it elsewhere stop.",
      "位置信息仅保留在手机上；需要将其提供给他方的服务将停止。",
    ),
    unaffected: text(
      "Network configuration and the dialling code, which use the location on the phone.",
      "在手机本地使用位置的网络配置和区号识别不受影响。",
    ),
  },
  {
    platforms: ROBOT,
    dataClass: "location",
    use: "local",
    blocked: ["automatic_location"],
    degraded: ["location_display"],
    consequence: text(
      "The location is no longer found and shown by itself.",
      "不再自动获取并显示位置。",
    ),
    unaffected: text(
      "The location can still be chosen by hand, and the robot works as before.",
      "您仍可手动选择位置，机器人照常工作。",
    ),
    fallback: { text: text("A location chosen by hand.", "使用手动选择的位置。"), value: "manual" },
  },
  {
    platforms: ROBOT,
    dataClass: "location",
    use: "upload",
    blocked: ["location_sharing"],
    consequence: text(
      "The location stays on the robot and cannot be seen away from home.",
      "位置信息仅保留在机器人上，外出时无法查看。",
    ),
    unaffected: OTHER_ROBOT_FUNCTIONS,
  },
  {
    platforms: EVERYWHERE,
    dataClass: "device_identifiers",
    use: "local",
    blocked: [],
    degraded: ["device_recognition"],
    consequence: text(
      "Everything can still be used, but a known device is not recognised, so that some functions are slower and less accurate.",
      "所有功能仍可使用，但无法识别已知设备，部分功能的效率和准确性会降低。",
    ),
    unaffected: text("All functions stay usable.", "所有功能仍可使用。"),
    fallback: SESSION_ID,
  },
  {
    platforms: EVERYWHERE,
    dataClass: "device_identifiers",
    use: "upload",
    blocked: [],
    degraded: ["service_matching"],
    consequence: text(
      "No address or number of the device leaves it; service cannot be matched to the device and is less accurate.",
      "设备地址和编号不会离开设备；服务无法与设备匹配，准确性会降低。",
    ),
    unaffected: text("All functions stay usable.", "所有功能仍可使用。"),
    fallback: SESSION_ID,
  },
  {
    platforms: APPS,
    dataClass: "account",
    use: "local",
    blocked: ["signed_in_functions"],
    consequence: text(
      "The app does not know who uses it; functions for signed-in people stop.",
      "应用无法识别使用者，登录后的功能将不可用。",
    ),
    unaffected: text(
      "The robot itself, which works without an account.",
      "机器人无需账户即可照常工作。",
    ),
  },
  {
    platforms: ROBOT,
    dataClass: "account",
    use: "local",
    blocked: ["personal_settings"],
    consequence: text(
      "The robot does not know who uses it and treats everybody alike.",
      "机器人无法识别使用者，对所有人采用相同设置。",
    ),
    unaffected: OTHER_ROBOT_FUNCTIONS,
  },
  {
    platforms: EVERYWHERE,
    dataClass: "account",
    use: "upload",
    blocked: ["account_services"],
    consequence: text(
      "Names, numbers and addresses of the account do not leave the device; services that need the account stop.",
      "账户的姓名、号码和地址不会离开设备；依赖账户的服务将停止。",
    ),
    unaffected: text(
      "All functions that need no account elsewhere.",
      "不需要向他方提供账户信息的功能不受影响。",
    ),
  },
];

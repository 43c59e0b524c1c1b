/** Networks, storage, logs and notifications of the device itself. */
import {
  ANDROID,
  APPS,
  type CatalogueRow,
  IOS,
  OTHER_APP_FUNCTIONS,
  OTHER_ROBOT_FUNCTIONS,
  ROBOT,
  text,
} from "./catalogue-row.ts";

// What has no upload here cannot be allowed to leave by anybody. Names and passwords of wireless
// networks, and what else is on the home's network, are confined to the devices that join it; files
// leave as what they hold, under the permission of that class; a notification comes in.
export const DEVICE_ROWS: readonly CatalogueRow[] = [
  {
    platforms: ROBOT,
    dataClass: "wifi",
    use: "local",
    blocked: ["wireless_connection"],
    consequence: text(
      "The robot joins no wireless network. Name and password of a network never leave it in any case.",
      "机器人无法连接无线网络。无论如何，网络名称和密码都不会离开机器人。",
    ),
    unaffected: text(
      "Everything that the robot does without a network.",
      "机器人无需网络的功能不受影响。",
    ),
  },
  {
    platforms: APPS,
    dataClass: "wifi",
    use: "local",
    blocked: ["wifi_setup"],
    consequence: text(
      "The app cannot hand name and password of the home's network to the robot; it gives them to nobody else.",
      "应用无法将家庭网络的名称和密码交给机器人；应用也不会将其提供给任何他方。",
    ),
    unaffected: OTHER_APP_FUNCTIONS,
  },
  {
    platforms: IOS,
    dataClass: "local_network",
    use: "local",
    blocked: ["network_configuration", "hotspot_scan", "wifi_setup"],
    consequence: text(
      "The robot's hotspot is not found and its Wi-Fi cannot be set up: network configuration fails.",
      "无法扫描机器人热点，也无法为其设置 Wi-Fi，网络配置将失败。",
    ),
    unaffected: OTHER_APP_FUNCTIONS,
  },
  {
    platforms: ROBOT,
    dataClass: "local_network",
    use: "local",
    blocked: ["local_control"],
    consequence: text(
      "The robot opens no connection to other devices at home and cannot be controlled through them.",
      "机器人不会与家中其他设备建立连接，也无法通过它们进行控制。",
    ),
    unaffected: OTHER_ROBOT_FUNCTIONS,
  },
  {
    platforms: ANDROID,
    dataClass: "local_storage",
    use: "local",
    blocked: ["app_upgrade", "error_reporting"],
    consequence: text(
      "The app cannot be upgraded from within, and errors cannot be reported.",
      "应用升级和错误信息上报将无法使用。",
    ),
    unaffected: OTHER_APP_FUNCTIONS,
  },
  {
    platforms: ROBOT,
    dataClass: "local_storage",
    use: "local",
    blocked: ["basic_functions"],
    consequence: text(
      "The robot keeps nothing on its disk, so that its basic functions cannot be used.",
      "机器人无法在本机保存数据，基本功能将无法使用。",
    ),
    unaffected: text(
      "Reading and changing permissions, and switching the robot off by hand.",
      "仍可查看和更改权限，并可手动关闭机器人。",
    ),
  },
  {
    platforms: ROBOT,
    dataClass: "logs",
    use: "local",
    blocked: ["fault_recording"],
    consequence: text(
      "The robot records no faults, which makes them harder to find.",
      "机器人不记录故障，查找原因会更加困难。",
    ),
    unaffected: OTHER_ROBOT_FUNCTIONS,
  },
  {
    platforms: ROBOT,
    dataClass: "logs",
    use: "upload",
    blocked: ["fault_reporting", "product_improvement"],
    consequence: text(
      "No log or crash report leaves the robot; its maker learns nothing of faults and use.",
      "日志和崩溃报告不会离开机器人；制造商无法了解故障和使用情况。",
    ),
    unaffected: OTHER_ROBOT_FUNCTIONS,
  },
  {
    platforms: APPS,
    dataClass: "logs",
    use: "local",
    blocked: ["log_preview"],
    consequence: text(
      "The app keeps no logs: none can be looked at, and none can be added to a report.",
      "应用不保存日志：无法预览日志，也无法将其附在报告中。",
    ),
    unaffected: OTHER_APP_FUNCTIONS,
  },
  {
    platforms: APPS,
    dataClass: "logs",
    use: "upload",
    blocked: ["error_reporting", "product_improvement"],
    consequence: text(
      "No log or crash report leaves the phone: errors are not reported, and use is not analysed.",
      "日志和崩溃报告不会离开手机：不上报错误，也不分析使用情况。",
    ),
    unaffected: OTHER_APP_FUNCTIONS,
  },
  {
    platforms: APPS,
    dataClass: "notifications",
    use: "local",
    blocked: ["push_notifications"],
    consequence: text("No messages pop up on the phone.", "手机上不再弹出通知消息。"),
    unaffected: OTHER_APP_FUNCTIONS,
  },
];

/** Lidar, house plan and running path: on the robot alone; the app shows what the robot gives it. */
import { type CatalogueRow, ROBOT, text } from "./catalogue-row.ts";

export const MAP_ROWS: readonly CatalogueRow[] = [
  {
    platforms: ROBOT,
    dataClass: "lidar",
    use: "local",
    blocked: ["perception", "self_localisation", "interaction"],
    consequence: text(
      "The robot perceives nothing around it, does not know where it is or what to do, and so cannot work.",
      "机器人无法感知周围环境、无法确定自身位置，也无法判断如何行动，因此无法工作。",
    ),
    unaffected: text(
      "Reading and changing permissions, and switching the robot off by hand.",
      "仍可查看和更改权限，并可手动关闭机器人。",
    ),
  },
  {
    platforms: ROBOT,
    dataClass: "lidar",
    use: "upload",
    blocked: ["lidar_recording"],
    consequence: text(
      "No lidar frame and nothing made of one leaves the robot; what waits to be sent is destroyed.",
      "激光雷达数据及其衍生内容不会离开机器人；等待发送的数据将被销毁。",
    ),
    unaffected: text(
      "The robot drives and works as before; what was uploaded earlier stays where it is.",
      "机器人照常行驶和工作；此前已上传的内容保持不变。",
    ),
  },
  {
    platforms: ROBOT,
    dataClass: "house_plan",
    use: "local",
    blocked: ["position_map", "obstacle_identification", "room_selection"],
    consequence: text(
      "The robot makes no map of the area it works in, cannot place obstacles in it, and knows no rooms.",
      "机器人无法生成工作区域的位置地图，无法在其中识别障碍物，也无法区分房间。",
    ),
    unaffected: text("Functions that need no map of the home.", "不依赖住宅地图的功能不受影响。"),
  },
  {
    platforms: ROBOT,
    dataClass: "house_plan",
    use: "upload",
    blocked: ["remote_plan"],
    consequence: text(
      "The plan of the home stays on the robot and cannot be seen away from home.",
      "户型图仅保留在机器人上，外出时无法查看。",
    ),
    unaffected: text(
      "The robot finds its way by its own plan as before.",
      "机器人仍照常使用本机上的户型图。",
    ),
  },
  {
    platforms: ROBOT,
    dataClass: "running_path",
    use: "local",
    blocked: ["position_map", "obstacle_identification"],
    consequence: text(
      "Without its path the robot cannot build the position map of its work area or identify things in its way.",
      "缺少运行轨迹，机器人无法建立工作区域的位置地图，也无法识别途中的物体或障碍物。",
    ),
    unaffected: text(
      "Functions that need neither a map nor a path.",
      "不依赖地图和轨迹的功能不受影响。",
    ),
  },
  {
    platforms: ROBOT,
    dataClass: "running_path",
    use: "upload",
    blocked: ["path_history"],
    consequence: text(
      "Where the robot went stays on the robot and cannot be seen away from home.",
      "运行轨迹仅保留在机器人上，外出时无法查看。",
    ),
    unaffected: text("The robot localises itself and works as before.", "机器人照常定位和工作。"),
  },
];

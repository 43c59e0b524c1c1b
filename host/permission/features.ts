/** The features of robot and app that the permissions are for. */
import type { Localised, Platform } from "./vocabulary.ts";

export interface Feature {
  readonly title: Localised;
  /** Where it exists. */
  readonly platforms: readonly Platform[];
}

const feature = (platforms: readonly Platform[], en: string, zh: string): Feature => ({
  title: { en, zh },
  platforms,
});

const ROBOT = ["robot"] as const;
const ANDROID = ["android"] as const;
const IOS = ["ios"] as const;
const APPS = ["android", "ios"] as const;
const EVERYWHERE = ["robot", "android", "ios"] as const;

/** Every feature by its id, which is part of the wire contract and never changes its meaning. */
export const FEATURES = {
  perception: feature(ROBOT, "Perceiving the surroundings", "感知周围环境"),
  self_localisation: feature(ROBOT, "Finding its own position", "确定自身位置"),
  interaction: feature(ROBOT, "Acting in its surroundings", "与环境互动"),
  lidar_recording: feature(ROBOT, "Lidar for its recipient", "向接收方提供激光雷达数据"),
  position_map: feature(ROBOT, "Position map of the work area", "工作区域位置地图"),
  obstacle_identification: feature(ROBOT, "Identifying obstacles", "障碍物识别"),
  room_selection: feature(ROBOT, "Choosing single rooms", "选择单个房间"),
  remote_plan: feature(ROBOT, "House plan away from home", "外出时查看户型图"),
  path_history: feature(ROBOT, "Path history away from home", "外出时查看运行轨迹"),
  automatic_location: feature(ROBOT, "Finding the location by itself", "自动定位"),
  location_display: feature(ROBOT, "Showing the location", "显示位置"),
  manual_location: feature(ROBOT, "Choosing the location by hand", "手动选择位置"),
  location_sharing: feature(ROBOT, "Location away from home", "外出时查看机器人位置"),
  wireless_connection: feature(ROBOT, "Joining the wireless network", "连接无线网络"),
  local_control: feature(ROBOT, "Control within the home network", "家庭网络内控制"),
  basic_functions: feature(ROBOT, "Basic functions", "基本功能"),
  personal_settings: feature(ROBOT, "Settings for each person", "个人设置"),
  picture_recognition: feature(ROBOT, "Recognising things by camera", "摄像头识别"),
  remote_view: feature(ROBOT, "Camera view away from home", "远程查看摄像头画面"),
  voice_commands: feature(ROBOT, "Voice commands", "语音指令"),
  remote_voice: feature(ROBOT, "Talking through the robot from away", "远程语音对讲"),
  fault_recording: feature(ROBOT, "Recording of faults", "故障记录"),
  fault_reporting: feature(ROBOT, "Reporting of faults", "故障上报"),
  device_recognition: feature(EVERYWHERE, "Recognising the device again", "识别已知设备"),
  service_matching: feature(EVERYWHERE, "Matching service to the device", "按设备匹配服务"),
  account_services: feature(EVERYWHERE, "Services of the account", "账户服务"),
  signed_in_functions: feature(APPS, "Functions for signed-in people", "登录后的应用功能"),
  interactive_messaging: feature(APPS, "Interactive messaging", "互动消息"),
  app_settings: feature(APPS, "Settings of the app", "应用设置"),
  profile_picture: feature(APPS, "Changing the profile picture", "修改头像"),
  screenshot_feedback: feature(APPS, "Feedback with screenshots", "截图反馈"),
  photo_upload: feature(APPS, "Upload of photos and videos", "上传照片和视频"),
  photo_printing: feature(APPS, "Printing of photos", "打印照片"),
  voice_consultation: feature(APPS, "Consultation by voice", "语音咨询"),
  talk_to_administrator: feature(APPS, "Talking to an administrator", "与管理员通话"),
  voice_messages: feature(APPS, "Voice messages", "语音消息"),
  call_customer_service: feature(APPS, "Calling customer service", "拨打客服电话"),
  customer_support: feature(APPS, "Customer service", "客户服务"),
  network_configuration: feature(APPS, "Network configuration", "配置网络"),
  network_diagnosis: feature(APPS, "Network diagnosis", "网络诊断"),
  dialling_code: feature(APPS, "Choice of the dialling code", "识别国际电话区号"),
  location_services: feature(APPS, "Services around the location", "位置服务"),
  wifi_setup: feature(APPS, "Wi-Fi set-up of the robot", "为机器人设置 Wi-Fi"),
  hotspot_scan: feature(IOS, "Search for the robot's hotspot", "扫描机器人热点"),
  app_upgrade: feature(ANDROID, "Upgrade of the app", "应用升级"),
  error_reporting: feature(APPS, "Error reporting", "错误上报"),
  log_preview: feature(APPS, "Preview of logs", "日志预览"),
  product_improvement: feature(EVERYWHERE, "Improving the product", "改进产品"),
  push_notifications: feature(APPS, "Push notifications", "推送通知"),
} as const satisfies Record<string, Feature>;

export type FeatureId = keyof typeof FEATURES;

export const FEATURE_IDS = Object.keys(FEATURES) as readonly FeatureId[];

/** Camera with gallery, microphone, and calls. */
import {
  APPS,
  type CatalogueRow,
  OTHER_APP_FUNCTIONS,
  OTHER_ROBOT_FUNCTIONS,
  ROBOT,
  text,
} from "./catalogue-row.ts";

export const MEDIA_ROWS: readonly CatalogueRow[] = [
  {
    platforms: APPS,
    dataClass: "camera",
    use: "local",
    blocked: ["interactive_messaging", "app_settings", "profile_picture", "screenshot_feedback"],
    consequence: text(
      "Without camera and gallery, interactive messaging, the settings, changing the profile picture, feedback with screenshots, and all upload and printing of photos stop.",
      "关闭相机和相册后，互动消息、设置、修改头像、截图反馈以及照片的上传和打印将无法使用。",
    ),
    unaffected: OTHER_APP_FUNCTIONS,
  },
  {
    platforms: APPS,
    dataClass: "camera",
    use: "upload",
    blocked: ["photo_upload", "photo_printing", "profile_picture", "screenshot_feedback"],
    degraded: ["interactive_messaging"],
    consequence: text(
      "No picture leaves the phone: none is uploaded, printed, shown as profile picture or added to feedback.",
      "任何图片都不会离开手机：无法上传、打印、设为头像或附在反馈中。",
    ),
    unaffected: text(
      "Services provided with your consent so far, and all other functions of the app.",
      "此前经您授权已提供的服务以及应用的其他功能不受影响。",
    ),
    fallback: { text: text("Messages without pictures.", "发送不含图片的消息。") },
  },
  {
    platforms: ROBOT,
    dataClass: "camera",
    use: "local",
    blocked: ["picture_recognition"],
    consequence: text(
      "The robot takes no pictures and recognises nothing by them.",
      "机器人不拍摄图像，也不进行图像识别。",
    ),
    unaffected: OTHER_ROBOT_FUNCTIONS,
  },
  {
    platforms: ROBOT,
    dataClass: "camera",
    use: "upload",
    blocked: ["remote_view"],
    consequence: text(
      "No picture leaves the robot, and its view cannot be seen away from home.",
      "图像不会离开机器人，外出时无法查看其画面。",
    ),
    unaffected: text(
      "Recognition by camera on the robot itself.",
      "机器人本机的摄像头识别不受影响。",
    ),
  },
  {
    platforms: APPS,
    dataClass: "microphone",
    use: "local",
    blocked: ["voice_consultation", "talk_to_administrator"],
    consequence: text(
      "The microphone is not opened: no consultation by voice, no talk to an administrator, no voice messages.",
      "不会开启麦克风：无法进行语音咨询、与管理员通话或发送语音消息。",
    ),
    unaffected: text(
      "All other functions; what was done with your consent before stays valid.",
      "其他功能不受影响；此前经您授权进行的处理仍然有效。",
    ),
  },
  {
    platforms: APPS,
    dataClass: "microphone",
    use: "upload",
    blocked: ["voice_consultation", "talk_to_administrator", "voice_messages"],
    consequence: text(
      "No sound leaves the phone, so that nobody can be spoken to through the app.",
      "声音不会离开手机，因此无法通过应用与他人语音沟通。",
    ),
    unaffected: text(
      "Services provided with your consent so far, and everything that needs no voice.",
      "此前经您授权已提供的服务以及不需要语音的功能不受影响。",
    ),
  },
  {
    platforms: ROBOT,
    dataClass: "microphone",
    use: "local",
    blocked: ["voice_commands"],
    consequence: text("The robot hears no commands.", "机器人无法接收语音指令。"),
    unaffected: OTHER_ROBOT_FUNCTIONS,
  },
  {
    platforms: ROBOT,
    dataClass: "microphone",
    use: "upload",
    blocked: ["remote_voice"],
    consequence: text(
      "No sound leaves the robot, and nobody can talk through it from away.",
      "声音不会离开机器人，无法进行远程对讲。",
    ),
    unaffected: text(
      "Voice commands that the robot understands by itself.",
      "机器人本机可识别的语音指令不受影响。",
    ),
  },
  {
    // A call goes by the telephone network: there is nothing to upload.
    platforms: APPS,
    dataClass: "phone",
    use: "local",
    blocked: ["call_customer_service"],
    degraded: ["customer_support"],
    consequence: text(
      "Customer service cannot be called out of the app.",
      "无法从应用内拨打客服电话。",
    ),
    unaffected: OTHER_APP_FUNCTIONS,
    fallback: {
      text: text(
        "Another way to reach customer service, such as a written message.",
        "可通过其他方式联系客服，例如发送文字消息。",
      ),
    },
  },
];

/** The words of the permissions: what a switch is for, on which device, and how far it goes. */

export const DATA_CLASSES = [
  "lidar",
  "house_plan",
  "running_path",
  "location",
  "wifi",
  "device_identifiers",
  "account",
  "camera",
  "microphone",
  "phone",
  "local_storage",
  "local_network",
  "logs",
  "notifications",
] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

/** Classes whose upload has levels rather than on and off. */
export const LEVELLED_CLASSES = ["lidar", "house_plan", "running_path"] as const;

export const PLATFORMS = ["robot", "android", "ios"] as const;
export type Platform = (typeof PLATFORMS)[number];

/** Use on the device, and upload: two permissions. */
export const USES = ["local", "upload"] as const;
export type Use = (typeof USES)[number];

export const PURPOSES = ["provide", "analyse", "research", "protect"] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Who decides: the roles that may grant and withdraw. */
export const DECIDERS = ["owner", "guardian"] as const;
export type Decider = (typeof DECIDERS)[number];

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The same text in every language. */
export type Localised = Readonly<Record<Language, string>>;

/** "robot-lidar-upload"; the resource name is "permissions/" and this. */
export type PermissionId = `${Platform}-${DataClass}-${Use}`;

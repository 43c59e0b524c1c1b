/** Values that have no form of their own, found behind what they are called in English and Chinese. */
import { type Detector, valuesOf } from "./detector.ts";
import { type Shape, valueAfter } from "./key-values.ts";
import type { TextKind } from "./kinds.ts";
import { SERVICE_USERS } from "./online.ts";

interface Key {
  readonly kind: TextKind;
  /** English, words apart by "_", which stands for any sign between them or none. */
  readonly names: string;
  readonly chinese: string;
  readonly shape: Shape;
  /**
   * Whether a value that looks like no word may follow without a sign between, as in "SN 1234567": behind
   * names of either language, or of Chinese alone.
   */
  readonly loose?: "any" | "chinese";
  /** Whether a value that was found is one. */
  readonly isValue?: (value: string) => boolean;
}

const hasDigit = (value: string) => /\d/.test(value);
const isPerson = (value: string) => !SERVICE_USERS.has(value.toLowerCase());

/** Two or three words that begin as names do, and what things are called. */
const FULL_NAME = /^\p{Lu}[\p{L}'-]+(?:[ ]\p{Lu}[\p{L}'.-]*){1,2}$/u;
const THING =
  /(?:^|[ ])(?:Room|Bedroom|Bathroom|Kitchen|Hall|Floor|Map|Level|Lidar|Sensor|Camera|Robot|Vacuum|Cleaner|Front|Rear|Left|Right|Upper|Lower|Driver|Node|Zone|Area|House|Home|Plan|Policy|Test|Default|Pro|Max|Ultra|Plus|Server|Client|System|Service)(?:[ ]|$)/;

const DATE =
  /^\d{4}[-/.年][ ]?\d{1,2}(?:[-/.月][ ]?\d{1,2}日?|月)?|^\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}|^\d{1,2}(?:st|nd|rd|th)?[ .-][A-Za-z]{3,9}[ .,-]{1,2}\d{2,4}|^[A-Za-z]{3,9}[ ]\d{1,2}(?:st|nd|rd|th)?,?[ ]\d{4}|^\d{1,2}月\d{1,2}日?|^\d{8}(?!\d)|^(?:19|20)\d\d(?!\d)/;
const GENDER =
  /^(?:fe)?male(?![A-Za-z])|^(?:woman|man|non-?binary|diverse|other|[fmxFMX])(?![A-Za-z])|^[男女](?:性|士)?|^非二元/i;
const COORDINATE = /^[-+]?\d{1,3}\.\d{1,15}(?![\d.]|[ ]?(?:ms|us|ns|s|m\/s)(?![A-Za-z]))/;
const LENGTH = /^[-+]?\d{1,5}(?:\.\d{1,6})?(?=[ ]?(?:m|米|meters)?(?![A-Za-z\d]))/;

const KEYS: readonly Key[] = [
  {
    kind: "secret",
    names:
      "password, passwd, pwd, passphrase, psk, wpa_psk, pre_shared_key, wifi_password, wifi_key, wpa_key, " +
      "wifi_pass, secret, client_secret, passcode, security_key, network_key, wpa_passphrase",
    chinese: "密码, 口令, 密钥, 密匙, 通行码, 验证码, 配网码, 安全码",
    shape: "word",
    loose: "any",
    // As the shell's variable of the folder it is in.
    isValue: (value) => !/^\/[\w.-]+(?:\/|$)/.test(value),
  },
  {
    kind: "secret",
    names: "pass, pin, pin_code",
    chinese: "",
    shape: "word",
    isValue: hasDigit,
  },
  {
    kind: "token",
    names:
      "token, access_token, refresh_token, auth_token, id_token, api_key, apikey, x_api_key, secret_key, " +
      "private_key, session, session_id, sessionid, sid, sess, phpsessid, jsessionid, csrf, csrftoken, xsrf_token, " +
      "bearer, idfa, idfv, oaid, gaid, adid, android_id, openudid, uuid, guid, union_id, open_id, device_token, " +
      "push_token, authorization, proxy_authorization, credential, credentials, nonce, signature",
    chinese: "令牌, 会话, 会话标识",
    shape: "word",
    isValue: (value) => value.length >= 6 && (hasDigit(value) || value.length >= 16),
  },
  {
    kind: "token",
    names: "cookie, set_cookie, cookies",
    chinese: "",
    shape: "line",
  },
  {
    kind: "ssid",
    names:
      "ssid, essid, wifi_ssid, wifi_name, wi_fi, wifi, wifi_network, wlan, network_name, hotspot, ap_name, " +
      "access_point, wifi\\)_connection",
    chinese:
      "无线网络, 无线名称, 无线名, WiFi账号, WiFi帐号, WiFi名, WiFi名称, Wi-Fi名称, Wi-Fi名, 热点, 热点名称, 网络名称, 网络名, 网络, 无线网",
    shape: "phrase",
    loose: "any",
    isValue: (value) =>
      value.length <= 64 &&
      !/^(?:on|off|up|down|connected|disconnected|2\.4|5)(?![\w])/i.test(value),
  },
  {
    kind: "account",
    names:
      "user, username, user_name, login, account, account_name, account_id, user_id, userid, nickname, nick, nick_name, " +
      "screen_name, wechat, wechat_id, weixin, qq, alipay, login_name, member_id",
    chinese:
      "用户名, 用户, 账号, 帐号, 账户, 帐户, 昵称, 微信, 微信号, QQ号, QQ, 支付宝, 登录名, 会员号, 用户ID",
    shape: "phrase",
    loose: "chinese",
    isValue: isPerson,
  },
  {
    kind: "name",
    names:
      "owner, owner_name, full_name, first_name, last_name, given_name, family_name, surname, contact, contact_name, " +
      "contact_person, customer, customer_name, client_name, reported_by, reporter, resident, tenant, " +
      "household, requester, submitted_by, signed, real_name, patient",
    chinese:
      "姓名, 名字, 真实姓名, 主人, 户主, 机主, 业主, 联系人, 收件人, 收货人, 客户, 客户姓名, 报修人, 申请人, 住户, 用户姓名, 房主, 本人",
    shape: "phrase",
    isValue: (value) =>
      isPerson(value) &&
      !/^[\d.,\s]+$|[`(){}]|^\p{Ll}+\s\S+\s|^(?:needed|asked|told|away|absent|present|here|there|offline|online)$/u.test(
        value,
      ),
  },
  {
    kind: "serial",
    names:
      "serial, serial_number, serial_no, serialno, sn, s/n, prod_sn, device_id, deviceid, robot_id, robotid, robot_no, " +
      "robot_number, machine_id, unit_id, hardware_id, hw_id, sensor_id, sensor_serial, lidar_sn, did, part_number, " +
      "asset_tag, board_id, chip_id, cpu_id, vendor_map_id, map_id, product_id, device_number, robot_name, robot_serial",
    chinese:
      "序列号, 产品序列号, 设备编号, 设备号, 机器编号, 机器人编号, 机器人序列号, 机身号, 机身编号, 出厂编号, 设备ID, 机器人ID, 编号, SN码, SN号, 传感器序列号, 雷达序列号",
    shape: "word",
    loose: "any",
    isValue: (value) => value.length >= 3 && hasDigit(value),
  },
  {
    kind: "serial",
    names: "id, uid, device, robot",
    chinese: "",
    loose: "any",
    shape: "word",
    isValue: (value) => /^(?=(?:[^\d]*\d){4})[0-9A-Za-z-]{7,24}$/.test(value),
  },
  {
    kind: "name",
    names: "name",
    chinese: "",
    shape: "phrase",
    isValue: (value) => FULL_NAME.test(value) && !THING.test(value),
  },
  {
    kind: "imei",
    names: "imei, imei1, imei2, meid, imeisv, imei_sv",
    chinese: "",
    loose: "any",
    shape: /^[0-9A-Fa-f](?:[ /-]?[0-9A-Fa-f]){13,15}/,
  },
  {
    kind: "sim",
    names: "imsi, iccid, sim, sim_card, msisdn",
    chinese: "SIM卡号, SIM卡",
    shape: /^\d(?:[ -]?\d){9,20}/,
  },
  {
    kind: "mac",
    names: "mac, mac_address, mac_addr, hwaddr, bssid, ether, bt_addr",
    chinese: "MAC地址, 物理地址, 蓝牙地址",
    loose: "any",
    shape: /^[0-9A-Fa-f]{2}(?:[ :._-]?[0-9A-Fa-f]{2}){5}(?![0-9A-Za-z])/,
  },
  {
    kind: "phone",
    names:
      "phone, phone_number, phone_no, tel, telephone, mobile, mobile_number, cell, cell_phone, fax, whatsapp, call, contact_number, callback",
    chinese: "电话, 手机, 手机号, 手机号码, 电话号码, 联系电话, 联系方式, 座机, 传真, 致电, 拨打",
    shape: /^[+(]?\d(?:[ ()./-]{0,2}\d){4,16}/,
  },
  {
    kind: "host",
    names:
      "hostname, host_name, computer_name, node_name, machine_name, device_name, bluetooth_name, dns_name",
    chinese: "主机名, 计算机名, 设备名称, 设备名, 蓝牙名称",
    shape: "word",
    isValue: (value) => !/^(?:localhost|127\.|::1)/i.test(value),
  },
  {
    kind: "host",
    names: "host, machine, node",
    chinese: "",
    shape: "word",
    isValue: (value) =>
      /\d|\w-\w/.test(value) && !/[(){}]|:\/\/|^(?:localhost|127\.|::1|\d+$)/i.test(value),
  },
  { kind: "position", names: "long", chinese: "", shape: COORDINATE },
  {
    kind: "position",
    names:
      "lat, lon, lng, latitude, longitude, gps_latitude, gps_longitude, gps_lat, gps_lon, gps_lng, home_lat, home_lon, home_lng",
    chinese: "经度, 纬度, 经纬度",
    loose: "any",
    shape: COORDINATE,
  },
  {
    kind: "position",
    names: "altitude, gps_altitude, elevation",
    chinese: "海拔, 海拔高度",
    shape: LENGTH,
  },
  {
    kind: "position",
    names: "geohash, geo_hash, plus_code",
    chinese: "",
    shape: /^[0-9A-Za-z+]{4,16}(?![0-9A-Za-z])/,
  },
  {
    kind: "birth",
    names:
      "birthday, birth_date, birthdate, date_of_birth, dob, born, born_on, born_in, year_of_birth, birth_day",
    chinese: "生日, 出生日期, 出生年月, 出生年月日, 出生, 出生于",
    loose: "any",
    shape: DATE,
  },
  { kind: "gender", names: "gender, sex", chinese: "性别", shape: GENDER },
  {
    kind: "address",
    names:
      "address, home_address, street, street_address, shipping_address, delivery_address, postal_address, billing_address, lives_at, residence",
    chinese: "地址, 住址, 家庭住址, 收货地址, 详细地址, 家庭地址, 住所, 送货地址",
    shape: "line",
    isValue: isPlace,
  },
  {
    kind: "address",
    names: "zip, zip_code, zipcode, postal_code, postcode, post_code, plz",
    chinese: "邮编, 邮政编码",
    shape:
      /^(?:[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}|\d{3,6}(?:-\d{3,4})?|[A-Z]\d[A-Z][ ]?\d[A-Z]\d)(?![0-9A-Za-z])/i,
  },
];

/** "address" is also what memory, networks and registers have. */
function isPlace(value: string): boolean {
  if (/^(?:0x|\S+$)/i.test(value)) return /\p{Script=Han}{4}/u.test(value);
  return /\d/.test(value) && /[\p{L}]{3}/u.test(value);
}

const NAMES_TO_PATTERN = (names: string) =>
  names
    .split(", ")
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replaceAll("_", "[ _.-]?"))
    .join("|");

/** Any sign but a letter before an English name, so that "class" has no "ass"; Chinese stand anywhere. */
function patternOf({ names, chinese }: Key): RegExp {
  const english = `(?<![A-Za-z])(?:${NAMES_TO_PATTERN(names)})(?![A-Za-z\\d\\]]|[_.-][A-Za-z])`;
  return new RegExp(chinese === "" ? english : `${NAMES_TO_PATTERN(chinese)}|${english}`, "gi");
}

function detectorOf(key: Key): Detector {
  const pattern = patternOf(key);
  const { kind, shape, loose, isValue = () => true } = key;
  const find = (text: string) =>
    valuesOf(text, pattern, ({ index, 0: name }) => {
      const span = valueAfter(text, index, name, shape, loose);
      return span !== undefined && isValue(text.slice(span.from, span.to)) && span;
    });
  return { kind, find };
}

export const BY_KEY: readonly Detector[] = KEYS.map(detectorOf);

/**
 * Lines of programs that no template elsewhere follows, and tickets; not looked at while tuning, as
 * held-out.ts.
 */
import type { Template } from "./templates.ts";

const en = (...texts: string[]): Template[] => texts.map((text) => ({ language: "en", text }));
const zh = (...texts: string[]): Template[] => texts.map((text) => ({ language: "zh", text }));

export const HELD_OUT_FIELD: readonly Template[] = [
  ...en(
    "connman: wifi_{ssid_en} Passphrase = {password}",
    "[zigbee] interview of '{mac}' started",
    'netplan: access-points: "{ssid_en}": password: "{password}"',
    "cartographer: saved /home/{account}/maps/{n}.pbstream",
    "px4: home at {pair}, yaw {n}",
    "NTRIP login: {account}, mountpoint {code}",
    "nav2: robot {robot} left the map",
    "vendor info: SN={serial} HW={version}",
    "snmp: sysName.0 = STRING: {computer}",
    "ping {host} ({ipv4}) 56(84) bytes of data.",
    "git clone https://{user_info}@example.org/a.git",
    "phone model A12, imei {imei}, sim {iccid}",
    "Contact: {name_en}, {email}, {phone_intl}",
    "Owner: {name_en}; DOB: {birth_en}; Gender: {gender_en}",
    "Technician {name_en} visited on {date}",
    "address for the return: {address_en}",
    "username={account}&password={password}",
    "X-Auth-Token: {opaque}",
    "location: {lat}, {lon}",
    "ID card {id} was shown",
    "{name_en} wrote on {date}: it works now",
    "Please ask {first} for the key",
  ),
  ...zh(
    "设备名：{computer}",
    "热点名称：{ssid_zh}",
    "登录密码={password}",
    "产品序列号：{serial}",
    "客户姓名：{name_zh}",
    "身份证：{id}，出生年月：{birth_zh}",
    "联系方式：{phone_cn}",
    "家庭住址：{address_zh}",
    "微信号：{account}",
    "业主{family_zh}女士在家",
    "{name_zh}反映{room_zh}漏扫",
    "坐标纬度{lat}经度{lon}",
  ),
];

/** What of free text becomes a mark, and what stays. */
import { describe, expect, test } from "vitest";
import { redact } from "../../host/text/index.ts";
import { HOSTILE } from "./hostile.ts";
import { checkRedaction, PIECES } from "./invariants.ts";

const textOf = (text: string) => redact(text).text;

describe("a value becomes a mark of its kind", () => {
  test.each([
    ["modem 490154203237518 ready", "modem [imei] ready"],
    ["imsi=262011234567890", "imsi=[sim]"],
    ["aa:bb:cc:dd:ee:ff AA-BB-CC-DD-EE-FF", "[mac] [mac]"],
    ["aabb.ccdd.eeff and aabbccddeeff", "[mac] and [mac]"],
    ["http://192.168.1.17:8080/", "http://[ip]:8080/"],
    ["fe80::1ff:fe23:4567:890a%eth0", "[ip]%eth0"],
    ["::ffff:192.168.0.7 2001:DB8::8:800:200C:417A", "[ip] [ip]"],
    ["ring +49 30 901820 today", "ring [phone] today"],
    ["电话13800138000。", "电话[phone]。"],
    ["mail a.b+c@example.co.uk, please", "mail [email], please"],
    ["证件11010519491231002X有效", "证件[id]有效"],
    ["DE89 3704 0044 0532 0130 00 bitte", "[id] bitte"],
    ["card 4111-1111-1111-1111", "card [id]"],
    ["Wi-Fi密码：hunter2 请重置", "Wi-Fi密码：[secret] 请重置"],
    ['{"ssid":"My Home","psk":"a b c d"}', '{"ssid":"[ssid]","psk":"[secret]"}'],
    ["--password hunter2 --rate 5", "--password [secret] --rate 5"],
    ["at 31.230416, 121.473701 now", "at [position] now"],
    ["北纬31°13′49″", "[position]"],
    ["33U 391543 5820116", "[position]"],
    ["$GPGGA,123519,4807.038,N,01131.000,E,1,08,,,M,,M,,*47", "$GPGGA,[position]"],
    ["Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "Bearer [token]"],
    ["id 123e4567-e89b-12d3-a456-426614174000", "id [token]"],
    ["https://u:p@example.com/a?b=c.", "https://[url]@example.com/a?[url]."],
    [
      "/home/lena/maps and C:\\Users\\Li Lei\\x",
      "/home/[account]/maps and C:\\Users\\[account]\\x",
    ],
    ["os-992101000280.local", "[host]"],
    ["S/N: AB12-3456", "S/N: [serial]"],
    ["/robot_00417/scan", "/robot_[serial]/scan"],
    ["dob: 1990-03-07, sex: F", "dob: [birth], sex: [gender]"],
    ["性别：女，生日：1990年3月7日", "性别：[gender]，生日：[birth]"],
    ["owner: Anna Keller, 3 rooms", "owner: [name], 3 rooms"],
    ["Anna's room", "[name]'s room"],
    ["王先生说小明的房间", "[name]先生说[name]的房间"],
    ["昵称：小鱼", "昵称：[account]"],
    ["我家住在上海市浦东新区世纪大道100号3号楼502室，谢谢", "我家住在[address]，谢谢"],
    ["at 12 Oak Hill Road, London NW1 6XE.", "at [address]."],
    ["MAC：ＡＡ：ＢＢ：ＣＣ：０１：２３：４５", "MAC：[mac]"],
    ["tel ١٣٨٠٠١٣٨٠٠٠", "tel [phone]"],
    ["1\u200b92.168.1.17", "[ip]"],
  ])("%s", (text, redacted) => expect(textOf(text)).toBe(redacted));

  test("at the place where it stands, also where characters are wide", () => {
    const text = "ＩＭＥＩ ４９０１５４２０３２３７５１８，😀 aa:bb:cc:dd:ee:ff";
    const { found } = redact(text);
    expect(found.map(({ kind, from, to }) => [kind, text.slice(from, to)])).toEqual([
      ["imei", "４９０１５４２０３２３７５１８"],
      ["mac", "aa:bb:cc:dd:ee:ff"],
    ]);
  });

  test("that the caller knows, as a whole word", () => {
    const known = [
      { kind: "name", value: "Mia Li" },
      { kind: "serial", value: "rx-77" },
      { kind: "name", value: "Li" },
      { kind: "name", value: "小鱼" },
    ] as const;
    expect(redact("MIA LI sent RX77 (rx_77) to Lidar; Li和小鱼在家", { known }).text).toBe(
      "[name] sent [serial] ([serial]) to Lidar; [name]和[name]在家",
    );
    // Nothing of a value is a pattern, and what is too short is none.
    expect(redact("a.c abc", { known: [{ kind: "name", value: "a.*" }] }).text).toBe("a.c abc");
    expect(redact("x y", { known: [{ kind: "name", value: "x" }] }).text).toBe("x y");
  });
});

describe("what is no value stays", () => {
  test.each([
    "127.0.0.1:50051 and ::1, mask 255.255.255.0",
    "firmware 2.5.0.12, version 1.2.3.4, libfoo-1.2.3.4",
    "490154203237519 has a wrong check digit",
    "110105194912310021 is the number of nobody",
    "commit 1a2b3c4d5e6f7a8b9c0d, v2.1-3-g1a2b3c4d5e6f",
    "pose 1.2345, 2.3456, 0.1234",
    "2025-11-23T12:34:56.789Z 1763901234567890123",
    "std::vector, ad::Add, 0x7ffd3a2b1c40",
    "password is wrong; 密码错误; ssid: none; user: root",
    "OS1-64-U02 VLP-16 E0401, 25°C, 180°",
    "Kids room, master's bedroom, 主人的房间, 客厅",
    "lat=12 ms, address already in use, gender-neutral",
  ])("%s", (text) => expect(redact(text)).toEqual({ text, found: [] }));
});

test.each(PIECES.filter((_, i) => i % 5 === 0))("nothing is left to redact in: %s", checkRedaction);

test("time grows as the text does, whatever it is made of", () => {
  // All of it, and longer, in hostile.proof.ts; here a pattern that explodes is found by its time-out.
  for (const { make } of HOSTILE) redact(make(600));
});

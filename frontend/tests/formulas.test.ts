import { describe, expect, it } from "vitest";
import { inserted, type Name, offers, position, words, written } from "../src/formulas/language.ts";

const name = (code: string, zh: string, pinyin: string, initials: string): Name => ({
  code,
  zh,
  en: code,
  unit: "MWh",
  keys: [zh, pinyin, initials, code, code],
});
const NAMES: Name[] = [
  name("generation", "发电量", "fadianliang", "fdl"),
  name("generation_hours", "发电小时", "fadianxiaoshi", "fdxs"),
  name("auxiliary", "厂用电量", "changyongdianliang", "cydl"),
  { code: "round", zh: "", en: "", unit: "", keys: ["round"], function: true },
];

describe("words of a formula", () => {
  it("are told apart, and nothing is lost", () => {
    const text = "if(「发电量」 > 0, coal * 29307[kJ/kg], round(x, 2)) × y";
    const found = words(text);
    expect(found.map((word) => word.text).join("")).toBe(text);
    const kinds = Object.fromEntries(found.map((word) => [word.text, word.kind]));
    expect(kinds).toMatchObject({
      if: "function",
      "「发电量」": "name",
      coal: "code",
      "29307": "number",
      "×": "strange",
    });
    expect(kinds["[kJ/kg]"]).toBe("unit");
  });
});

describe("completion", () => {
  it("finds by name, whole pinyin, initials and code", () => {
    for (const asked of ["发电量", "fadianl", "fdl", "generation"]) {
      expect(offers(NAMES, asked)[0]?.code).toBe("generation");
    }
    expect(offers(NAMES, "cyd").map((one) => one.code)).toEqual(["auxiliary"]);
    expect(offers(NAMES, "")).toEqual([]);
  });

  it("reads the word at the caret", () => {
    expect(written("a + fdl", 7)).toEqual({ start: 4, asked: "fdl" });
    expect(written("a + 「发电", 7)).toEqual({ start: 4, asked: "发电" });
    expect(written("a + ", 4)).toBeNull();
    expect(written("2", 1)).toBeNull();
  });

  it("writes the Chinese name where it is one indicator's alone", () => {
    expect(inserted(NAMES[0] as Name, NAMES, true)).toBe("「发电量」");
    expect(inserted(NAMES[0] as Name, NAMES, false)).toBe("generation");
    expect(inserted(NAMES[0] as Name, [...NAMES, name("g2", "发电量", "", "")], true)).toBe("generation");
    expect(inserted(NAMES[3] as Name, NAMES, true)).toBe("round(");
  });
});

describe("places", () => {
  it("are counted in characters, not in half ones", () => {
    expect(position("ab\ncd", 2, 2)).toBe(4);
    expect(position("𠮷x", 1, 2)).toBe(2);
  });
});

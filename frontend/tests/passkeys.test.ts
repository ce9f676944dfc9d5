import { describe, expect, it } from "vitest";
import { bytes, packed, text, unpacked } from "../src/passkeys.ts";

describe("passkeys", () => {
  it("writes bytes as texts and reads them again", () => {
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    const written = text(all.buffer);
    expect(written).not.toMatch(/[+/=]/);
    expect(new Uint8Array(bytes(written))).toEqual(all);
  });

  it("gives the browser bytes where the question has texts", () => {
    const question = { challenge: "AQI", allowCredentials: [{ id: "Aw", type: "public-key" as const }] };
    const given = unpacked(question) as { challenge: ArrayBuffer; allowCredentials: Array<{ id: ArrayBuffer }> };
    expect(new Uint8Array(given.challenge)).toEqual(Uint8Array.of(1, 2));
    expect(new Uint8Array(given.allowCredentials[0]?.id as ArrayBuffer)).toEqual(Uint8Array.of(3));
    expect(given).not.toHaveProperty("user");
  });

  it("sends what the device signed", () => {
    const buffer = Uint8Array.of(1, 2).buffer;
    const response = { clientDataJSON: buffer, authenticatorData: buffer, signature: buffer, userHandle: buffer };
    const credential = { id: "AQI", rawId: buffer, type: "public-key", response } as unknown as PublicKeyCredential;
    const said = JSON.parse(packed(credential));
    expect(said.rawId).toBe("AQI");
    expect(said.response).toEqual({
      clientDataJSON: "AQI",
      authenticatorData: "AQI",
      signature: "AQI",
      userHandle: "AQI",
    });
  });
});

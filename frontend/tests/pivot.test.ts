import { describe, expect, it } from "vitest";
import { placed, stepped } from "../src/pivot.ts";

const axes = { rows: ["place", "indicator"], columns: ["period", "show"] };

describe("the axes of a pivot", () => {
  it("hold every dimension once, wherever one is dropped", () => {
    expect(placed(axes, "period", "rows", 1)).toEqual({ rows: ["place", "period", "indicator"], columns: ["show"] });
    expect(placed(axes, "place", "rows", 2)).toEqual({ rows: ["indicator", "place"], columns: ["period", "show"] });
    expect(placed(axes, "place", "columns", 9)).toEqual({ rows: ["indicator"], columns: ["period", "show", "place"] });
  });

  it("change by arrow keys, and not at their ends", () => {
    expect(stepped(axes, "place", "ArrowDown")?.rows).toEqual(["indicator", "place"]);
    expect(stepped(axes, "show", "ArrowUp")?.columns).toEqual(["show", "period"]);
    expect(stepped(axes, "show", "ArrowLeft")).toEqual({ rows: ["place", "indicator", "show"], columns: ["period"] });
    expect(stepped(axes, "indicator", "ArrowRight")?.columns).toEqual(["period", "show", "indicator"]);
    expect(stepped(axes, "place", "ArrowUp")).toBeNull();
    expect(stepped(axes, "show", "ArrowRight")).toBeNull();
    expect(stepped(axes, "place", "Tab")).toBeNull();
  });
});

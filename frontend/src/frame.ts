/** The frame around pages: appearance, menus, full screen. */

const A_YEAR = 365 * 24 * 3600;

/** Changes the appearance at once and remembers it where the server reads it, without a round trip. */
export function watchTheme(root: Document): void {
  root.addEventListener("submit", (event) => {
    const form = event.target as HTMLElement;
    const button = (event as SubmitEvent).submitter;
    const cookie = form.dataset.themeForm;
    if (!cookie || !(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    root.cookie = `${cookie}=${button.value}; path=/; max-age=${A_YEAR}; samesite=lax`;
    root.documentElement.dataset.bsTheme = button.value;
    for (const other of form.querySelectorAll("button")) other.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    form.closest("details")?.removeAttribute("open");
  });
}

/** Opened menus close when one clicks elsewhere, opens another or presses Escape. */
export function watchMenus(root: Document): void {
  const closeOthers = (kept: Element | null) => {
    for (const menu of root.querySelectorAll("details.menu-box[open]")) {
      if (menu !== kept) menu.removeAttribute("open");
    }
  };
  root.addEventListener("click", (event) => closeOthers((event.target as Element).closest("details.menu-box")));
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = root.querySelector<HTMLElement>("details.menu-box[open]");
    closeOthers(null);
    open?.querySelector("summary")?.focus();
  });
}

/** Full screen for control rooms: the browser's frame and our menu go away. */
export function watchFullScreen(root: Document): void {
  root.addEventListener("click", (event) => {
    if (!(event.target as Element).closest("[data-full-screen]")) return;
    if (root.fullscreenElement) void root.exitFullscreen();
    else void root.documentElement.requestFullscreen();
  });
  root.addEventListener("fullscreenchange", () => {
    const full = Boolean(root.fullscreenElement);
    root.documentElement.toggleAttribute("data-wide", full);
    root.querySelector("[data-full-screen]")?.setAttribute("aria-pressed", String(full));
  });
}

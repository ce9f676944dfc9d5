/** Links that change a part of the page instead of leaving it. Without script, or with a key held, they are links. */
import htmx from "htmx.org";

/** `data-swap="#part"`: the part is fetched anew and the address follows. What scripts have drawn into a part cannot be
 *  morphed: `data-swap-how="outerHTML"` puts the new part in the old one's place. */
function swap(link: HTMLAnchorElement, target: string): void {
  void htmx.ajax("GET", link.href, {
    source: link,
    target,
    select: target,
    swap: link.dataset.swapHow ?? "outerMorph",
    push: link.href,
    headers: { "HX-Target": `div${target}` },
  });
}

/** `data-window="#window"`: what the link leads to is shown in a window, in the element `#window-body`. */
function show(link: HTMLAnchorElement, window: HTMLElement): void {
  const body = `#${window.id}-body`;
  window.querySelector(body)?.replaceChildren();
  link.closest("details.menu-box")?.removeAttribute("open");
  if (!window.matches(":popover-open")) window.showPopover();
  // A link that stood in the window itself is gone by now.
  const source = link.isConnected ? link : window;
  void htmx.ajax("GET", link.href, { source, target: body, select: body, swap: "outerHTML" });
}

export function watchLinks(root: Document): void {
  root.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-swap], a[data-window]");
    if (!link) return;
    const window = link.dataset.window ? root.querySelector<HTMLElement>(link.dataset.window) : null;
    if (link.dataset.swap) swap(link, link.dataset.swap);
    else if (window?.showPopover) show(link, window);
    else return;
    event.preventDefault();
  });
}

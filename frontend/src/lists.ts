/** Lists: pages and sorting without loading the frame again, ticks for bulk actions, filters folded on a phone. */
import htmx from "htmx.org";

const RESULTS = "#list-results";

/** Ticks or unticks all rows, and says how many are ticked. */
function watchTicks(root: Document): void {
  root.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    const form = box.closest<HTMLFormElement>("form[data-bulk]");
    if (!form) return;
    const boxes = [...form.querySelectorAll<HTMLInputElement>("tbody input[name=selected]")];
    if (box.matches("[data-select-all]")) for (const other of boxes) other.checked = box.checked;
    const ticked = boxes.filter((other) => other.checked).length;
    const count = form.querySelector<HTMLElement>("[data-bulk-count]");
    if (count) {
      count.textContent = `${ticked} / ${boxes.length}`;
      count.hidden = ticked === 0;
    }
    const all = form.querySelector<HTMLInputElement>("[data-select-all]");
    if (all) {
      all.checked = ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
  });
}

/** Links to other pages and orders of a list fetch the results only. */
function watchLinks(root: Document): void {
  root.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const link = (event.target as Element).closest<HTMLAnchorElement>(`${RESULTS} .sort, ${RESULTS} .pagination a`);
    if (!link) return;
    event.preventDefault();
    void htmx.ajax("GET", link.href, {
      source: link,
      target: RESULTS,
      select: RESULTS,
      swap: "outerHTML",
      push: link.href,
      headers: { "HX-Target": `div${RESULTS}` }, // htmx names the link instead; the server answers with the results alone
    });
  });
}

/** Fields below the filters that belong to them: the page's length counts at once, columns when their menu closes. */
function watchOutlyingFields(root: Document): void {
  const changed = new WeakSet<Element>();
  root.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement | HTMLSelectElement;
    if (!field.form?.matches("form[data-list-filters]") || field.form.contains(field)) return;
    const menu = field.closest("details.menu-box");
    if (menu) changed.add(menu);
    else field.form.requestSubmit();
  });
  root.addEventListener(
    "toggle",
    (event) => {
      const menu = event.target as HTMLDetailsElement;
      if (menu.open || !changed.delete(menu)) return;
      root.querySelector<HTMLFormElement>("form[data-list-filters]")?.requestSubmit();
    },
    { capture: true },
  );
}

/** On a phone the filters are folded until one is set. */
function foldFilters(root: Document): void {
  const filters = root.querySelector<HTMLDetailsElement>("details.list-more:not([data-set])");
  if (filters && window.matchMedia("(max-width: 767.98px)").matches) filters.open = false;
}

export function watchLists(root: Document): void {
  watchTicks(root);
  watchLinks(root);
  watchOutlyingFields(root);
  foldFilters(root);
}

/** What every page runs. Pages work without it; it makes them quicker and more careful. */
import "../styles/main.scss";
import "./htmx.ts";
import { watchConfirmations, watchSentForms } from "./forms.ts";
import { watchFullScreen, watchMenus, watchTheme } from "./frame.ts";
import { bringIslandsToLife } from "./islands.ts";
import { watchLeaving } from "./leaving.ts";
import { watchLinks } from "./links.ts";
import { watchLists } from "./lists.ts";
import { watchTicks } from "./ticks.ts";
import { watchDismissals } from "./toasts.ts";

document.documentElement.setAttribute("data-script", "");
watchTheme(document);
watchMenus(document);
watchFullScreen(document);
watchDismissals(document);
watchSentForms(document);
watchConfirmations(document);
watchLists(document);
watchLinks(document);
watchLeaving(document);
watchTicks(document);
bringIslandsToLife(document);
document.addEventListener("htmx:after:settle", () => bringIslandsToLife(document));

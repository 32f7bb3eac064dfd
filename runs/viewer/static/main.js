// The page: which task is shown, by the address, and following a run that goes on.

import { get } from "./api.js";
import { byId, whole } from "./dom.js";
import { Explorer } from "./explorer.js";
import { TaskList } from "./tasks.js";

const EVERY = 1000; // milliseconds between two looks at a run that goes on
const PATIENCE = 8; // times that a look's own duration passes before the next one

const list = new TaskList();
const explorer = new Explorer();
let shown = null; // a task's number; null shows the list
let extent = null;

// A token in the address has become a cookie by now; it need not stay where it is seen and copied.
if (new URLSearchParams(location.search).has("token")) history.replaceState(null, "", location.pathname + location.hash);

function tell(problem) {
  byId("problem").hidden = problem === null;
  byId("problem").textContent = problem ?? "";
}

async function showTasks() {
  const tasks = await get("api/tasks");
  list.show(tasks);
  const left = tasks.filter((task) => task.stopped === null).length;
  byId("live").hidden = left === 0;
  byId("live").textContent = `${whole(left)} unfinished`;
  return tasks;
}

async function route() {
  const task = /^#\/task\/(\d+)/.exec(location.hash);
  shown = task ? Number(task[1]) : null;
  byId("list").hidden = shown !== null;
  byId("tree").hidden = byId("home").hidden = shown === null;
  tell(null);
  try {
    if (shown === null) await showTasks();
    else {
      await explorer.open(shown);
      byId("canvas").focus({ preventScroll: true });
    }
  } catch (error) {
    tell(error.message);
  }
}

async function follow() {
  const began = performance.now();
  try {
    const now = await get("api/extent");
    const moved = extent !== null && String(now) !== String(extent);
    extent = now;
    if (moved) {
      if (shown === null) await showTasks();
      else if (!explorer.finished) await explorer.refresh();
    }
    if (byId("problem").dataset.lost) {
      delete byId("problem").dataset.lost;
      tell(null);
    }
  } catch (error) {
    byId("problem").dataset.lost = "1";
    tell(`The viewer does not answer: is treewright view still running? (${error.message})`);
  }
  setTimeout(follow, Math.max(EVERY, PATIENCE * (performance.now() - began)));
}

/** What a model says of itself; nothing, where that is only where it lies in memory. */
const named = (model) => (model?.startsWith("<") ? null : model);

async function start() {
  const run = await get("api/run");
  extent = run.extent;
  document.title = `${run.name} – treewright`;
  byId("title").textContent = run.name;
  const limits = Object.entries(run.budget ?? {}).filter(([name, limit]) => limit !== null && name !== "prices");
  const budget = limits.map(([name, limit]) => `${whole(limit)} ${name.replaceAll("_", " ")}`).join(", ");
  byId("facts").textContent = [run.recipe, run.domain, budget && `${budget} a task`, named(run.policy)].filter(Boolean).join(" · ");
  addEventListener("hashchange", route);
  await route();
  setTimeout(follow, EVERY);
}

addEventListener("unhandledrejection", (event) => tell(event.reason.message));
window.explorer = explorer; // for the console, and for measuring
start().catch((error) => tell(error.message));

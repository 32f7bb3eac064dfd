// The list of tasks, with its filters.

import { byId, digits, el, whole } from "./dom.js";

const MOST = 1000; // rows in the page; the filters find the rest

const tests = {
  all: () => true,
  solved: (task) => task.correct === true,
  wrong: (task) => task.correct === false && task.answer !== null,
  none: (task) => task.stopped !== null && task.answer === null,
  ungraded: (task) => task.stopped !== null && task.correct === null,
  failures: (task) => task.failures > 0,
  unfinished: (task) => task.stopped === null,
};

export function verdict(task) {
  if (task.stopped === null) return [task.calls ? "searching" : "waiting", "open"];
  if (task.answer === null) return ["no answer", "wrong"];
  if (task.correct === null) return ["ungraded", "open"];
  return task.correct ? ["solved", "correct"] : ["wrong", "wrong"];
}

export class TaskList {
  constructor() {
    this.tasks = [];
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("status").addEventListener("change", () => this.draw());
    byId("wanted").addEventListener("input", () => this.draw());
  }

  show(tasks) {
    this.tasks = tasks;
    this.draw();
  }

  draw() {
    const wanted = byId("wanted").value.toLowerCase();
    const fits = tests[byId("status").value];
    const chosen = this.tasks.filter(
      (task) => fits(task) && [task.id, task.text, task.answer ?? ""].some((text) => text.toLowerCase().includes(wanted)),
    );
    byId("rows").replaceChildren(...chosen.slice(0, MOST).map(row));
    const cut = chosen.length > MOST ? `, the first ${whole(MOST)} shown` : "";
    byId("counted").textContent = `${whole(chosen.length)} of ${whole(this.tasks.length)} tasks${cut}`;
  }
}

function row(task) {
  const [word, kind] = verdict(task);
  const cost = task.cost;
  return el(
    "tr",
    {},
    el("td", {}, el("a", { href: `#/task/${task.number}` }, task.id), el("span", { className: "about" }, task.text)),
    el("td", { className: kind }, word),
    el("td", { className: "answer", title: task.answer ?? "" }, task.answer ?? "–"),
    el("td", { className: "number" }, digits(task.value)),
    el("td", { className: "number" }, task.nodes ? whole(task.nodes) : "–"),
    el("td", { className: "number" }, cost ? whole(cost.tokens) : "–"),
    el("td", { className: task.failures ? "number failed" : "number" }, whole(task.failures)),
    el("td", {}, task.stopped ?? "–"),
  );
}

// One task's tree: canvas, outline, panel, search and time, kept in step with each other.

import { get } from "./api.js";
import { colouring } from "./colours.js";
import { byId, digits, el, say, whole } from "./dom.js";
import { Outline } from "./outline.js";
import { Panel } from "./panel.js";
import { verdict } from "./tasks.js";
import { TreeData } from "./tree.js";
import { View } from "./view.js";

export class Explorer {
  constructor() {
    const hands = { picked: (node) => this.select(node), toggled: (node) => this.toggle(node) };
    this.view = new View(byId("canvas"), hands);
    this.outline = new Outline(byId("outline"), hands);
    this.panel = new Panel(byId("panel"), (node) => this.select(node, { centre: true }));
    this.worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => this.placed(data);
    this.requests = 0;
    this.waiting = new Map();
    this.found = [];
    this.tree = null;
    this.selected = 0;
    this.listen();
  }

  /** Shows a task's tree from the start. */
  async open(number) {
    this.number = number;
    this.tree = null;
    this.found = [];
    byId("search").value = "";
    byId("found").textContent = "";
    this.selected = 0;
    const tree = await this.load();
    if (this.number !== number) return;
    tree.hideUnvisited(!byId("unvisited").checked);
    await this.place(tree);
    this.view.fit();
    this.select(tree.answer ?? 0, { quiet: true });
    await this.loadLife(tree);
  }

  /** Shows what has been added; what was chosen and folded stays. */
  async refresh() {
    const before = this.tree;
    const number = this.number;
    const tree = await this.load();
    if (this.number !== number || before === null) return;
    tree.keep(before);
    tree.hideUnvisited(!byId("unvisited").checked);
    await this.place(tree);
    this.select(this.selected, { quiet: true });
    await this.loadLife(tree);
  }

  async load() {
    const base = `api/tasks/${this.number}`;
    const [task, columns] = await Promise.all([get(base), get(`${base}/tree`)]);
    this.task = task;
    const [word, kind] = verdict(task);
    const answer = task.answer === null ? "" : `: ${task.answer}`;
    byId("verdict").replaceChildren(
      el("b", { className: kind }, word + answer),
      el("span", { className: "hint" }, ` · ${whole(columns.parent.length)} nodes · ${task.stopped ? `stopped: ${task.stopped}` : "not finished"} · `),
      task.text,
    );
    byId("verdict").title = task.text;
    return new TreeData(columns);
  }

  async loadLife(tree) {
    const life = await get(`api/tasks/${this.number}/life`);
    if (this.tree !== tree) return;
    tree.life = life;
    byId("time").hidden = life === null;
    byId("step").max = tree.steps;
    this.showTime(tree.steps);
    if (this.details) this.panel.show(this.details, this.number, tree);
  }

  get finished() {
    return this.tree !== null && this.tree.finished;
  }

  /** Lays a tree out in the worker and shows it; one that is asked for later counts. */
  place(tree) {
    const isNew = tree !== this.tree;
    this.tree = tree;
    const number = ++this.requests;
    const message = { folded: tree.folded, hidden: tree.hidden, number };
    if (isNew) message.parent = tree.parent;
    return new Promise((resolve) => {
      this.waiting.set(number, resolve);
      this.worker.postMessage(message);
    });
  }

  placed(places) {
    const resolve = this.waiting.get(places.number);
    this.waiting.delete(places.number);
    if (places.number === this.requests) {
      this.places = places;
      this.showPath();
      this.repaint();
    }
    resolve();
  }

  repaint() {
    const colours = colouring(this.tree, byId("colour").value);
    this.view.show(this.tree, this.places, colours);
    this.outline.show(this.tree, this.places.order);
    showLegend(colours);
  }

  async select(node, { centre = false, quiet = false } = {}) {
    const tree = this.tree;
    if (tree.reveal(node)) await this.place(tree);
    this.selected = this.view.selected = node;
    if (centre) this.view.centre(node);
    else if (!quiet) this.view.reach(node);
    else this.view.draw();
    this.outline.select(node);
    const { visits, q } = tree.now;
    say(`${tree.text[node]}; ${visits[node]} visits, q ${digits(q[node], 2)}`);
    const details = await get(`api/tasks/${this.number}/nodes/${node}`);
    if (this.selected !== node || this.tree !== tree) return;
    this.details = details;
    this.panel.show(details, this.number, tree);
  }

  async toggle(node) {
    const { tree } = this;
    if (!tree.children[node]) return;
    const before = this.view.y(node);
    tree.folded[node] = 1 - tree.folded[node];
    await this.place(tree);
    this.view.top += before - this.view.y(node); // the node stays where it was
    this.select(node, { quiet: true });
    say(tree.folded[node] ? `folded, ${whole(tree.size[node] - 1)} nodes below` : "unfolded");
  }

  async fold(how) {
    const { tree } = this;
    if (how === "all") tree.unfoldAll();
    else tree.foldAllBut(new Set(tree.path(tree.answer ?? 0)));
    await this.place(tree);
    this.view.fit();
  }

  showPath() {
    const which = byId("path").value;
    const { tree } = this;
    const nodes = { none: [], principal: tree.principal, answer: tree.answer === null ? [] : tree.path(tree.answer) }[which];
    this.view.pathNodes = nodes;
    this.outline.onPath = new Set(nodes);
  }

  goal() {
    if (this.tree.answer === null) say("no answer");
    else this.select(this.tree.answer, { centre: true });
  }

  showTime(step) {
    const { tree } = this;
    byId("step").value = step;
    tree.goTo(step);
    byId("when").textContent = `turn ${whole(step)} of ${whole(tree.steps)}, ${digits(tree.life?.seconds[step] ?? 0, 2)} s`;
    this.repaint();
  }

  play() {
    if (this.playing) {
      cancelAnimationFrame(this.playing);
      this.playing = 0;
      byId("play").textContent = "Play";
      return;
    }
    const { tree } = this;
    const began = performance.now();
    const from = tree.step >= tree.steps ? 0 : tree.step;
    const lasts = Math.min(12000, 400 + 60 * tree.steps); // milliseconds
    byId("play").textContent = "Pause";
    const tick = () => {
      const step = from + Math.floor(((performance.now() - began) / lasts) * tree.steps);
      this.showTime(Math.min(step, tree.steps));
      if (step < tree.steps && this.tree === tree) {
        this.playing = requestAnimationFrame(tick);
      } else {
        this.playing = 0;
        byId("play").textContent = "Play";
      }
    };
    this.playing = requestAnimationFrame(tick);
  }

  async find(text) {
    const found = text ? await get(`api/tasks/${this.number}/find?text=${encodeURIComponent(text)}`) : [];
    if (byId("search").value !== text) return;
    this.found = found;
    this.view.marked = new Set(found);
    this.view.draw();
    byId("found").textContent = text ? `${whole(found.length)} found` : "";
    say(byId("found").textContent);
  }

  nextFound(way) {
    const { found } = this;
    if (!found.length) return;
    const at = found.indexOf(this.selected);
    const next = at < 0 ? (way > 0 ? 0 : found.length - 1) : (at + way + found.length) % found.length;
    byId("found").textContent = `${whole(next + 1)} of ${whole(found.length)}`;
    this.select(found[next], { centre: true });
  }

  /** The node of the same depth above or below on the canvas. */
  level(way) {
    const { depth, level, start } = this.places;
    const d = depth[this.selected];
    for (let at = level.indexOf(this.selected, start[d]) + way; at >= start[d] && at < start[d + 1]; at += way) {
      if (this.tree.isBorn(level[at])) return level[at];
    }
    return this.selected;
  }

  key(event, from) {
    const { tree, selected } = this;
    const firstChild = () => tree.parent.indexOf(selected);
    const moves = {
      ArrowUp: () => this.select(from === "outline" ? this.outline.beside(selected, -1) : this.level(-1)),
      ArrowDown: () => this.select(from === "outline" ? this.outline.beside(selected, 1) : this.level(1)),
      ArrowLeft: () => (from === "outline" && tree.children[selected] && !tree.folded[selected]
        ? this.toggle(selected) : this.select(Math.max(0, tree.parent[selected]))),
      ArrowRight: () => {
        if (!tree.children[selected]) return undefined;
        if (tree.folded[selected]) return this.toggle(selected);
        return tree.isBorn(firstChild()) ? this.select(firstChild()) : undefined;
      },
      Enter: () => this.toggle(selected),
      " ": () => this.toggle(selected),
      Home: () => this.select(0),
    };
    const move = moves[event.key];
    if (!move || tree === null) return;
    event.preventDefault();
    move();
  }

  listen() {
    byId("fit").addEventListener("click", () => this.view.fit());
    byId("goal").addEventListener("click", () => this.goal());
    byId("fold").addEventListener("click", () => this.fold("path"));
    byId("unfold").addEventListener("click", () => this.fold("all"));
    byId("colour").addEventListener("change", () => this.repaint());
    byId("unvisited").addEventListener("change", async () => {
      this.tree.hideUnvisited(!byId("unvisited").checked);
      await this.place(this.tree);
      this.view.fit();
    });
    byId("path").addEventListener("change", () => {
      this.showPath();
      this.repaint();
    });
    byId("play").addEventListener("click", () => this.play());
    byId("time").addEventListener("submit", (event) => event.preventDefault());
    byId("step").addEventListener("input", () => {
      this.showTime(Number(byId("step").value));
      if (this.details) this.panel.show(this.details, this.number, this.tree);
    });
    byId("search").addEventListener("input", () => this.find(byId("search").value));
    byId("search").addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.nextFound(event.shiftKey ? -1 : 1);
      if (event.key === "Escape") byId("canvas").focus();
    });
    for (const name of ["canvas", "outline"]) byId(name).addEventListener("keydown", (event) => this.key(event, name));
    addEventListener("keydown", (event) => {
      if (byId("tree").hidden || event.ctrlKey || event.metaKey || event.target.matches("input, select")) return;
      const short = { "/": () => byId("search").focus(), a: () => this.goal(), 0: () => this.view.fit() }[event.key];
      if (!short || this.tree === null) return;
      event.preventDefault();
      short();
    });
  }
}

function showLegend(colours) {
  const swatch = (colour) => {
    const made = el("span", { className: "swatch" });
    made.style.background = colour;
    return made;
  };
  const parts = colours.names
    ? colours.names.flatMap((name, kind) => [swatch(colours.palette[kind % colours.palette.length]), name])
    : [colours.low, el("span", { className: "bar" }, ...colours.palette.map(swatch)), colours.high];
  byId("legend").replaceChildren(...parts);
}

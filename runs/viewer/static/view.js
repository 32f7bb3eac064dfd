// The tree on a canvas: pan, zoom, and only what is seen is drawn.

import { ANSWER, BAD } from "./colours.js";
import { ANSWERS, FAILED } from "./tree.js";

const COLUMN = 190; // pixels between depths at scale 1
const ROW = 22; // pixels between leaves at scale 1
const MARGIN = 26;
const DENSE = 1.5; // pixels; of nodes of one depth that are closer, one is drawn
const LABELS = 13; // pixels between leaves from which on texts are drawn
const CURVES = 5; // pixels between leaves from which on edges are curves and nodes round
const LETTER = 6.4; // pixels, about, of a letter
const LARGEST = 3;

export class View {
  /** picked(node): a click on a node; toggled(node): a double click. */
  constructor(canvas, { picked, toggled }) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.scale = 1;
    this.left = MARGIN;
    this.top = 0;
    this.frames = 0;
    this.tree = null;
    this.marked = new Set();
    this.pathNodes = [];
    this.selected = 0;
    this.waiting = false;
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.listen(picked, toggled);
  }

  show(tree, places, colours) {
    Object.assign(this, { tree, places, colours });
    this.draw();
  }

  // Across, a tree is never shrunk below what fits the window: depth stays readable however many leaves there are.
  get across() {
    const deepest = this.places.start.length - 2;
    const fitting = (this.width - 2 * MARGIN - 120) / Math.max(1, deepest * COLUMN);
    return Math.max(Math.min(this.scale, 1.5), Math.min(1, fitting));
  }

  x(node) {
    return this.left + this.places.depth[node] * COLUMN * this.across;
  }

  y(node) {
    return this.top + this.places.y[node] * ROW * this.scale;
  }

  resize() {
    const ratio = devicePixelRatio;
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    this.canvas.width = this.width * ratio;
    this.canvas.height = this.height * ratio;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.draw();
  }

  fit() {
    const tall = (this.places.rows - 1) * ROW; // below, there is room for the legend
    this.scale = Math.min(1, (this.height - 3 * MARGIN) / Math.max(1, tall));
    this.left = MARGIN;
    this.top = (this.height - MARGIN - tall * this.scale) / 2;
    this.draw();
  }

  /** Brings a node into the middle, large enough to be read. */
  centre(node) {
    this.scale = Math.max(this.scale, 0.8);
    this.left += this.width / 2 - this.x(node);
    this.top += this.height / 2 - this.y(node);
    this.draw();
  }

  /** Brings a node into sight, if it is not. */
  reach(node) {
    const [x, y] = [this.x(node), this.y(node)];
    const aside = Math.min(160, this.width / 3);
    if (x < MARGIN) this.left += MARGIN - x;
    if (x > this.width - aside) this.left += this.width - aside - x;
    if (y < MARGIN) this.top += MARGIN - y;
    if (y > this.height - MARGIN) this.top += this.height - MARGIN - y;
    this.draw();
  }

  zoom(factor, x, y) {
    const [depth, row] = [(x - this.left) / this.across, (y - this.top) / this.scale];
    const smallest = Math.min(0.5, (this.height - 2 * MARGIN) / Math.max(1, this.places.rows * ROW));
    this.scale = Math.max(smallest, Math.min(LARGEST, this.scale * factor));
    this.left = x - depth * this.across;
    this.top = y - row * this.scale;
    this.draw();
  }

  pan(x, y) {
    this.left += x;
    this.top += y;
    this.draw();
  }

  /** Draws soon: once a frame, however often it is asked. */
  draw() {
    if (this.waiting || !this.tree || !this.width) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.paint();
      this.frames++;
    });
  }

  /** The nodes of a depth with something to see between `above` and `below`, as [first, past the last]. */
  range(d, above, below) {
    const { level, start, y } = this.places;
    const parent = this.tree.parent;
    const unit = ROW * this.scale;
    const from = (above - this.top) / unit;
    const to = (below - this.top) / unit;
    const low = (i) => (d ? Math.min(y[level[i]], y[parent[level[i]]]) : y[level[i]]);
    const high = (i) => (d ? Math.max(y[level[i]], y[parent[level[i]]]) : y[level[i]]);
    const first = search(start[d], start[d + 1], (i) => high(i) >= from);
    return [first, search(first, start[d + 1], (i) => low(i) > to)];
  }

  paint() {
    const { context, tree, places } = this;
    context.fillStyle = "#fbfcfd";
    context.fillRect(0, 0, this.width, this.height);
    const seen = [];
    for (let d = 0; d + 1 < places.start.length; d++) {
      const x = this.left + d * COLUMN * this.across;
      if (x < -COLUMN * this.across * 2 || x > this.width + COLUMN * this.across) continue;
      const [first, end] = this.range(d, -MARGIN, this.height + MARGIN);
      let last = -Infinity;
      for (let i = first; i < end; i++) {
        const node = places.level[i];
        if (!tree.isBorn(node)) continue;
        const y = this.y(node);
        if (y - last < DENSE) continue;
        last = y;
        seen.push(node);
      }
    }
    this.paintEdges(seen);
    this.paintPath();
    this.paintNodes(seen);
    if (ROW * this.scale >= LABELS) this.paintTexts(seen);
    this.paintMarks();
    this.seen = seen.length;
  }

  paintEdges(seen) {
    const { context } = this;
    context.strokeStyle = ROW * this.scale < CURVES ? "#dfe4ea" : "#c3cad3";
    context.lineWidth = 1;
    // Short paths: the cost of one path grows faster than its length.
    for (let from = 0; from < seen.length; from += 64) {
      context.beginPath();
      for (let i = from; i < Math.min(from + 64, seen.length); i++) this.edge(seen[i]);
      context.stroke();
    }
  }

  edge(node) {
    const above = this.tree.parent[node];
    if (above < 0) return;
    const [x0, y0, x1, y1] = [this.x(above), this.y(above), this.x(node), this.y(node)];
    this.context.moveTo(x0, y0);
    if (ROW * this.scale < CURVES) {
      this.context.lineTo(x1, y1);
    } else {
      const middle = x1 - Math.min(60, (x1 - x0) / 2);
      this.context.lineTo(Math.max(x0, middle - 60), y0);
      this.context.bezierCurveTo(middle, y0, middle, y1, x1, y1);
    }
  }

  paintPath() {
    const { context } = this;
    context.strokeStyle = ANSWER;
    context.lineWidth = 2.5;
    context.beginPath();
    for (const node of this.pathNodes) if (this.isShown(node)) this.edge(node);
    context.stroke();
  }

  isShown(node) {
    return !Number.isNaN(this.places.y[node]) && this.tree.isBorn(node);
  }

  radius(node) {
    if (ROW * this.scale < CURVES) return 1.5;
    return 2.5 + 4.5 * this.share(node) * Math.min(1, this.scale);
  }

  /** Of all visits, those through a node; logarithms of both, in [0, 1]. */
  share(node) {
    const { visits } = this.tree.now;
    return Math.min(1, Math.log1p(visits[node]) / Math.log1p(visits[0] || 1));
  }

  paintNodes(seen) {
    const { context, tree, colours } = this;
    const dots = ROW * this.scale < CURVES;
    for (const node of seen) {
      const [x, y, shade] = [this.x(node), this.y(node), colours.of(node)];
      if (dots) {
        context.fillStyle = shade < 0 ? "#d5dae0" : colours.palette[shade];
        const wide = 3 + 9 * this.share(node);
        context.fillRect(x - wide / 2, y - 1, wide, shade < 0 ? 1 : 2);
        continue;
      }
      const r = this.radius(node);
      context.beginPath();
      context.arc(x, y, r, 0, 2 * Math.PI);
      context.fillStyle = shade < 0 ? "#fbfcfd" : colours.palette[shade];
      context.fill();
      context.lineWidth = 1;
      context.strokeStyle = shade < 0 ? "#a5afba" : "#5c6875";
      context.stroke();
      if (tree.flags[node] & FAILED) this.cross(x, y);
      else if (tree.flags[node] & ANSWERS) this.ring(x, y, r + 2, "#d9a679", 1.2);
      if (tree.folded[node] && tree.children[node]) this.stub(x, y, r);
    }
  }

  cross(x, y) {
    const { context } = this;
    context.strokeStyle = BAD;
    context.lineWidth = 2;
    context.beginPath();
    for (const side of [-4, 4]) {
      context.moveTo(x - 4, y - side);
      context.lineTo(x + 4, y + side);
    }
    context.stroke();
  }

  ring(x, y, r, colour, width) {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }

  /** Three short lines: there is more below. */
  stub(x, y, r) {
    const { context } = this;
    context.strokeStyle = "#8a95a1";
    context.lineWidth = 1.2;
    context.beginPath();
    for (const side of [-3.5, 0, 3.5]) {
      context.moveTo(x + r + 1, y + side / 3);
      context.lineTo(x + r + 8, y + side);
    }
    context.stroke();
  }

  paintTexts(seen) {
    const { context, tree } = this;
    const room = COLUMN * this.across;
    context.font = '12px system-ui, "Liberation Sans", sans-serif';
    context.textBaseline = "middle";
    for (const node of seen) {
      const open = tree.children[node] > 0 && !tree.folded[node];
      const letters = Math.floor(((open ? room - 34 : Math.max(room, 300)) - 14) / LETTER);
      if (letters < 4) continue;
      const text = tree.text[node];
      const hidden = tree.folded[node] && tree.children[node] ? `  +${(tree.size[node] - 1).toLocaleString("en")}` : "";
      const [x, y] = [this.x(node), this.y(node)];
      const shown = (text.length > letters ? `${text.slice(0, letters - 1)}…` : text) + hidden;
      context.fillStyle = "#fbfcfd"; // so that the text stands clear of edges
      context.fillRect(x + 10, y - 7, context.measureText(shown).width + (hidden ? 13 : 6), 14);
      context.fillStyle = tree.now.visits[node] ? "#1d2630" : "#8a95a1";
      context.fillText(shown, x + (hidden ? 19 : 12), y + 0.5);
    }
  }

  paintMarks() {
    for (const node of this.marked) {
      if (this.isShown(node)) this.ring(this.x(node), this.y(node), this.radius(node) + 4, "#8a2be2", 2);
    }
    const { tree } = this;
    if (tree.answer !== null && this.isShown(tree.answer)) {
      this.ring(this.x(tree.answer), this.y(tree.answer), this.radius(tree.answer) + 3, ANSWER, 3);
    }
    if (this.isShown(this.selected)) {
      this.ring(this.x(this.selected), this.y(this.selected), this.radius(this.selected) + 6, "#2b7bba", 2.5);
    }
  }

  /** The node at a place of the canvas; -1 where there is none. */
  hit(x, y) {
    const d = Math.round((x - this.left) / (COLUMN * this.across));
    if (d < 0 || d + 1 >= this.places.start.length) return -1;
    const { level, start } = this.places;
    const next = search(start[d], start[d + 1], (i) => this.y(level[i]) >= y);
    let [best, least] = [-1, 11];
    for (const i of [next - 1, next]) {
      if (i < start[d] || i >= start[d + 1] || !this.tree.isBorn(level[i])) continue;
      const away = Math.abs(this.y(level[i]) - y);
      if (away < least) [best, least] = [level[i], away];
    }
    const aside = x - (best < 0 ? 0 : this.x(best));
    const reach = ROW * this.scale >= LABELS ? 130 * this.across : 14; // a text belongs to its node
    return best >= 0 && aside > -14 && aside < reach ? best : -1;
  }

  listen(picked, toggled) {
    const { canvas } = this;
    let drag = null;
    canvas.addEventListener("pointerdown", (event) => {
      drag = { x: event.clientX, y: event.clientY, far: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drag) return;
      const [x, y] = [event.clientX - drag.x, event.clientY - drag.y];
      if (!drag.far && Math.hypot(x, y) < 4) return;
      canvas.classList.add("dragging");
      drag = { x: event.clientX, y: event.clientY, far: true };
      this.pan(x, y);
    });
    canvas.addEventListener("pointerup", (event) => {
      canvas.classList.remove("dragging");
      const node = drag && !drag.far ? this.hit(event.offsetX, event.offsetY) : -1;
      drag = null;
      if (node >= 0) picked(node);
    });
    canvas.addEventListener("pointercancel", () => (drag = null));
    canvas.addEventListener("dblclick", (event) => {
      const node = this.hit(event.offsetX, event.offsetY);
      if (node >= 0) toggled(node);
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (event.shiftKey) this.pan(-event.deltaY, 0);
      else this.zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
    }, { passive: false });
  }
}

/** The first of from..to for which `is` holds, `to` where it holds for none; it holds for all that follow one. */
function search(from, to, is) {
  while (from < to) {
    const middle = (from + to) >> 1;
    if (is(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

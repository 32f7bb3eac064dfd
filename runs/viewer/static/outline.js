// The shown nodes as a list that can be read aloud: role=tree, of which only the rows in sight are in the page.

import { el, digits } from "./dom.js";

const HIGH = 22; // pixels of a row, as in style.css
const SPARE = 8; // rows above and below those in sight

export class Outline {
  /** picked(node): a click on a row; toggled(node): on its triangle. */
  constructor(place, { picked, toggled }) {
    this.place = place;
    this.body = el("div", { role: "none" });
    place.append(this.body);
    this.tree = null;
    this.rows = [];
    this.selected = 0;
    this.onPath = new Set();
    place.addEventListener("scroll", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(place);
    place.addEventListener("click", (event) => {
      const row = event.target.closest(".row");
      if (row) (event.target.classList.contains("twist") ? toggled : picked)(Number(row.dataset.node));
    });
  }

  show(tree, order) {
    if (tree !== this.tree) this.siblings = siblings(tree);
    this.tree = tree;
    this.rows = order.filter((node) => tree.isBorn(node));
    this.rowOf = new Int32Array(tree.count).fill(-1);
    this.rows.forEach((node, row) => (this.rowOf[node] = row));
    this.body.style.height = `${this.rows.length * HIGH}px`;
    this.draw();
  }

  /** The row above (-1) or below (+1) that of a node. */
  beside(node, way) {
    return this.rows[this.rowOf[node] + way] ?? node;
  }

  select(node) {
    this.selected = node;
    const row = this.rowOf?.[node] ?? -1;
    if (row >= 0) {
      const { scrollTop, clientHeight } = this.place;
      if (row * HIGH < scrollTop) this.place.scrollTop = row * HIGH - HIGH;
      if ((row + 1) * HIGH > scrollTop + clientHeight) this.place.scrollTop = (row + 2) * HIGH - clientHeight;
    }
    this.draw();
  }

  draw() {
    if (!this.tree) return;
    const first = Math.max(0, Math.floor(this.place.scrollTop / HIGH) - SPARE);
    const last = Math.min(this.rows.length, Math.ceil((this.place.scrollTop + this.place.clientHeight) / HIGH) + SPARE);
    const drawn = [];
    for (let row = first; row < last; row++) drawn.push(this.row(row));
    // The chosen row is in the page wherever it is, since that is where a screen reader is.
    const chosen = this.rowOf[this.selected] ?? -1;
    if (chosen >= 0 && (chosen < first || chosen >= last)) drawn.push(this.row(chosen));
    this.body.replaceChildren(...drawn);
    this.place.setAttribute("aria-activedescendant", `row-${this.selected}`);
  }

  row(row) {
    const { tree } = this;
    const node = this.rows[row];
    const open = !tree.folded[node];
    const depth = tree.path(node).length;
    const [position, of] = this.siblings(node);
    const made = el(
      "div",
      {
        id: `row-${node}`, className: this.onPath.has(node) ? "row onpath" : "row", role: "treeitem",
        "aria-level": depth, "aria-posinset": position, "aria-setsize": of, "aria-selected": node === this.selected,
      },
      el("span", { className: "twist", "aria-hidden": true }, tree.children[node] ? (open ? "▾" : "▸") : ""),
      tree.text[node] || "(empty)",
      el("span", { className: "size" }, `  ${tree.now.visits[node]}× ${digits(tree.now.q[node], 2)}`),
    );
    if (tree.children[node]) made.setAttribute("aria-expanded", open);
    made.dataset.node = node;
    made.style.top = `${row * HIGH}px`;
    made.style.paddingLeft = `${4 + Math.min(depth - 1, 14) * 11}px`;
    return made;
  }
}

/** Gives a node's position among its siblings and their number, each looked up once. */
function siblings(tree) {
  const position = new Int32Array(tree.count).fill(1);
  const seen = new Int32Array(tree.count);
  for (let node = 1; node < tree.count; node++) position[node] = ++seen[tree.parent[node]];
  return (node) => [position[node], node ? tree.children[tree.parent[node]] : 1];
}

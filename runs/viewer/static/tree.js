// A tree as arrays, what is folded of it, and what it was at any turn.

export const ENDED = 1;
export const ANSWERS = 2;
export const FAILED = 4;
export const CUT = 8;

export class TreeData {
  constructor(columns) {
    Object.assign(this, columns);
    this.count = columns.parent.length;
    this.parent = Int32Array.from(columns.parent);
    this.rewards = Float64Array.from(columns.reward, (reward) => reward ?? 0);
    this.children = new Int32Array(this.count);
    this.size = new Int32Array(this.count).fill(1); // of the subtree
    for (let node = this.count - 1; node > 0; node--) {
      this.children[this.parent[node]]++;
      this.size[this.parent[node]] += this.size[node];
    }
    this.folded = new Uint8Array(this.count);
    this.hidden = new Uint8Array(this.count);
    this.life = null;
    this.step = Infinity;
    this.now = { visits: columns.visits, q: columns.q };
  }

  /** The nodes from the root to `node`. */
  path(node) {
    const nodes = [];
    for (let at = node; at >= 0; at = this.parent[at]) nodes.push(at);
    return nodes.reverse();
  }

  isBorn(node) {
    return this.life === null || this.life.born[node] <= this.step;
  }

  /** What is below each node of `kept` stays in sight, everything else is folded. */
  foldAllBut(kept) {
    for (let node = 0; node < this.count; node++) this.folded[node] = this.children[node] && !kept.has(node) ? 1 : 0;
  }

  unfoldAll() {
    this.folded.fill(0);
  }

  /** Hides the nodes that no visit has come to, or shows them again. */
  hideUnvisited(hide) {
    for (let node = 1; node < this.count; node++) this.hidden[node] = hide && !this.visits[node] ? 1 : 0;
  }

  /** Unfolds what is above a node, and shows it. */
  reveal(node) {
    let changed = this.hidden[node] === 1;
    this.hidden[node] = 0;
    for (let at = this.parent[node]; at >= 0; at = this.parent[at]) {
      changed ||= this.folded[at] === 1;
      this.folded[at] = 0;
    }
    return changed;
  }

  /** Takes over what was folded in an earlier, smaller picture of the same tree. */
  keep(before) {
    this.folded.set(before.folded.subarray(0, Math.min(before.count, this.count)));
  }

  get steps() {
    return this.life === null ? 0 : this.life.seconds.length - 1;
  }

  /** Shows the tree as it was after so many turns of the search. */
  goTo(step) {
    const last = step >= this.steps;
    this.step = last ? Infinity : step;
    this.now = last ? { visits: this.visits, q: this.q } : this.at(step);
  }

  /** Visits and mean returns of all nodes after `step`: g = reward + g at a node and each above it. */
  at(step) {
    const visits = new Int32Array(this.count);
    const sums = new Float64Array(this.count);
    const { step: steps, node: nodes, value: values } = this.life;
    for (let i = 0; i < steps.length && steps[i] <= step; i++) {
      visits[nodes[i]]++;
      sums[nodes[i]] += values[i];
    }
    const q = new Array(this.count);
    for (let node = this.count - 1; node >= 0; node--) {
      sums[node] += this.rewards[node] * visits[node];
      q[node] = visits[node] ? sums[node] / visits[node] : null;
      if (node > 0) {
        visits[this.parent[node]] += visits[node];
        sums[this.parent[node]] += sums[node];
      }
    }
    return { visits, q };
  }

  /** A node's visits over time, as [step, visits so far, mean return so far] a visit. */
  story(node) {
    const inside = new Map([[node, 0]]); // of nodes below: the rewards from `node` on down
    const story = [];
    const { step: steps, node: nodes, value: values } = this.life;
    let sum = 0;
    for (let i = 0; i < steps.length; i++) {
      const above = this.rewardsBelow(node, nodes[i], inside);
      if (above === null) continue;
      sum += values[i] + above + this.rewards[node];
      story.push([steps[i], story.length + 1, sum / (story.length + 1)]);
    }
    return story;
  }

  rewardsBelow(node, leaf, inside) {
    const way = [];
    let at = leaf;
    while (at >= node && !inside.has(at)) {
      way.push(at);
      at = this.parent[at];
    }
    let known = inside.get(at) ?? null;
    for (const passed of way.reverse()) {
      known = known === null ? null : known + this.rewards[passed];
      inside.set(passed, known);
    }
    return known;
  }
}

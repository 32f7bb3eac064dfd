// Where nodes stand: depth to the right, leaves below each other, a parent in the middle of its children.
// Children have higher numbers than their parents; no node is visited twice, so 50,000 take milliseconds.

/**
 * parent: Int32Array, -1 at the root. folded: Uint8Array, 1 hides what is below. hidden: Uint8Array, 1 hides a node and
 * what is below.
 * Gives y by node (in rows; NaN where hidden), order (the shown nodes, parents first, as a list reads), depth by node,
 * and the shown nodes by depth and within a depth by y: level[start[d]] to level[start[d + 1] - 1].
 */
export function layout(parent, folded, hidden) {
  const count = parent.length;
  const head = new Int32Array(count).fill(-1);
  const next = new Int32Array(count).fill(-1);
  for (let node = count - 1; node > 0; node--) {
    if (hidden[node]) continue;
    next[node] = head[parent[node]];
    head[parent[node]] = node;
  }
  const depth = new Uint16Array(count);
  for (let node = 1; node < count; node++) depth[node] = depth[parent[node]] + 1;

  const order = new Int32Array(count);
  const todo = [0];
  let shown = 0;
  while (todo.length) {
    const node = todo.pop();
    order[shown++] = node;
    if (folded[node]) continue;
    const at = todo.length;
    for (let child = head[node]; child >= 0; child = next[child]) todo.push(child);
    for (let low = at, high = todo.length - 1; low < high; low++, high--) {
      [todo[low], todo[high]] = [todo[high], todo[low]];
    }
  }

  const y = new Float32Array(count).fill(NaN);
  let rows = 0;
  for (let i = 0; i < shown; i++) {
    const node = order[i];
    if (folded[node] || head[node] < 0) y[node] = rows++;
  }
  const low = new Float32Array(count).fill(Infinity);
  const high = new Float32Array(count).fill(-Infinity);
  for (let i = shown - 1; i >= 0; i--) {
    const node = order[i];
    if (low[node] !== Infinity) y[node] = (low[node] + high[node]) / 2;
    const above = parent[node];
    if (above < 0) continue;
    if (y[node] < low[above]) low[above] = y[node];
    if (y[node] > high[above]) high[above] = y[node];
  }

  let deepest = 0;
  for (let i = 0; i < shown; i++) deepest = Math.max(deepest, depth[order[i]]);
  const start = new Int32Array(deepest + 2);
  for (let i = 0; i < shown; i++) start[depth[order[i]] + 1]++;
  for (let d = 0; d <= deepest; d++) start[d + 1] += start[d];
  const level = new Int32Array(shown);
  const filled = start.slice();
  for (let i = 0; i < shown; i++) level[filled[depth[order[i]]]++] = order[i];
  return { y, depth, order: order.slice(0, shown), level, start, rows };
}

// Colours of nodes: pale to deep by value or visits, one each by kind.

const RAMP = ["#bcc5cf", "#a0c1d6", "#6db3cf", "#3a8fbd", "#19649c", "#0a3d75"];
const KINDS = ["#3a6ea5", "#d08a00", "#2a8f6f", "#b5568f", "#7a5fb0", "#5f6b76", "#a04e2b", "#8a9a2e"];
export const SHADES = 24;
export const ANSWER = "#e8710a";
export const BAD = "#b3261e";

const mix = (from, to, part) =>
  "#" + [1, 3, 5].map((at) => {
    const [a, b] = [from, to].map((colour) => parseInt(colour.slice(at, at + 2), 16));
    return Math.round(a + (b - a) * part).toString(16).padStart(2, "0");
  }).join("");

const shades = Array.from({ length: SHADES }, (_, i) => {
  const place = (i / (SHADES - 1)) * (RAMP.length - 1);
  const low = Math.min(Math.floor(place), RAMP.length - 2);
  return mix(RAMP[low], RAMP[low + 1], place - low);
});

/** How the tree's nodes are coloured: `of(node)` is a place in `palette`, -1 where there is nothing to tell. */
export function colouring(tree, by) {
  const { visits, q } = tree.now;
  if (by === "kind") {
    return { palette: KINDS, of: (node) => tree.kind[node] % KINDS.length, names: tree.kinds };
  }
  if (by === "visits") {
    const most = Math.log1p(visits[0] || 1);
    return {
      palette: shades, low: "0", high: (visits[0] || 0).toLocaleString("en"),
      of: (node) => (visits[node] ? Math.round((Math.log1p(visits[node]) / most) * (SHADES - 1)) : -1),
    };
  }
  let [low, high] = [0, 1];
  for (let node = 0; node < tree.count; node++) {
    if (q[node] === null) continue;
    low = Math.min(low, q[node]);
    high = Math.max(high, q[node]);
  }
  return {
    palette: shades, low: `${+low.toFixed(2)}`, high: `${+high.toFixed(2)}`,
    of: (node) => (q[node] === null ? -1 : Math.round(((q[node] - low) / (high - low)) * (SHADES - 1))),
  };
}

// Lays trees out beside the page, so that a large one does not hold up panning.

import { layout } from "./layout.js";

let parent = null;

onmessage = ({ data }) => {
  if (data.parent) parent = data.parent;
  const made = layout(parent, data.folded, data.hidden);
  const arrays = [made.y, made.depth, made.order, made.level, made.start];
  postMessage({ ...made, number: data.number }, arrays.map((array) => array.buffer));
};

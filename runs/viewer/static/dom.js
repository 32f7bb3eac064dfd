// Elements. Text that a model or a page wrote becomes text nodes and nothing else.

export const byId = (id) => document.getElementById(id);

/** An element; `fields` are its properties, those with a dash its attributes; children are elements or texts. */
export function el(tag, fields = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(fields)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** An SVG element with attributes. */
export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export const digits = (value, places = 3) => (value === null || value === undefined ? "–" : value.toFixed(places));
export const whole = (value) => (value === null || value === undefined ? "–" : Math.round(value).toLocaleString("en"));

/** Says something to a screen reader. */
export function say(text) {
  byId("said").textContent = text;
}

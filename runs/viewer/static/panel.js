// What is known of the chosen node.

import { digits, el, svg, whole } from "./dom.js";

export class Panel {
  /** go(node): a link to another node. */
  constructor(place, go) {
    this.place = place;
    this.go = go;
  }

  show(node, task, tree) {
    this.node = node;
    this.tree = tree;
    const parts = [
      el("h2", {}, `Node ${node.id}`, el("span", { className: "hint" }, `  ${node.kind}, depth ${node.path.length - 1}`)),
      el("pre", { className: "proposal" }, node.text),
      ...section("Numbers", this.numbers(node)),
      ...section("Answer", node.answer === null ? null : el("pre", {}, node.answer)),
      ...section("Failure", node.failure === null ? null : el("pre", { className: "failed" }, node.failure)),
      ...section("Feedback", node.feedback === null ? null : el("pre", {}, node.feedback)),
      ...section("Changes from the parent", node.diff && lines(node.diff)),
      ...section("Its life", this.life(node.id)),
      ...section("Screenshot", node.picture ? this.picture(node, task) : null),
      ...section("Observation", node.observation && el("pre", {}, node.observation)),
      ...section("Page (accessibility tree)", node.page && el("pre", {}, node.page)),
      ...section("Calls", node.calls.length ? el("div", {}, ...node.calls.map((call) => this.call(call))) : null),
    ];
    this.place.replaceChildren(...parts);
    this.place.scrollTop = 0;
  }

  numbers(node) {
    const rows = [
      ["visits", whole(node.visits)], ["q", digits(node.q)], ["value", digits(node.value)], ["prior", digits(node.prior)],
      ["reward", digits(node.reward)], ["proposals", whole(node.multiplicity)],
    ];
    if (node.checked !== null) rows.push(["checks", digits(node.checked)]);
    if (node.terminated || node.truncated) rows.push(["end", node.terminated ? "terminated" : "cut by a limit"]);
    return el("dl", {}, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  }

  /** Visits (grey) and mean return (line) over the turns of the search. */
  life(node) {
    const { tree } = this;
    if (tree.life === null) return null;
    const story = tree.story(node);
    const born = `appeared in turn ${whole(tree.life.born[node])} of ${whole(tree.steps)}`;
    if (!story.length) return el("p", { className: "hint" }, `${born}, never visited`);
    const [wide, high] = [tree.steps + 1, 100]; // so that the last turn has a width too
    const most = story.length;
    const returns = story.map(([, , q]) => q);
    const [low, top] = [Math.min(0, ...returns), Math.max(1, ...returns)];
    const at = (q) => high - 4 - ((q - low) / (top - low)) * (high - 8);
    let [visits, line] = [`M${tree.life.born[node]} ${high}`, ""];
    for (const [step, count, q] of story) {
      visits += `L${step} ${high - ((count - 1) / most) * (high - 8)}L${step} ${high - (count / most) * (high - 8)}`;
      line += line ? `L${step} ${at(q)}` : `M${step} ${at(q)}`;
    }
    const end = `L${wide} ${at(returns.at(-1))}`;
    const now = Math.min(tree.step, tree.steps) + 1;
    const chart = svg(
      "svg", { viewBox: `0 0 ${wide} ${high}`, preserveAspectRatio: "none", role: "img" },
      svg("path", { class: "chart-n", d: `${visits}L${wide} ${high - (high - 8)}L${wide} ${high}Z` }),
      svg("path", { class: "chart-q", d: line + end }),
      svg("line", { class: "chart-now", x1: now, x2: now, y1: 0, y2: high }),
    );
    chart.setAttribute("aria-label", `${born}; ${most} visits, mean return ${digits(returns.at(-1))}`);
    return el("div", {}, chart, el("p", { className: "hint" }, `${born}; grey: visits, line: mean return`));
  }

  picture(node, task) {
    return el("img", { src: `api/tasks/${task}/pictures/${node.id}`, alt: `The page at node ${node.id}` });
  }

  call(call) {
    const tokens = call.prompt_tokens + call.completion_tokens;
    const facts = [call.model, call.kind === "step" || call.kind === "grade" ? null : `${whole(tokens)} tokens`, `${digits(call.seconds, 2)} s`];
    if (call.waited > 0.005) facts.push(`waited ${digits(call.waited, 2)} s`);
    if (call.cached) facts.push("from the cache");
    const name = call.operator && call.operator !== call.kind ? `${call.kind} (${call.operator})` : call.kind;
    const body = el("div", {});
    if (call.error) body.append(el("pre", { className: "failed" }, call.error));
    if (call.proposals?.length) body.append(this.proposals(call.proposals));
    if (call.prompt) body.append(...this.prompt(call.prompt));
    if (call.score) body.append(score(call.score));
    if (call.evidence) body.append(...evidence(call.evidence));
    if (call.children) body.append(...this.stepped(call));
    if (call.grade) body.append(el("pre", {}, `${{ true: "correct", false: "wrong" }[call.grade.correct] ?? "no verdict"}: ${call.grade.detail}`));
    return el(
      "details", { open: call.kind === "propose" || call.kind === "rank" || Boolean(call.error) },
      el("summary", {}, name, el("span", { className: "who" }, `  ${facts.filter(Boolean).join(", ")}`)), body,
    );
  }

  prompt(prompt) {
    const draw = prompt.sampling;
    const how = draw ? `temperature ${draw.temperature}, at most ${draw.max_tokens} tokens, seed ${draw.seed}` : "";
    return [
      ...section("System", prompt.system && el("pre", {}, prompt.system)),
      ...section("Prompt", el("pre", {}, prompt.user)),
      ...section("Answer so far", prompt.prefix && el("pre", {}, prompt.prefix)),
      el("p", { className: "hint" }, how),
    ];
  }

  proposals(items) {
    const rows = items.map((item) =>
      el(
        "tr", {},
        el("td", { className: "text" }, item.text),
        el("td", { className: "number" }, digits(item.logprob, 2)),
        el("td", { className: "number" }, item.tokens === null ? "" : whole(item.tokens)),
        el("td", {}, item.child === null ? el("span", { className: "hint" }, "–") : this.link(item.child)),
      ),
    );
    const head = ["text", "logprob", "tokens", "node"].map((name, i) => el("th", { scope: "col", className: i % 3 ? "number" : "" }, name));
    return el("table", { className: "proposals" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
  }

  stepped(call) {
    const dropped = Object.entries(call.dropped).map(([reason, count]) => `${count} ${reason}`).join(", ");
    const made = call.children.map((child) => (child.child === null ? el("span", {}, "?") : this.link(child.child)));
    const joined = made.flatMap((link, i) => (i ? [" ", link] : [link]));
    return [el("p", {}, "children: ", ...(joined.length ? joined : ["none"])), dropped ? el("p", { className: "hint" }, `dropped: ${dropped}`) : ""];
  }

  link(node) {
    const made = el("a", { href: "#" }, String(node));
    made.addEventListener("click", (event) => {
      event.preventDefault();
      this.go(node);
    });
    return made;
  }
}

function section(title, content) {
  return content ? [el("h3", {}, title), content] : [];
}

function evidence(asked) {
  return [
    ...section("Task", asked.task && el("pre", {}, asked.task)),
    ...section("State", asked.state && el("pre", {}, asked.state)),
    ...section("Question", asked.question && el("pre", {}, asked.question)),
  ];
}

function score(said) {
  const spread = said.uncertainty === null ? "" : ` ± ${digits(said.uncertainty)}`;
  return el("div", {}, el("p", {}, `value ${digits(said.value)}${spread}`), said.feedback ? el("pre", {}, said.feedback) : "");
}

function lines(diff) {
  const kinds = { "+": "plus", "-": "minus", "@": "place" };
  return el("pre", { className: "diff" }, ...diff.map((line) => el("span", { className: kinds[line[0]] ?? "same" }, line)));
}

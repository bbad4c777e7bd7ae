// The what-if: one small module that runs in the saved report, in JupyterLab (as an anywidget) and on the projector.
// The model is specified in smf_helpers/results/what_if.py; smf_helpers/models/scenarios.py is its reference, and
// shared test vectors bind the two. No library, no request, no global but `smfWhatIf`.
const smfWhatIf = (() => {
  "use strict";
  const NEUTRAL = { u: 1, x: 0, b: 1, c: 1 };
  const BAND = [0.1, 0.9];

  // --- the model -------------------------------------------------------------------------------------------------
  function forces(levers, settings, weeks) {
    const rows = { u: [], x: [], b: [], c: [] };
    for (const name of Object.keys(NEUTRAL)) rows[name] = new Float64Array(weeks).fill(NEUTRAL[name]);
    for (const lever of levers) {
      const chosen = settings[lever.key] || { value: lever.now, start: 0 };
      const row = rows[lever.acts_on];
      for (let week = 1; week <= weeks; week++) {
        const value = week >= chosen.start ? chosen.value : lever.now;
        if (lever.acts_on === "u" || lever.acts_on === "x") row[week - 1] = value;
        else row[week - 1] *= Math.pow(lever.effect, value - lever.now);
      }
    }
    return rows;
  }

  function run(start, [p, q, e, d, r, m], { u, x, b, c }, weeks) {
    const active = new Float64Array(weeks + 1);
    const ever = new Float64Array(weeks + 1);
    let [, A, L] = start;
    let R = Math.max(m - A - L, 0);
    active[0] = A;
    ever[0] = A + L;
    for (let t = 0; t < weeks; t++) {
      const fresh = R * -Math.expm1(-(p * u[t] + q * A + e * x[t]) * b[t]);
      const lost = A * -Math.expm1(-d * c[t]);
      const back = L * -Math.expm1(-((r * (u[t] + x[t])) / 2 + r * A));
      R -= fresh;
      A += fresh + back - lost;
      L += lost - back;
      active[t + 1] = A;
      ever[t + 1] = A + L;
    }
    return { active, ever };
  }

  // Quantiles by linear interpolation over the draws, week by week. The order of the draws hardly changes from one
  // week to the next, so an insertion sort that starts from last week's order is nearly linear.
  function quantiles(paths, weeks) {
    const order = paths.slice();
    const found = BAND.map(() => new Float64Array(weeks + 1));
    const places = BAND.map((share) => share * (paths.length - 1));
    for (let t = 0; t <= weeks; t++) {
      for (let i = 1; i < order.length; i++) {
        const path = order[i];
        let j = i - 1;
        for (; j >= 0 && order[j][t] > path[t]; j--) order[j + 1] = order[j];
        order[j + 1] = path;
      }
      places.forEach((at, k) => {
        const below = Math.floor(at);
        const low = order[below][t];
        const high = order[Math.min(below + 1, order.length - 1)][t];
        found[k][t] = low + (high - low) * (at - below);
      });
    }
    return found;
  }

  function project(spec, settings = {}, weeks = spec.weeks) {
    const pushed = forces(spec.levers, settings, weeks);
    const centre = run(spec.start, spec.centre, pushed, weeks);
    const drawn = (spec.draws.length ? spec.draws : [spec.centre]).map((theta) => run(spec.start, theta, pushed, weeks));
    const [low, high] = quantiles(drawn.map((path) => path.active), weeks);
    const [ever_low, ever_high] = quantiles(drawn.map((path) => path.ever), weeks);
    return { active: centre.active, ever: centre.ever, low, high, ever_low, ever_high };
  }

  // --- words and numbers -----------------------------------------------------------------------------------------
  const WORDS = {
    title: "What if?",
    lead: "Move a lever and see where participation would go. A projection under stated assumptions, not a promise.",
    push: "Programme push", executives: "Executives taking part", training: "Training", policy: "A clear policy", owner: "Somebody owns it",
    push_help: "100% is today's effort; 0% means that the programme stops.",
    executives_help: "Share of the executives who take part themselves.",
    training_help: "100% is today's amount of training.",
    policy_help: "A published, explicit policy.",
    owner_help: "An appointed owner.", yes: "yes", no: "no",
    from: "from", now: "now", months: "{n} months", month: "1 month",
    estimated: "estimated from your data", assumed: "assumed",
    active: "Active after {n} months", ever: "Ever took part after {n} months", people: "People active, against as now",
    band: "Range (8 of 10 draws)", as_now: "as now", scenario: "with the steps", so_far: "so far",
    axis: "Share of the eligible who are active", reset: "As now",
    same: "no different from as now", more: "{n} points more than as now", less: "{n} points fewer than as now",
    assumptions: "Assumed, not estimated from your data: {names}. ",
    reach: "By all that was tried so far, about {share} can be reached (8 of 10 draws: {low} to {high}). ",
    reach_open: "How many can be reached cannot be told yet, so the range is wide. ",
    describe: "Line chart. {share} active after {n} months, {change}.",
    preset_executives: "Executives join in", preset_owner: "Appoint an owner", preset_policy: "Publish a policy",
    preset_training: "Double the training", preset_stop: "The programme stops", preset_all: "All of it",
    csv: "Save as CSV",
  };
  const PRESETS = [
    ["executives", { executives: { high: true, start: 4 } }],
    ["owner", { owner: { high: true, start: 4 } }],
    ["policy", { policy: { high: true, start: 4 } }],
    ["training", { training: { double: true, start: 4 } }],
    ["stop", { push: { value: 0, start: 1 } }],
    ["all", { executives: { high: true, start: 4 }, owner: { high: true, start: 4 }, policy: { high: true, start: 4 }, training: { double: true, start: 4 } }],
  ];
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // --- small helpers for elements, kept here so that the module stands alone --------------------------------------
  const SVG = "http://www.w3.org/2000/svg";
  function element(tag, attributes = {}, ...children) {
    const node = attributes.svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (name !== "svg") node.setAttribute(name, value);
    node.append(...children);
    return node;
  }
  const drawn = (tag, attributes = {}, ...children) => element(tag, { ...attributes, svg: true }, ...children);

  const STYLE = `
  .smf-what-if{--w-ink:var(--smf-ink,#1d2733);--w-soft:var(--smf-soft,#5a6775);--w-line:var(--smf-line,#d9dee4);
    --w-accent:var(--smf-accent,#d1495b);--w-card:var(--smf-card,#fff);color:var(--w-ink);container-type:inline-size;
    font:inherit;display:grid;gap:1rem;min-width:0}
  .smf-what-if *{box-sizing:border-box}
  .smf-what-if .w-save{justify-self:start}
  .smf-what-if p{margin:0;color:var(--w-soft)}
  .smf-what-if .w-presets{display:flex;flex-wrap:wrap;gap:.5rem}
  .smf-what-if button{font:inherit;min-height:44px;padding:.4rem .9rem;border:1px solid var(--w-line);border-radius:999px;
    background:var(--w-card);color:var(--w-ink);cursor:pointer}
  .smf-what-if button:hover{border-color:var(--w-soft)}
  .smf-what-if button[aria-pressed=true]{border-color:var(--w-accent);box-shadow:inset 0 0 0 1px var(--w-accent)}
  .smf-what-if :focus-visible{outline:3px solid var(--w-accent);outline-offset:2px}
  .smf-what-if .w-chart{background:var(--w-card);position:sticky;top:0;z-index:1;padding-block:.25rem}
  .smf-what-if svg{display:block;width:100%;height:auto;overflow:visible;font:inherit}
  .smf-what-if svg text{fill:var(--w-soft)}
  .smf-what-if .w-figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem}
  .smf-what-if .w-figure{border-top:2px solid var(--w-line);padding-top:.5rem}
  .smf-what-if .w-figure b{display:block;font-size:1.6em;line-height:1.2;font-variant-numeric:tabular-nums}
  .smf-what-if .w-figure span{color:var(--w-soft);font-size:.9em}
  .smf-what-if .w-levers{display:grid;grid-template-columns:repeat(auto-fit,minmax(16.5rem,1fr));gap:1rem 1.75rem}
  .smf-what-if fieldset{border:0;margin:0;padding:0;min-width:0;display:grid;grid-template-columns:1fr auto;gap:.1rem .75rem;align-items:start;align-content:start}
  .smf-what-if legend{float:left;font-weight:600;padding:0;align-self:end}
  .smf-what-if output{font-variant-numeric:tabular-nums;text-align:right;align-self:end;font-weight:600}
  .smf-what-if input[type=range]{grid-column:1/-1;width:100%;min-height:44px;accent-color:var(--w-accent);margin:0}
  .smf-what-if small{color:var(--w-soft);grid-column:1/-1}
  .smf-what-if select{font:inherit;min-height:32px;border:1px solid var(--w-line);border-radius:.4rem;background:var(--w-card);color:var(--w-ink)}
  .smf-what-if.w-wall{font-size:1.6rem}.smf-what-if.w-wall input[type=range]{min-height:60px;transform:none}
  @media print{.smf-what-if .w-presets,.smf-what-if .w-levers,.smf-what-if .w-save{display:none}.smf-what-if .w-chart{position:static}}`;

  // --- the live picture -----------------------------------------------------------------------------------------
  // options: texts (words in another language), language (for numbers), wall (large, for the projector), settings (to
  // start from), onChange(settings, result) and animate = false. Gives { set, reset, settings, destroy }.
  function mount(host, spec, options = {}) {
    const words = { ...WORDS, ...(options.texts || {}) };
    const locale = options.language || "en";
    const percent = (share, digits = 0) => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: digits }).format(share);
    const plain = (value, digits = 0) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
    const weeks = spec.weeks;
    const months = Math.round((weeks * 12) / 52);
    const baseline = project(spec, {});
    let settings = { ...(options.settings || {}) };
    const drawings = { count: 0 };

    const frame = element("div", { class: "w-chart" });
    let chart = null;
    const figures = element("div", { class: "w-figures", role: "status", "aria-live": "polite" });
    const presets = element("div", { class: "w-presets" });
    const levers = element("div", { class: "w-levers" });
    const save = element("button", { type: "button", class: "w-save" }, words.csv);
    const assumed = spec.levers.filter((lever) => lever.source === "assumed" && lever.acts_on !== "u").map((lever) => words[lever.key] || lever.key);
    const [[low], [high]] = quantiles((spec.draws.length ? spec.draws : [spec.centre]).map((theta) => [theta[5]]), 0);
    const within = { share: percent(spec.centre[5]), low: percent(low), high: percent(high) };
    const reach = spec.assumed.includes("m") ? words.reach_open : fill(words.reach, within);
    const note = element("p", {}, reach + (assumed.length ? fill(words.assumptions, { names: assumed.map((name) => name[0].toLocaleLowerCase(locale) + name.slice(1)).join(", ") }) : "") + words.lead);
    const style = element("style", {}, STYLE);
    const root = element("div", { class: "smf-what-if" + (options.wall ? " w-wall" : "") }, style, presets, frame, figures, levers, note, save);
    const controls = {};

    function preset(entry) {
      const made = {};
      for (const [key, wish] of Object.entries(entry)) {
        const lever = spec.levers.find((one) => one.key === key);
        if (!lever) return null;
        const value = wish.high ? lever.high : wish.double ? Math.min(lever.high, 2 * (lever.now || 1)) : wish.value;
        made[key] = { value, start: wish.start };
      }
      return made;
    }
    function button(label, wanted) {
      const node = element("button", { type: "button", "aria-pressed": "false" }, label);
      node.addEventListener("click", () => set(wanted));
      node.wanted = JSON.stringify(wanted);
      presets.append(node);
    }
    button(words.reset, {});
    for (const [name, entry] of PRESETS) {
      const made = preset(entry);
      if (made && Object.entries(made).some(([key, one]) => spec.levers.find((lever) => lever.key === key).now !== one.value)) button(words["preset_" + name], made);
    }
    for (const lever of spec.levers) levers.append(leverOf(lever));

    function leverOf(lever) {
      const id = "w" + Math.random().toString(36).slice(2, 9);
      const shown = element("output", { for: id });
      const range = element("input", { type: "range", id, min: lever.low, max: lever.high, step: lever.step, value: lever.now, "aria-describedby": id + "h" });
      const start = element("select", { "aria-label": words.from });
      for (const month of [0, 1, 3, 6, 9]) {
        const label = month === 0 ? words.now : month === 1 ? words.month : fill(words.months, { n: month });
        start.append(element("option", { value: Math.round((month * 52) / 12) }, label));
      }
      const label = element("label", { for: id }, words[lever.key] || lever.key);
      const help = element("small", { id: id + "h" }, (words[lever.key + "_help"] || "") + " (" + (words[lever.source] || lever.source) + ")");
      const when = element("small", {}, words.from + " ", start);
      const change = () => {
        const value = Number(range.value);
        const next = { ...settings };
        if (value === lever.now) delete next[lever.key];
        else next[lever.key] = { value, start: Number(start.value) };
        set(next);
      };
      range.addEventListener("input", change);
      start.addEventListener("change", change);
      const show = () => {
        const chosen = settings[lever.key] || { value: lever.now, start: 0 };
        range.value = chosen.value;
        const nearest = [...start.options].reduce((best, one) => (Math.abs(one.value - chosen.start) < Math.abs(best.value - chosen.start) ? one : best));
        if (settings[lever.key]) start.value = nearest.value;
        shown.value = lever.step < 1 ? percent(chosen.value) : chosen.value ? words.yes : words.no;
        range.setAttribute("aria-valuetext", shown.value);
      };
      controls[lever.key] = show;
      const heading = element("legend", {}, label);
      return element("fieldset", {}, heading, shown, range, help, when);
    }

    const room = () => Math.max(320, frame.clientWidth || host.clientWidth || 860);
    function chartOf() {
      const W = room();
      const size = options.wall ? 22 : 14;
      const H = Math.round(Math.min(W * 0.66, options.wall ? 0.4 * innerHeight : 320));
      const longest = Math.max(words.as_now.length, words.scenario.length);
      const box = { left: size * 3.4, right: W - size * (0.64 * longest + 1.4), top: size * 2.4, bottom: H - size * 2 };
      const seen = spec.observed.slice(-weeks);
      const past = seen.length;
      const highest = Math.max(0.2, ...seen.map((o) => o[0]), ...baseline.high, ceiling());
      const step = highest <= 0.4 ? 0.1 : highest <= 0.8 ? 0.2 : 0.25;
      const rungs = Math.min(Math.ceil(highest / step), Math.round(1 / step));
      const top = rungs * step;
      const x = (week) => box.left + ((week + past) / (weeks + past)) * (box.right - box.left);
      const y = (share) => box.bottom - (Math.min(share, top) / top) * (box.bottom - box.top);
      const svg = drawn("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "font-size": size });
      svg.append(drawn("text", { x: 0, y: size }, words.axis));
      for (let k = 0; k <= rungs; k++) {
        const share = step * k;
        svg.append(drawn("line", { x1: box.left, x2: box.right, y1: y(share), y2: y(share), stroke: "var(--w-line)", "stroke-width": 1 }));
        svg.append(drawn("text", { x: box.left - 6, y: y(share) + size / 3, "text-anchor": "end" }, percent(share)));
      }
      const ahead = (x(weeks) - x(0)) / months;
      const every = months > 24 ? 12 : [3, 6].find((one) => one * ahead > 4.5 * size) || months;
      for (let month = 0; month <= months; month += every) {
        const last = month > 0 && month + every > months;
        const label = month === 0 ? words.now : last ? "+" + fill(words.months, { n: month }) : "+" + month;
        svg.append(drawn("text", { x: x((month * 52) / 12), y: box.bottom + size * 1.4, "text-anchor": "middle" }, label));
      }
      const band = drawn("path", { fill: "var(--w-accent)", opacity: 0.16 });
      const as_now = drawn("path", { fill: "none", stroke: "var(--w-soft)", "stroke-width": 2, "stroke-dasharray": "5 5", d: line(baseline.active) });
      const scenario = drawn("path", { fill: "none", stroke: "var(--w-accent)", "stroke-width": 3.5, "stroke-linejoin": "round" });
      const observed = drawn("path", { fill: "none", stroke: "var(--w-ink)", "stroke-width": 2.5, d: seen.map((o, i) => `${i ? "L" : "M"}${x(i - past + 1).toFixed(1)} ${y(o[0]).toFixed(1)}`).join("") });
      const labels = [drawn("text", { x: box.right + 8, style: "fill:var(--w-soft)" }), drawn("text", { x: box.right + 8, style: "fill:var(--w-accent);font-weight:600" })];
      svg.append(band, as_now, observed, scenario, ...labels);
      if (past > 4) {
        const reach = Math.ceil((words.so_far.length * size * 0.3 * (weeks + past)) / (box.right - box.left));
        const middle = Math.round(past / 2);
        const under = seen.slice(Math.max(0, middle - reach), middle + reach + 1);
        svg.append(drawn("text", { x: x(middle - past), y: y(Math.max(...under.map((o) => o[0]))) - size * 0.7, "text-anchor": "middle" }, words.so_far));
      }

      function line(values) {
        let path = "";
        for (let t = 0; t < values.length; t++) path += `${t ? "L" : "M"}${x(t).toFixed(1)} ${y(values[t]).toFixed(1)}`;
        return path;
      }
      function draw(result) {
        let area = line(result.low);
        for (let t = result.high.length - 1; t >= 0; t--) area += `L${x(t).toFixed(1)} ${y(result.high[t]).toFixed(1)}`;
        band.setAttribute("d", area + "Z");
        scenario.setAttribute("d", line(result.active));
        const same = Object.keys(settings).length === 0;
        const ends = [y(baseline.active[weeks]), y(result.active[weeks])];
        const gap = size * 1.25 - Math.abs(ends[0] - ends[1]);
        if (!same && gap > 0) {
          const up = ends[1] <= ends[0] ? 1 : -1;
          ends[0] += (up * gap) / 2;
          ends[1] -= (up * gap) / 2;
        }
        labels[0].textContent = same ? "" : words.as_now;
        labels[1].textContent = same ? words.as_now : words.scenario;
        labels.forEach((label, i) => label.setAttribute("y", ends[i] + size / 3));
        as_now.setAttribute("visibility", same ? "hidden" : "visible");
      }
      frame.replaceChildren(svg);
      return { svg, draw, width: W };
    }
    function ceiling() {
      const best = {};
      for (const lever of spec.levers) best[lever.key] = { value: lever.acts_on === "c" && lever.effect > 1 ? lever.low : lever.high, start: 0 };
      return Math.max(...project(spec, best).high);
    }

    function figure(label, value, detail) {
      return element("div", { class: "w-figure" }, element("span", {}, label), element("b", {}, value), element("span", {}, detail));
    }
    function told(result) {
      const end = result.active[weeks], points = Math.round(100 * (end - baseline.active[weeks]));
      const change = points === 0 ? words.same : fill(points > 0 ? words.more : words.less, { n: plain(Math.abs(points)) });
      const shown = [
        figure(fill(words.active, { n: months }), percent(end), change),
        figure(words.band, `${percent(result.low[weeks])}–${percent(result.high[weeks])}`, fill(words.active, { n: months })),
        figure(fill(words.ever, { n: months }), percent(result.ever[weeks]), `${percent(result.ever_low[weeks])}–${percent(result.ever_high[weeks])}`),
      ];
      if (spec.eligible) {
        const people = Math.round(spec.eligible * (end - baseline.active[weeks]));
        shown.push(figure(words.people, (people > 0 ? "+" : people < 0 ? "−" : "") + plain(Math.abs(people)), `${plain(Math.round(spec.eligible * end))} / ${plain(spec.eligible)}`));
      }
      figures.replaceChildren(...shown);
      chart.svg.setAttribute("aria-label", fill(words.describe, { share: percent(end), n: months, change }));
    }

    function set(next) {
      settings = { ...next };
      const result = project(spec, settings);
      chart.draw(result);
      told(result);
      for (const show of Object.values(controls)) show();
      const now = JSON.stringify(settings);
      for (const node of presets.children) node.setAttribute("aria-pressed", String(node.wanted === now));
      drawings.count += 1;
      if (options.onChange) options.onChange(settings, result);
    }
    save.addEventListener("click", () => {
      const result = project(spec, settings);
      const names = ["active", "low", "high", "ever", "ever_low", "ever_high"];
      const rows = ["week," + names.join(",")];
      for (let t = 0; t <= weeks; t++) rows.push([t, ...names.map((name) => result[name][t].toFixed(4))].join(","));
      const link = element("a", { href: "data:text/csv;charset=utf-8," + encodeURIComponent(rows.join("\n")), download: "what-if.csv" });
      link.click();
    });
    host.append(root);
    chart = chartOf();
    set(settings);
    const watch = new ResizeObserver(() => {
      if (!host.clientWidth || Math.abs(room() - chart.width) < 24) return;
      chart = chartOf();
      set(settings);
    });
    watch.observe(host);
    return { set, reset: () => set({}), get settings() { return settings; }, drawings, destroy: () => { watch.disconnect(); root.remove(); } };
  }

  return { project, mount, words: WORDS };
})();
globalThis.smfWhatIf = smfWhatIf;

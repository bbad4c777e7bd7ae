// A live figure in Lab: the kernel says what is drawn, the browser draws it, once a frame at most.
// plotly.js comes from the kernel as gzip and is unpacked once a page, whatever the number of figures.
// What stands still is drawn once; what moves is one trace, which plotly redraws alone: a seventh of the work.
const CONFIG = { displayModeBar: false, responsive: true };
const AT_ONCE = { mode: "immediate", frame: { duration: 0, redraw: false }, transition: { duration: 0 } };
const ROLE = /^\$([a-z]+)(?:@([0-9.]+))?$/;

function library(packed) {
  globalThis.smfPlotly ??= (async () => {
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const module = { exports: {} };
    new Function("module", await new Response(stream).text())(module);
    return module.exports;
  })();
  return globalThis.smfPlotly;
}

// Colours are named by role; the shades are those of the ground that Lab has just now.
function shaded(part, shades) {
  if (typeof part === "string") {
    const [, name, alpha] = ROLE.exec(part) || [];
    const colour = shades[name];
    if (!colour) return part;
    return alpha && colour.startsWith("#") ? colour + Math.round(255 * alpha).toString(16).padStart(2, "0") : colour;
  }
  if (Array.isArray(part)) return typeof part[0] === "number" ? part : part.map((one) => shaded(one, shades));
  if (part && typeof part === "object") return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, shaded(one, shades)]));
  return part;
}
const isDark = () => document.body.dataset.jpThemeLight === "false";

function part(el, style) {
  const made = document.createElement("div");
  made.style.cssText = "contain:content;" + style;
  el.append(made);
  return made;
}

async function render({ model, el }) {
  const title = part(el, "font:600 15px/1.4 var(--jp-content-font-family,sans-serif);color:var(--jp-content-font-color1,inherit);padding:8px 8px 0");
  const box = part(el, `min-height:${model.get("plot").layout.height}px`);
  const below = part(el, "");
  const Plotly = await library(model.get("library"));
  const frame = () => new Promise(requestAnimationFrame);
  let ground = "", due = false, busy = false;
  const draw = async () => {
    const shade = isDark() ? "dark" : "light";
    const look = (one) => shaded(one, model.get("palettes")[shade]);
    const [place, ...moved] = model.get("moved");
    if (ground !== shade) {
      const { data, layout } = look(model.get("plot"));
      await Plotly.react(box, data, layout, CONFIG);
      ground = shade;
    }
    if (moved.length) await Plotly.animate(box, { data: look(moved), traces: [place] }, AT_ONCE);
    title.textContent = model.get("title");
    box.dataset.drawn = 1 + Number(box.dataset.drawn || 0);
  };
  const tell = () => { below.innerHTML = model.get("below"); };
  const ask = async () => {
    due = true;
    if (busy) return;
    busy = true;
    try {
      while (due) {
        await frame();
        due = false;
        await draw();
      }
    } finally {
      busy = false;  // a draw that failed must not be the last
    }
    setTimeout(tell);
  };
  model.on("change", ask);  // before the first draw, so that no change falls between
  await ask();
  box.on("plotly_click", ({ points }) => {
    const [{ curveNumber, pointIndex, x, y }] = points;
    model.set("clicked", { curve: curveNumber, point: pointIndex, x, y, at: Date.now() });
    model.save_changes();
  });
  const theme = new MutationObserver(ask);
  theme.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  return () => {
    model.off("change", ask);
    theme.disconnect();
    Plotly.purge(box);
  };
}
export default { render };

// A live figure in Lab: the kernel says what is drawn, the browser draws it, once a frame at most.
// plotly.js comes from the kernel as gzip and is unpacked once a page, whatever the number of figures.
const CONFIG = { displayModeBar: false, responsive: true };
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

async function render({ model, el }) {
  const box = document.createElement("div");
  el.append(box);
  const Plotly = await library(model.get("library"));
  let asked = 0;
  const draw = async () => {
    asked = 0;
    const shades = model.get("palettes")[isDark() ? "dark" : "light"];
    const { data, layout } = shaded(model.get("plot"), shades);
    await Plotly.react(box, data, layout, CONFIG);
    box.dataset.drawn = 1 + Number(box.dataset.drawn || 0);
  };
  const ask = () => { asked ||= requestAnimationFrame(draw); };
  await draw();
  box.on("plotly_click", ({ points }) => {
    const [{ curveNumber, pointIndex, x, y }] = points;
    model.set("clicked", { curve: curveNumber, point: pointIndex, x, y, at: Date.now() });
    model.save_changes();
  });
  model.on("change:plot", ask);
  const theme = new MutationObserver(ask);
  theme.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  return () => {
    model.off("change:plot", ask);
    theme.disconnect();
    Plotly.purge(box);
  };
}
export default { render };

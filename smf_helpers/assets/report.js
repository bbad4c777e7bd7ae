/* The page's own script: unpack plotly, draw every figure in the colours of the reader's screen, fit it to
   its place, redraw it for paper. It sends and asks for nothing. */
(() => {
  "use strict";
  const root = document.documentElement;
  const facts = JSON.parse(document.getElementById("page-facts").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const NARROW = 600, PAPER = 860;
  const plots = [...document.querySelectorAll(".plot")].map((place) => {
    const figure = JSON.parse(place.querySelector("script").textContent);
    place.style.height = place.dataset.height + "px";
    return { place, figure, width: 0, drawn: "" };
  });

  function shade(part, palette) {
    if (typeof part === "string") {
      const found = /^\$([a-z]+)(?:@([0-9.]+))?$/.exec(part);
      const colour = found && palette[found[1]];
      if (!colour) return part;
      if (!found[2]) return colour;
      const rgb = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
      return "rgba(" + rgb.join(",") + "," + found[2] + ")";
    }
    if (Array.isArray(part)) return part.map((each) => shade(each, palette));
    if (part && typeof part === "object") {
      const made = {};
      for (const key of Object.keys(part)) made[key] = shade(part[key], palette);
      return made;
    }
    return part;
  }

  /* What the figures have in common is sent once, what differs on a narrow screen as the difference. */
  function over(base, more) {
    const made = { ...base };
    for (const [key, each] of Object.entries(more)) {
      const deep = each && made[key] && [each, made[key]].every((one) => typeof one === "object" && !Array.isArray(one));
      if (each === null) delete made[key];
      else made[key] = deep ? over(made[key], each) : each;
    }
    return made;
  }

  function draw(plot, paper) {
    const width = paper ? PAPER : Math.floor(plot.place.clientWidth);
    if (!width) return Promise.resolve();
    const mode = !paper && dark.matches ? "dark" : "light";
    const state = [mode, width].join();
    if (plot.drawn === state) return Promise.resolve();
    const narrow = width < NARROW;
    const palette = facts.palettes[mode];
    const axes = Object.keys(plot.figure.layout).filter((key) => /^[xy]axis/.test(key)).map((key) => [key, facts.axis]);
    const wide = over({ ...facts.house, ...Object.fromEntries(axes) }, plot.figure.layout);
    const whole = narrow ? over(wide, plot.figure.narrow) : wide;
    const annotations = (whole.annotations || []).map((words) => ({ ...facts.words, ...words }));
    const layout = shade({ ...whole, annotations }, palette);
    layout.width = width;
    layout.autosize = false;
    plot.place.style.height = layout.height + "px";
    plot.drawn = state;
    const config = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: false };
    return Plotly.react(plot.place, shade(plot.figure.data, palette), layout, config);
  }

  const pause = () => new Promise((go) => setTimeout(go, 0));

  async function drawAll() {
    for (const plot of plots) {
      await draw(plot, false);
      await pause();
    }
    root.dataset.mode = dark.matches ? "dark" : "light";
  }

  async function unpack() {
    const packed = document.getElementById("plotly-packed");
    if (!packed || window.Plotly) return;
    const bytes = Uint8Array.from(atob(packed.textContent.trim()), (char) => char.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.body.append(script);
    packed.remove();
  }

  function mountWhatIf() {
    for (const place of document.querySelectorAll(".what-if-place")) {
      const { spec, texts } = JSON.parse(place.querySelector("script").textContent);
      if (window.smfWhatIf) smfWhatIf.mount(place, spec, { texts, language: place.dataset.language });
      else place.parentElement.remove();
    }
  }

  function followContents() {
    const nav = document.querySelector(".contents");
    const links = new Map([...nav.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
    const small = matchMedia("(max-width: 1099px)");
    const fold = () => { nav.querySelector("details").open = !small.matches; };
    fold();
    small.addEventListener("change", fold);
    nav.addEventListener("click", (event) => { if (event.target.closest("a")) fold(); });
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        links.forEach((link) => link.removeAttribute("aria-current"));
        const link = links.get(entry.target.id);
        if (link) link.setAttribute("aria-current", "true");
      }
    }, { rootMargin: "-20% 0px -70% 0px" });
    document.querySelectorAll("section.chapter").forEach((section) => seen.observe(section));
  }

  let waiting = 0;
  function fit() {
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 120);
  }

  async function start() {
    followContents();
    mountWhatIf();
    await unpack();
    await drawAll();
    if (location.hash) {
      const target = document.getElementById(location.hash.slice(1));
      if (target) target.scrollIntoView();
    }
    addEventListener("resize", fit);
    dark.addEventListener("change", drawAll);
    addEventListener("beforeprint", () => { for (const plot of plots) draw(plot, true); });
    addEventListener("afterprint", drawAll);
    root.dataset.ready = "yes";
  }
  start().catch((problem) => { root.dataset.ready = "failed"; throw problem; });
})();

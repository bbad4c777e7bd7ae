// The projector's page: shows the state that the service sends, and sends back what the trainer does.
(() => {
  "use strict";
  const given = JSON.parse(document.getElementById("given").textContent);
  const W = given.words;
  const STEPS = ["factors", "what_if", "curves", "barriers"];
  const key = new URLSearchParams(location.search).get("key");
  const $ = (selector) => document.querySelector(selector);
  const make = (tag, text = "", name = "") => Object.assign(document.createElement(tag), { textContent: text, className: name });
  let state = given.state;
  let line = 0;
  let shown = "";

  const steer = async (wish) => {
    const answer = await fetch("/steer", { method: "POST", headers: { "x-key": key }, body: JSON.stringify(wish) });
    const said = await answer.json();
    if (answer.ok) draw(said);
    return said;
  };
  const tabs = STEPS.map((step, place) => {
    const tab = make("button", `${place + 1} ${W["title_" + step]}`);
    tab.onclick = () => steer({ go: step });
    $("nav").append(tab);
    return tab;
  });
  const button = (name, act) => {
    const made = make("button", W[name], "act-" + name);
    made.onclick = act;
    $("footer").append(made);
    return made;
  };
  const reveal = button("reveal", () => steer({ revealed: !state.revealed }));
  const close = button("close", () => steer({ closed: !state.closed }));
  let armed = 0;
  const reset = button("reset", () => {
    if (Date.now() - armed < 4000) { armed = 0; reset.textContent = W.reset; return steer({ reset: true }); }
    armed = Date.now();
    reset.textContent = W.sure;
    setTimeout(() => { reset.textContent = W.reset; }, 4000);
  });
  const toggle = (selector, other) => { const node = $(selector); node.hidden = !node.hidden; if (!node.hidden) $(other).hidden = true; };
  const notes = button("notes", () => toggle(".notes", ".hands"));
  const hands = button("hands", () => { toggle(".hands", ".notes"); drawHands(); });
  button("import", () => $("dialog").showModal());
  button("export", () => { location.href = "/export.csv?key=" + encodeURIComponent(key); });
  const theme = button("theme", () => {
    const dark = getComputedStyle(document.documentElement).getPropertyValue("--mode").trim() === "dark";
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  });

  const dialog = $("dialog");
  dialog.children[0].textContent = W.import_help;
  dialog.querySelector(".do").textContent = W.import_do;
  dialog.querySelector(".cancel").textContent = W.cancel;
  dialog.querySelector(".cancel").onclick = () => dialog.close();
  dialog.querySelector("input").onchange = async (event) => { dialog.querySelector("textarea").value = await event.target.files[0].text(); };
  dialog.querySelector(".do").onclick = async () => {
    const said = await steer({ results: dialog.querySelector("textarea").value });
    dialog.querySelector(".fault").textContent = said.refused || "";
    if (!said.refused) dialog.close();
  };

  const join = $(".join");
  if (given.address) {
    const picture = Object.assign(make("img"), { src: "/code.svg", alt: given.address });
    join.append(make("b", W.join), picture, make("span", given.address.replace("http://", "")), make("span", W.code), make("strong", given.code));
  } else join.append(make("span", W.private));

  function drawHands() {
    const table = $(".hands");
    const ballot = given.ballots[state.step];
    table.replaceChildren();
    if (!ballot || table.hidden) return;
    line = Math.min(line, ballot.items.length - 1);
    table.append(make("caption", W.hands_help));
    ballot.items.forEach(([item, name], place) => {
      const row = make("tr", "", place === line ? "at" : "");
      row.append(make("th", ballot.short[item] || name));
      for (const choice of ballot.choices) {
        const cell = make("td");
        const raise = make("button", choiceName(state.step, choice));
        raise.onclick = (event) => { line = place; steer({ hand: [item, choice, event.shiftKey ? -1 : 1] }); };
        cell.append(raise);
        row.append(cell);
      }
      table.append(row);
    });
  }
  const choiceName = (step, choice) => (step === "barriers" ? (choice === 1 ? W.reason : W.excuse) : String(choice));

  function draw(next) {
    state = next;
    const { step } = state;
    document.body.dataset.step = step;
    $("h1").textContent = W["title_" + step];
    $(".ask").textContent = W["ask_" + step];
    $(".notes").textContent = W["note_" + step];
    tabs.forEach((tab, place) => tab.setAttribute("aria-current", STEPS[place] === step ? "step" : "false"));
    const votes = step !== "what_if";
    for (const node of [reveal, close, reset, hands]) node.disabled = !votes;
    reveal.textContent = state.revealed ? W.hide : W.reveal;
    close.textContent = state.closed ? W.open : W.close;
    const told = [state.n ? `${state.n} ${W.votes}` : state.few ? "1–4 " + W.votes : "0 " + W.votes];
    if (state.counted) told.push(`${state.counted} ${W.counted}`);
    if (state.closed) told.push(W.closed);
    $(".count").textContent = votes ? told.join(" · ") : "";
    const now = JSON.stringify([step, state.revealed, state.picture]);
    if (now !== shown) { shown = now; stage(); }
    if ($(".hands").childElementCount === 0 || $(".hands").dataset.step !== step) { $(".hands").dataset.step = step; drawHands(); }
    document.body.dataset.beat = state.beat;
  }
  function stage() {
    const node = $("#stage");
    if (state.step === "what_if") {
      node.replaceChildren();
      smfWhatIf.mount(node, given.what_if.spec, { texts: given.what_if.texts, language: given.what_if.language, wall: true });
      return;
    }
    node.innerHTML = state.picture;
    if (!state.picture) node.append(make("p", state.revealed ? W.too_few : W.hidden, "empty"));
  }

  addEventListener("keydown", (event) => {
    if (event.target.matches("textarea,input,select") || event.ctrlKey || event.metaKey || event.altKey) return;
    const ballot = given.ballots[state.step];
    const digit = /^Digit([1-9])$/.exec(event.code);
    if (!$(".hands").hidden && ballot) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        line = Math.max(0, Math.min(ballot.items.length - 1, line + (event.key === "ArrowDown" ? 1 : -1)));
        drawHands();
        return event.preventDefault();
      }
      if (digit && ballot.choices.includes(Number(digit[1]))) return steer({ hand: [ballot.items[line][0], Number(digit[1]), event.shiftKey ? -1 : 1] });
    } else if (digit && STEPS[digit[1] - 1]) return tabs[digit[1] - 1].click();
    const act = { r: reveal, c: close, n: notes, h: hands, d: theme }[event.key.toLowerCase()];
    if (act && !act.disabled) act.click();
  });

  const listen = () => {
    const events = new EventSource("/events?key=" + encodeURIComponent(key));
    events.onmessage = (event) => draw(JSON.parse(event.data));
  };
  draw(state);
  listen();
})();

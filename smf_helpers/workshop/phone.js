// The page for phones: join with the code, answer what the wall asks, change it until voting is closed.
(() => {
  "use strict";
  const given = JSON.parse(document.getElementById("given").textContent);
  const W = given.words;
  const main = document.querySelector("main");
  const make = (tag, text = "", name = "") => Object.assign(document.createElement(tag), { textContent: text, className: name });
  const post = async (path, wish) => fetch(path, { method: "POST", body: JSON.stringify(wish) });
  let device = sessionStorage.getItem("device") || localStorage.getItem("smf device");
  let now = "";

  function ask(fault = "") {
    const field = Object.assign(make("input"), { autocapitalize: "characters", autocomplete: "off", maxLength: 5, value: location.hash.slice(1, 6) });
    field.setAttribute("aria-label", W.code);
    const go = make("button", W.send, "send");
    go.onclick = () => enter(field.value.trim());
    main.replaceChildren(make("h1", W.workshop), make("p", W.code), field, go, make("p", fault, "fault"), make("p", W.anonymous, "soft"));
  }
  async function enter(code) {
    const answer = await post("/join", { code }).catch(() => null);
    if (!answer || !answer.ok) return ask(answer && answer.status === 403 ? W.wrong_code : W.failed);
    device = (await answer.json()).device;
    localStorage.setItem("smf device", device);
    now = "";
    follow();
  }
  function ballotOf(step) {
    const ballot = given.ballots[step];
    const form = make("form");
    form.append(make("h1", W["title_" + step]), make("p", W["ask_" + step]));
    for (const [item, name] of ballot.items) {
      const group = make("fieldset");
      group.append(make("legend", item === "curve" ? "" : name));
      const row = make("div", "", "choices " + step);
      for (const choice of ballot.choices) {
        const label = make("label");
        const radio = Object.assign(make("input"), { type: "radio", name: item, value: choice });
        label.append(radio, make("span", nameOf(step, choice)));
        row.append(label);
      }
      group.append(row);
      form.append(group);
    }
    const said = make("p", "", "said");
    said.setAttribute("role", "status");
    form.append(said, make("button", W.send, "send"), make("p", W.anonymous, "soft"));
    form.onsubmit = async (event) => {
      event.preventDefault();
      const answers = {};
      for (const [item] of ballot.items) {
        const chosen = form.querySelector(`input[name="${item}"]:checked`);
        if (!chosen) { said.textContent = W.answer_all; return; }
        answers[item] = Number(chosen.value);
      }
      const answer = await post("/vote", { device, step, answers }).catch(() => null);
      if (answer && answer.status === 403) { device = null; localStorage.removeItem("smf device"); return ask(); }
      said.textContent = answer && answer.ok ? W.thanks : answer && answer.status === 409 ? W.closed : W.failed;
    };
    return form;
  }
  const CURVES = ["fast", "steady", "late", "straight"];
  const nameOf = (step, choice) =>
    step === "barriers" ? (choice === 1 ? W.reason : W.excuse) : step === "curves" ? W["curve_" + CURVES[choice - 1]] : String(choice);

  async function follow() {
    if (!device) return;
    const answer = await fetch("/now").catch(() => null);
    if (answer && answer.ok) {
      const said = await answer.text();
      if (said !== now) {
        now = said;
        const { step, open } = JSON.parse(said);
        main.replaceChildren(open ? ballotOf(step) : make("h1", W["title_" + step]), ...(open ? [] : [make("p", W.wait)]));
      }
    }
    setTimeout(follow, 3000);
  }
  if (device) follow();
  else if (location.hash.length === 6) enter(location.hash.slice(1));
  else ask();
})();

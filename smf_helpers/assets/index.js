/* The list of reports: sort by any column, search every word, show one state. */
(() => {
  "use strict";
  const body = document.querySelector("tbody");
  const rows = [...body.rows];
  const search = document.querySelector("input");
  const states = [...document.querySelectorAll(".states button")];
  const count = document.querySelector(".count");
  const compare = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
  let state = "";

  function show() {
    const wanted = search.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !((!state || row.dataset.state === state) && row.textContent.toLowerCase().includes(wanted));
      shown += !row.hidden;
    }
    count.textContent = shown + " of " + rows.length;
    for (const button of states) button.setAttribute("aria-pressed", String(button.value === state));
  }

  search.addEventListener("input", show);
  for (const button of states) button.addEventListener("click", () => { state = button.value; show(); });
  document.querySelectorAll("thead button").forEach((button, place) => button.addEventListener("click", () => {
    const head = button.parentElement;
    const up = head.getAttribute("aria-sort") !== "ascending";
    document.querySelectorAll("thead th").forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const key = (row) => row.cells[place].textContent;
    rows.sort((one, other) => (up ? 1 : -1) * compare(key(one), key(other))).forEach((row) => body.append(row));
  }));
  show();
})();

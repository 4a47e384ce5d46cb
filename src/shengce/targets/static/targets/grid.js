// The grid by keyboard: arrows move, typing replaces, Enter saves. Without this file the same cells are buttons of a form
// that opens the panel, where everything can be done too.

const cells = () => document.querySelector("table.target-grid");
const typing = () => document.querySelector("#typing");
let chosen = ""; // the token of the cell that has the focus, so that it gets it back after a refresh
let waiting = 0;

function buttonAt(cell) {
  return cell?.querySelector("button[name=cell]");
}

function neighbour(button, down, right) {
  const cell = button.closest("td");
  let row = cell.parentElement;
  let column = cell.cellIndex;
  for (let steps = 0; steps < 500; steps += 1) {
    column += right;
    for (let n = Math.abs(down); n > 0; n -= 1) {
      row = down > 0 ? row?.nextElementSibling : row?.previousElementSibling;
    }
    const next = row?.cells[column];
    if (!next) return null;
    if (buttonAt(next)) return buttonAt(next);
    if (!right && !down) return null;
  }
  return null;
}

function choose(button, { panel = true } = {}) {
  if (!button) return;
  for (const old of cells().querySelectorAll("button[aria-current]")) old.removeAttribute("aria-current");
  button.setAttribute("aria-current", "true");
  chosen = button.value;
  button.focus({ preventScroll: false });
  clearTimeout(waiting);
  // What the panel offers belongs to the cell before, until the new one is there: nothing of it can be pressed.
  document.querySelector("#cell-panel").inert = true;
  if (panel) waiting = setTimeout(() => showPanel(chosen), 180);
}

function showPanel(token) {
  const box = document.querySelector("#grid");
  const address = box.dataset.panel + (box.dataset.panel.includes("?") ? "&" : "?") + "cell=" + encodeURIComponent(token);
  window.htmx.ajax("GET", address, { target: "#cell-panel", swap: "innerHTML" });
}

function edit(button, first) {
  if (cells().dataset.editable !== "yes" || !typing()) return;
  const input = document.createElement("input");
  input.value = first ?? button.dataset.v;
  input.inputMode = "decimal";
  input.setAttribute("aria-label", button.closest("tr").querySelector("th").textContent.trim());
  button.hidden = true;
  button.after(input);
  input.focus();
  if (first === undefined) input.select();
  let done = false;
  const leave = (save, down, right) => {
    if (done) return;
    done = true;
    const text = input.value.trim();
    const exact = first === undefined;
    input.remove();
    button.hidden = false;
    const next = neighbour(button, down, right) ?? button;
    const saves = save && text && text !== button.dataset.v;
    if (saves) send(button, text, exact);
    choose(next, { panel: !saves });
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Enter") leave(true, event.shiftKey ? -1 : 1, 0);
    else if (event.key === "Tab") leave(true, 0, event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") leave(false, 0, 0);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", () => leave(true, 0, 0));
}

// What was shown in full (F2) is in yuan, whatever the page's unit; what was typed anew is in the page's unit.
function send(button, text, exact) {
  const form = typing();
  const bare = /^[\d.,\s]+$/.test(text);
  const inYuan = exact && bare && document.querySelector("select[name=in]");
  form.elements.cell.value = button.value;
  form.elements.seen.value = button.dataset.v;
  form.elements.revision.value = document.querySelector("#grid").dataset.revision;
  form.elements.figure.value = inYuan ? `${text}元` : text;
  cells().classList.add("saving");
  form.requestSubmit();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-leave-cell]")) {
    document.querySelector("#cell-panel").replaceChildren();
    document.querySelector("#cell-panel").inert = false;
    document.querySelector("table.target-grid button[aria-current]")?.removeAttribute("aria-current");
    chosen = "";
    return;
  }
  const button = event.target.closest?.("table.target-grid button[name=cell]");
  if (!button || !window.htmx) return;
  event.preventDefault();
  choose(button);
});

document.addEventListener("dblclick", (event) => {
  const button = event.target.closest?.("table.target-grid button[name=cell]");
  if (button) edit(button);
});

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && event.target.matches?.("table.target-grid button")) {
    event.preventDefault();
    document.querySelector("#undo")?.requestSubmit();
    return;
  }
  const button = event.target.closest?.("table.target-grid button[name=cell]");
  if (!button || event.ctrlKey || event.metaKey || event.altKey) return;
  if (MOVES[event.key]) choose(neighbour(button, ...MOVES[event.key]));
  else if (event.key === "Enter" || event.key === "F2") edit(button);
  else if (/^[\d.+-]$/.test(event.key)) edit(button, event.key);
  else if (event.key.toLowerCase() === "l") document.querySelector("#cell-panel #lock button")?.click();
  else return;
  event.preventDefault();
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.target?.id === "cell-panel") event.detail.target.inert = false;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "grid" || !chosen) return;
  const button = cells()?.querySelector(`button[value="${CSS.escape(chosen)}"]`);
  if (button) choose(button);
});

// The grid by keyboard: arrows move, typing replaces, Enter saves. Without this file the same cells are buttons of a form
// that opens the panel, where everything can be done too.

const cells = () => document.querySelector("table.target-grid");
const typing = () => document.querySelector("#typing");
let chosen = ""; // the token of the cell that has the focus, so that it gets it back after a refresh
let waiting = 0;
let saving = false; // a change is on its way; what is typed meanwhile waits for its answer
let editor = null; // the field that is open: { token, input, exact, then }

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

// What is typed anew replaces the figure; without it the figure is shown in full, to be changed.
function edit(button, text, exact = text === undefined) {
  if (cells().dataset.editable !== "yes" || !typing()) return;
  const input = document.createElement("input");
  input.value = text ?? button.dataset.v;
  input.inputMode = "decimal";
  input.setAttribute("aria-label", button.closest("tr").querySelector("th").textContent.trim());
  button.hidden = true;
  button.after(input);
  editor = { token: button.value, input, exact, then: null };
  input.focus();
  if (text === undefined) input.select();
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Enter") leave(true, event.shiftKey ? -1 : 1, 0);
    else if (event.key === "Tab") leave(true, 0, event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") leave(false, 0, 0);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", () => leave(true));
}

// Close the field and go on to the neighbour; without a direction the focus stays where the person put it. A figure that
// is left while another is being saved waits for it, so that the second is never worked out on the grid before the first.
function leave(save, down, right) {
  if (!editor || (save && editor.then)) return;
  const { token, input, exact } = editor;
  const text = save ? input.value.trim() : "";
  const button = buttonAt(input.closest("td"));
  if (text && saving) {
    editor.then = [down, right];
    input.readOnly = true;
    return;
  }
  editor = null;
  input.remove();
  button.hidden = false;
  go(button, { text, exact, then: [down, right] });
}

function go(button, { text, exact, then: [down, right] }) {
  const saves = text && text !== button.dataset.v;
  if (saves) send(button, text, exact);
  if (down !== undefined) choose(neighbour(button, down, right) ?? button, { panel: !saves });
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
    if (!saving) document.querySelector("#undo")?.requestSubmit();
    return;
  }
  const button = event.target.closest?.("table.target-grid button[name=cell]");
  if (!button || event.ctrlKey || event.metaKey || event.altKey) return;
  if (MOVES[event.key]) choose(neighbour(button, ...MOVES[event.key]));
  else if (event.key === "Enter" || event.key === "F2") edit(button);
  else if (/^[\d.+-]$/.test(event.key)) edit(button, event.key);
  else if (event.key.toLowerCase() === "l" && !saving) document.querySelector("#cell-panel #lock button")?.click();
  else return;
  event.preventDefault();
});

const ofGrid = (event) => event.detail.target?.id === "grid";

document.addEventListener("htmx:beforeRequest", (event) => {
  if (ofGrid(event)) saving = true;
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.target?.id === "cell-panel") event.detail.target.inert = false;
  if (!ofGrid(event) || event.detail.successful) return;
  saving = false; // no answer: the grid is the one before, what was typed is still in its field
  cells().classList.remove("saving");
  if (editor) Object.assign(editor, { then: null }).input.readOnly = false;
});

// The field goes with the old table, and comes back in the new one.
let kept = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!ofGrid(event) || !event.detail.shouldSwap) return;
  kept = editor && { ...editor, text: editor.input.value.trim(), caret: editor.input.selectionStart };
  editor = null;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (!ofGrid(event)) return;
  saving = false;
  const at = (token) => cells()?.querySelector(`button[name=cell][value="${CSS.escape(token)}"]`);
  if (chosen && at(chosen)) choose(at(chosen));
  const { token, text, exact, then, caret } = kept ?? {};
  kept = null;
  const button = token && at(token);
  if (!button) return;
  if (then && !document.querySelector("#grid .message.error")) return go(button, { text, exact, then });
  edit(button, text, exact);
  editor.input.setSelectionRange(caret, caret);
});

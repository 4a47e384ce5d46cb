// <recording-upload>: gathers chosen or dropped files, sends them one by one when asked, shows progress and the
// server's words for each.
// Without this module the form inside works as a plain form.

const LIST = /\.(csv|tsv|json)$/i;
const LIST_BYTES = 2_000_000; // larger lists are sent once, not along with every file

class RecordingUpload extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.results = this.querySelector("[data-results]");
    this.files = this.querySelector("#files");
    this.folder = this.querySelector("#folder");
    this.waiting = [];
    this.lists = [];
    this.counts = { all: 0, done: 0, refused: 0 };
    this.files.required = false; // chosen files wait in the list below, not in the field
    for (const part of this.querySelectorAll("[data-drop-words], [data-folder]")) part.hidden = false;
    this.folder.hidden = false;
    for (const input of [this.files, this.folder]) {
      input.addEventListener("change", () => {
        this.add([...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
        input.value = "";
      });
    }
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.waiting.length && !this.busy) this.files.click();
      else if (!this.busy) this.next();
    });
    const place = this.querySelector("[data-drop]");
    this.addEventListener("dragover", (event) => {
      event.preventDefault();
      place.classList.add("over");
    });
    for (const end of ["dragleave", "drop"]) this.addEventListener(end, () => place.classList.remove("over"));
    this.addEventListener("drop", (event) => this.dropped(event));
    window.addEventListener("beforeunload", (event) => {
      if (this.busy || this.waiting.length) event.preventDefault();
    });
  }

  async dropped(event) {
    event.preventDefault();
    // Entries must be taken before the first pause: the browser empties the list.
    const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
    const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
    const plain = items.map((item) => item.getAsFile());
    const found = [];
    for (const [i, entry] of entries.entries()) {
      if (entry) await walk(entry, found);
      else if (plain[i]) found.push({ file: plain[i], path: plain[i].name });
    }
    this.add(found);
  }

  add(chosen) {
    const visible = chosen.filter(({ path }) => !path.split("/").some((part) => part.startsWith(".")));
    this.results.hidden = visible.length === 0 && this.counts.all === 0;
    // Lists first: they speak of the files that follow.
    visible.sort((a, b) => LIST.test(b.path) - LIST.test(a.path));
    for (const item of visible) {
      if (LIST.test(item.path) && item.file.size <= LIST_BYTES) this.lists.push(item.file);
      item.row = this.row(item);
      this.waiting.push(item);
      this.counts.all += 1;
    }
    this.summary();
  }

  row(item) {
    const row = this.querySelector("[data-row]").content.firstElementChild.cloneNode(true);
    row.querySelector("[data-name]").textContent = item.path;
    row.querySelector("[data-words]").textContent = this.dataset.waiting;
    const again = row.querySelector("[data-again]");
    again.textContent = this.dataset.again;
    again.addEventListener("click", () => {
      again.hidden = true;
      this.counts.refused -= 1;
      this.counts.done -= 1;
      this.waiting.push(item);
      if (!this.busy) this.next();
    });
    this.results.querySelector("ul").append(row);
    return row;
  }

  next() {
    const item = this.waiting.shift();
    this.busy = Boolean(item);
    if (item) this.send(item);
  }

  send(item) {
    const body = new FormData();
    for (const field of this.form.querySelectorAll("input[type=hidden], select")) body.append(field.name, field.value);
    body.append("path", item.path);
    body.append("files", item.file);
    if (!LIST.test(item.path)) for (const list of this.lists) body.append("sidecars", list);
    const request = new XMLHttpRequest();
    const bar = item.row.querySelector("progress");
    const words = item.row.querySelector("[data-words]");
    bar.hidden = false;
    request.open("POST", this.form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
      words.textContent = event.loaded < event.total ? this.dataset.sending : this.dataset.storing;
    });
    request.addEventListener("loadend", () => {
      this.answered(item, request);
      this.next();
    });
    request.send(body);
  }

  answered(item, request) {
    let answers;
    try {
      answers = JSON.parse(request.responseText).files;
    } catch {
      answers = null;
    }
    item.row.querySelector("progress").hidden = true;
    this.counts.done += 1;
    if (!answers?.length) {
      this.counts.refused += 1;
      this.show(item.row, { state: "refused", message: this.dataset.broken, url: "" });
      item.row.querySelector("[data-again]").hidden = false;
    } else if (answers.length === 1) {
      this.counts.refused += answers[0].state === "refused";
      this.show(item.row, answers[0]);
      item.row.querySelector("[data-again]").hidden = request.status !== 507;
    } else {
      this.several(item.row, answers);
    }
    this.summary();
  }

  several(row, answers) {
    // An archive: one line for each file in it, below its own line.
    row.querySelector("[data-words]").textContent = "";
    let last = row;
    this.counts.all += answers.length - 1;
    this.counts.done += answers.length - 1;
    for (const answer of answers) {
      const line = this.querySelector("[data-row]").content.firstElementChild.cloneNode(true);
      line.querySelector("[data-name]").textContent = answer.name;
      line.querySelector("progress").hidden = true;
      this.show(line, answer);
      this.counts.refused += answer.state === "refused";
      last.after(line);
      last = line;
    }
  }

  show(row, answer) {
    const words = row.querySelector("[data-words]");
    words.textContent = answer.message;
    words.className = answer.state === "refused" ? "reason" : "muted";
    row.dataset.state = answer.state;
    if (answer.url) {
      const open = row.querySelector("[data-open]");
      open.href = answer.url;
      open.textContent = this.dataset.open;
      open.hidden = false;
    }
  }

  summary() {
    const { all, done, refused } = this.counts;
    this.results.querySelector("[data-summary]").textContent = this.dataset.summary
      .replace("{done}", done)
      .replace("{all}", all)
      .replace("{refused}", refused);
  }
}

async function walk(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    if (file) found.push({ file, path: entry.fullPath.replace(/^\//, "") });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    // A reader gives at most a hundred entries at a time.
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!some.length) return;
    for (const inner of some) await walk(inner, found);
  }
}

customElements.define("recording-upload", RecordingUpload);

// <talk-player>: the sound of one conversation with a band per speaker, and the transcript beside it.
// data-audio, data-peaks: addresses. data-offset-ms: where the talk starts in the audio. data-duration-ms.
// The turns are .turn[data-start][data-end]; proofs are a.play and mark[data-start].
import { Passage, clock, passageOf } from "./passage.js";

const LEAD_IN = 0.15;

class TalkPlayer extends HTMLElement {
  #audio;
  #canvas;
  #passage;
  #peaks = null;
  #turns = [];
  #current = null;

  connectedCallback() {
    this.#audio = this.querySelector("audio");
    this.#canvas = this.querySelector("canvas");
    this.#passage = new Passage(this.#audio);
    this.#readTurns();
    this.#audio.addEventListener("timeupdate", () => this.#moved());
    this.#audio.addEventListener("seeked", () => this.#moved());
    for (const name of ["play", "pause"]) this.#audio.addEventListener(name, () => this.#showState());
    this.#canvas.addEventListener("pointerdown", (event) => this.#pointed(event));
    this.#canvas.addEventListener("keydown", (event) => this.#keyed(event));
    this.querySelector("[data-toggle]").addEventListener("click", () => this.#toggle());
    this.querySelector("[data-rate]")?.addEventListener("change", (event) => {
      this.#audio.playbackRate = Number(event.target.value);
    });
    document.addEventListener("click", (event) => this.#clicked(event));
    document.addEventListener("keydown", (event) => this.#shortcut(event));
    document.addEventListener("htmx:afterSwap", () => this.#readTurns());
    window.addEventListener("resize", () => this.#draw());
    window.addEventListener("hashchange", () => this.#followAddress(true));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
    this.#loadPeaks();
    this.#followAddress(false);
  }

  get duration() {
    return Number(this.dataset.durationMs) / 1000 || this.#audio.duration || 1;
  }

  #readTurns() {
    this.#turns = [...document.querySelectorAll(".turn[data-start]")].map((element) => ({
      element,
      start: element.dataset.start / 1000,
      end: element.dataset.end / 1000,
      role: element.dataset.role,
    }));
    this.#draw();
  }

  async #loadPeaks() {
    try {
      const answer = await fetch(this.dataset.peaks);
      if (answer.ok) this.#peaks = parsePeaks(await answer.arrayBuffer());
    } catch {
      this.#peaks = null; // the bands alone still show who spoke when
    }
    this.#draw();
  }

  #followAddress(play) {
    const passage = passageOf(window.location.hash);
    if (!passage) return;
    const turn = this.#turnAt(passage.start + LEAD_IN);
    turn?.element.scrollIntoView({ block: "center" });
    this.#markTurn(turn);
    if (play) this.#play(passage.start, passage.end);
    else this.#seekQuietly(passage);
  }

  // A browser may refuse to play before the first gesture: then the player waits at the right second.
  #seekQuietly({ start, end }) {
    this.#play(start, end).catch(() => {
      this.#audio.currentTime = start;
    });
  }

  #play(start, end = null) {
    return this.#passage.play(Math.max(0, start), end).catch((error) => {
      if (error?.name !== "NotAllowedError") this.querySelector("[data-error]").hidden = false;
    });
  }

  #toggle() {
    this.#passage.release();
    if (this.#audio.paused) this.#play(this.#audio.currentTime);
    else this.#audio.pause();
  }

  #clicked(event) {
    const proof = event.target.closest("a.play, mark[data-start]");
    if (proof && (!proof.dataset.audio || proof.dataset.audio === this.dataset.audio)) {
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const start = proof.dataset.start / 1000;
      if (proof.matches("a.play")) history.replaceState(null, "", proof.getAttribute("href"));
      this.#turnAt(start + LEAD_IN)?.element.scrollIntoView({ block: "center", behavior: "smooth" });
      this.#play(proof.matches("mark") ? start - LEAD_IN : start, proof.dataset.end / 1000);
      return;
    }
    const turn = event.target.closest(".turn .at, .turn .said");
    if (turn && !window.getSelection().toString()) {
      this.#play(turn.closest(".turn").dataset.start / 1000 - LEAD_IN);
    }
  }

  #shortcut(event) {
    if (event.target.closest("input, textarea, select, button, a, summary, canvas")) return;
    const step = { ArrowLeft: -5, ArrowRight: 5 }[event.key];
    if (event.key === " ") {
      event.preventDefault();
      this.#toggle();
    } else if (step) {
      event.preventDefault();
      this.#audio.currentTime += step;
    } else if (event.key === "j" || event.key === "k") {
      const next = this.#turns.indexOf(this.#current) + (event.key === "j" ? 1 : -1);
      const turn = this.#turns[Math.max(0, Math.min(this.#turns.length - 1, next))];
      if (turn) {
        turn.element.scrollIntoView({ block: "center" });
        this.#play(turn.start - LEAD_IN);
      }
    }
  }

  #pointed(event) {
    const share = event.offsetX / this.#canvas.clientWidth;
    this.#passage.release();
    this.#play(share * this.duration);
  }

  #keyed(event) {
    const step = { ArrowLeft: -5, ArrowRight: 5, PageUp: 30, PageDown: -30 }[event.key];
    if (step) {
      event.preventDefault();
      this.#audio.currentTime = Math.max(0, this.#audio.currentTime + step);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.#toggle();
    }
  }

  #turnAt(seconds) {
    return this.#turns.find((turn) => seconds >= turn.start && seconds < turn.end) ?? null;
  }

  #markTurn(turn) {
    if (turn === this.#current) return;
    this.#current?.element.removeAttribute("aria-current");
    turn?.element.setAttribute("aria-current", "true");
    this.#current = turn;
  }

  #moved() {
    const now = this.#audio.currentTime;
    this.#markTurn(this.#turnAt(now + 0.02) ?? this.#current);
    this.querySelector("[data-time]").textContent = `${clock(now)} / ${clock(this.duration)}`;
    this.#canvas.setAttribute("aria-valuenow", String(Math.round(now)));
    this.#canvas.setAttribute("aria-valuetext", clock(now));
    this.#draw();
  }

  #showState() {
    this.querySelector("[data-toggle]").setAttribute("aria-pressed", String(!this.#audio.paused));
  }

  #draw() {
    const [width, height] = [this.#canvas.clientWidth, this.#canvas.clientHeight];
    if (!width) return;
    const scale = window.devicePixelRatio || 1;
    this.#canvas.width = width * scale;
    this.#canvas.height = height * scale;
    const pen = this.#canvas.getContext("2d");
    pen.scale(scale, scale);
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const rows = ["rep", "customer"];
    const rowOf = (role) => (role === "customer" ? 1 : 0);
    const bandHeight = (height - 14) / rows.length;
    const played = (this.#audio.currentTime / this.duration) * width;
    for (const turn of this.#turns) {
      const x = (turn.start / this.duration) * width;
      const w = Math.max(2, ((turn.end - turn.start) / this.duration) * width - 1);
      const y = 2 + rowOf(turn.role) * (bandHeight + 5);
      pen.fillStyle = colour(turn.role === "customer" ? "--customer-soft" : "--rep-soft");
      pen.beginPath();
      pen.roundRect(x, y, w, bandHeight, 4);
      pen.fill();
      this.#drawWave(pen, turn, { x, w, y, bandHeight, width, played }, colour);
    }
    this.#drawMarks(pen, width, height, colour);
    pen.fillStyle = colour("--ink");
    pen.fillRect(played, 0, 1.5, height);
  }

  #drawWave(pen, turn, box, colour) {
    const peaks = this.#peaks;
    if (!peaks) return;
    const channel = peaks.channels > 1 ? (turn.role === "customer" ? 1 : 0) : 0;
    const middle = box.y + box.bandHeight / 2;
    pen.fillStyle = colour(turn.role === "customer" ? "--customer" : "--rep");
    for (let x = box.x + 1; x < box.x + box.w - 1; x += 3) {
      const from = Math.floor((x / box.width) * this.duration * peaks.rate);
      const to = Math.max(from + 1, Math.floor(((x + 3) / box.width) * this.duration * peaks.rate));
      let loudest = 0;
      for (let i = from; i < to && i < peaks.count; i++) {
        loudest = Math.max(loudest, peaks.values[i * peaks.channels + channel]);
      }
      const half = Math.max(1, (loudest / 255) * (box.bandHeight / 2 - 2));
      pen.globalAlpha = x < box.played ? 1 : 0.7;
      pen.fillRect(x, middle - half, 2, half * 2);
    }
    pen.globalAlpha = 1;
  }

  // Marks nearer than six pixels are one mark; a fatal one wins.
  #drawMarks(pen, width, height, colour) {
    const groups = new Map();
    for (const mark of document.querySelectorAll(".turn mark[data-start]")) {
      const slot = Math.round(((mark.dataset.start / 1000 / this.duration) * width) / 6);
      groups.set(slot, groups.get(slot) || mark.classList.contains("fatal"));
    }
    for (const [slot, fatal] of groups) {
      pen.fillStyle = colour(fatal ? "--bad" : "--c2");
      pen.beginPath();
      pen.roundRect(slot * 6 - 2, height - 7, 5, 5, 2);
      pen.fill();
    }
  }
}

// Little-endian header: uint16 values per second, uint16 channels, uint32 count per channel; then bytes.
function parsePeaks(buffer) {
  const view = new DataView(buffer);
  return {
    rate: view.getUint16(0, true),
    channels: view.getUint16(2, true),
    count: view.getUint32(4, true),
    values: new Uint8Array(buffer, 8),
  };
}

customElements.define("talk-player", TalkPlayer);

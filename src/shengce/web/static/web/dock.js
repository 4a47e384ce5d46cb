// <evidence-dock>: the small player at the foot of every page. Any .play button plays its passage there.
import { Passage } from "./passage.js";

class EvidenceDock extends HTMLElement {
  #audio;
  #passage;
  #button = null;

  connectedCallback() {
    this.#audio = this.querySelector("audio");
    this.#passage = new Passage(this.#audio);
    document.addEventListener("click", (event) => this.#pressed(event));
    this.querySelector("[data-toggle]").addEventListener("click", () =>
      this.#audio.paused ? this.#audio.play() : this.#audio.pause(),
    );
    this.querySelector("[data-close]").addEventListener("click", () => this.#close());
    for (const name of ["play", "pause"]) this.#audio.addEventListener(name, () => this.#show());
    this.#audio.addEventListener("timeupdate", () => this.#advance());
    this.#audio.addEventListener("error", () => this.#failed());
  }

  #pressed(event) {
    const button = event.target.closest("a.play");
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (document.querySelector(`talk-player[data-audio="${CSS.escape(button.dataset.audio)}"]`)) return;
    event.preventDefault();
    if (button === this.#button && !this.#audio.paused) {
      this.#audio.pause();
      return;
    }
    this.#play(button);
  }

  #play(button) {
    this.#button?.setAttribute("aria-pressed", "false");
    this.#button = button;
    const { audio, start, end, quote, where } = button.dataset;
    this.hidden = false;
    this.querySelector(".quote-text").textContent = quote || this.dataset.playing;
    this.querySelector(".where").textContent = where || "";
    this.querySelector("[data-open]").href = button.getAttribute("href");
    if (!this.#audio.src.endsWith(audio)) this.#audio.src = audio;
    this.#passage.play(start / 1000, end / 1000).catch(() => this.#failed());
  }

  #show() {
    const playing = !this.#audio.paused;
    this.#button?.setAttribute("aria-pressed", String(playing));
    this.querySelector("[data-toggle]").classList.toggle("playing", playing);
  }

  #advance() {
    if (!this.#button) return;
    const { start, end } = this.#button.dataset;
    this.querySelector("progress").value = (this.#audio.currentTime * 1000 - start) / Math.max(1, end - start);
  }

  #failed() {
    // The talk's own page can still say why: follow the link like a browser without this script.
    if (this.#button) window.location.assign(this.#button.getAttribute("href"));
  }

  #close() {
    this.#audio.pause();
    this.hidden = true;
    this.#button?.focus();
  }
}

customElements.define("evidence-dock", EvidenceDock);

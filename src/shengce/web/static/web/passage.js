// Plays one passage of an <audio>: from start to end, then stops. Shared by the dock and the talk page.

export const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
};

// Reads "#t=12.3-18.9"; null where the address names no passage.
export const passageOf = (hash) => {
  const match = /^#t=(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?$/.exec(hash);
  return match && { start: Number(match[1]), end: match[2] ? Number(match[2]) : null };
};

export class Passage {
  #audio;
  #end = null;

  constructor(audio) {
    this.#audio = audio;
    audio.addEventListener("timeupdate", () => this.#stopAtEnd());
  }

  async play(start, end = null) {
    this.#end = end;
    if (this.#audio.readyState < 1) {
      this.#audio.load();
      await new Promise((resolve, reject) => {
        this.#audio.addEventListener("loadedmetadata", resolve, { once: true });
        this.#audio.addEventListener("error", reject, { once: true });
      });
    }
    this.#audio.currentTime = start;
    await this.#audio.play();
  }

  release() {
    this.#end = null;
  }

  #stopAtEnd() {
    if (this.#end !== null && this.#audio.currentTime >= this.#end) {
      this.#audio.pause();
      this.#end = null;
    }
  }
}

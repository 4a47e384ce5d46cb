// <lot-scanner>: reads a lot from a label with the phone's camera where the browser can (BarcodeDetector), puts it into
// the field and sends the form. Without camera or detector the field stays what it is: a field to type in.
const FORMATS = ["qr_code", "code_128", "data_matrix", "ean_13", "code_39", "itf"];
const EVERY_MS = 150;

class LotScanner extends HTMLElement {
  #stream = null;
  #detector = null;
  #timer = 0;

  async connectedCallback() {
    const start = this.querySelector("[data-start]");
    start.addEventListener("click", () => this.#start());
    this.querySelector("[data-stop]").addEventListener("click", () => this.#stop());
    document.addEventListener("visibilitychange", () => document.hidden && this.#stop());
    if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return;
    const known = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
    const formats = FORMATS.filter((format) => known.includes(format));
    if (!formats.length) return;
    this.#detector = new window.BarcodeDetector({ formats });
    this.hidden = start.hidden = false;
  }

  disconnectedCallback() {
    this.#stop();
  }

  async #start() {
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
    } catch {
      this.#say(this.dataset.none); // refused, or used by another program
      return;
    }
    const video = this.querySelector("video");
    video.srcObject = this.#stream;
    this.#show(true);
    await video.play().catch(() => {});
    this.#look(video);
  }

  async #look(video) {
    if (!this.#stream) return;
    const codes = await this.#detector.detect(video).catch(() => []);
    if (!this.#stream) return;
    if (codes.length) this.#found(codes[0].rawValue);
    else this.#timer = window.setTimeout(() => this.#look(video), EVERY_MS);
  }

  #found(text) {
    this.#stop();
    const lot = lotIn(text);
    document.getElementById(this.dataset.field).value = lot;
    this.#say(`${this.dataset.seen} ${lot}`);
    navigator.vibrate?.(60);
    document.getElementById(this.dataset.form).requestSubmit();
  }

  #stop() {
    window.clearTimeout(this.#timer);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#show(false);
  }

  #show(on) {
    this.querySelector("video").hidden = !on;
    this.querySelector("[data-stop]").hidden = !on;
    this.querySelector("[data-start]").hidden = on || !this.#detector;
  }

  #say(words) {
    this.querySelector("[data-says]").textContent = words;
  }
}

// A label may carry the lot inside something longer: GS1 with "(10)LOT", or a link that ends in ?lot=LOT.
function lotIn(text) {
  const gs1 = text.match(/\(10\)([^()]{1,20})/) ?? text.match(/^01\d{14}(?:1[1-7]\d{6})*10([^\x1d]{1,20})/);
  if (gs1) return gs1[1];
  try {
    const address = new URL(text);
    return address.searchParams.get("lot") ?? address.pathname.split("/").filter(Boolean).pop() ?? text;
  } catch {
    return text;
  }
}

customElements.define("lot-scanner", LotScanner);

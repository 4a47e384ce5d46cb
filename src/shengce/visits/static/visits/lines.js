// Lines: hover shows a stop on the map; dragging puts it elsewhere. Without this script the buttons do the same.
const form = document.getElementById("drop-form");
let dragged = null;

const dot = (li) => document.querySelector(`.route-map [data-stop="${li.dataset.stop}"]`);
for (const type of ["pointerover", "focusin"])
  document.addEventListener(type, (event) => {
    document.querySelectorAll(".route-map .on").forEach((each) => each.classList.remove("on"));
    const li = event.target.closest?.(".calls > li[data-stop]");
    if (li) dot(li)?.classList.add("on");
    const day = event.target.closest?.(".day-line");
    document.querySelectorAll(".route-map .track").forEach((track) =>
      track.classList.toggle("dim", Boolean(day) && track.dataset.track !== day.dataset.weekday),
    );
  });

const clear = () => document.querySelectorAll(".before, .day-line.over").forEach((each) => each.classList.remove("before", "over"));

if (form) {
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".calls > li[draggable]");
    if (!dragged) return;
    dragged.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.stop);
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    clear();
  });
  document.addEventListener("dragover", (event) => {
    const day = event.target.closest?.(".day-line");
    if (!dragged || !day) return;
    event.preventDefault();
    clear();
    (event.target.closest(".calls > li[data-stop]") ?? day).classList.add(event.target.closest(".calls > li[data-stop]") ? "before" : "over");
  });
  document.addEventListener("drop", (event) => {
    const day = event.target.closest?.(".day-line");
    if (!dragged || !day) return;
    event.preventDefault();
    const before = event.target.closest(".calls > li[data-stop]");
    let position = before ? Number(before.dataset.position) : day.querySelectorAll(".calls > li[data-stop]").length;
    if (dragged.closest(".day-line") === day && Number(dragged.dataset.position) < position) position -= 1;
    form.elements.slot.value = `${day.dataset.week}-${day.dataset.weekday}`;
    form.elements.position.value = position;
    form.action = form.dataset.address.replace("/0/", `/${dragged.dataset.stop}/`);
    form.submit();
  });
}

// Planning takes seconds: the button says so.
document.addEventListener("submit", (event) => {
  const words = event.target.dataset?.busy;
  if (!words) return;
  const button = event.target.querySelector("button");
  button.textContent = words;
  button.classList.add("busy");
  button.setAttribute("aria-busy", "true");
});

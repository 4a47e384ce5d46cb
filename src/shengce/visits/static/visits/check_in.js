// Check-in: where the device is goes along, where it says so. Without it everything is chosen by hand.
const where = document.getElementById("where");
const say = (what) => {
  if (where) where.textContent = where.dataset[what];
};
const forms = document.querySelectorAll("form[data-locate]");
const PATIENCE = 8000; // milliseconds that a tap waits for the place
let looking = null; // as long as the device has not answered

function found({ coords }) {
  for (const form of forms) {
    form.elements.latitude.value = coords.latitude;
    form.elements.longitude.value = coords.longitude;
    form.elements.accuracy.value = coords.accuracy;
  }
  say("found");
}

function ask() {
  say("asking");
  looking = new Promise((answered) => {
    navigator.geolocation.getCurrentPosition(
      (position) => answered(found(position)),
      () => answered(say("refused")),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  }).then(() => {
    looking = null;
  });
}

// A tap that comes before the device has answered waits for it a little: else the place would be lost unsaid.
async function wait(event) {
  if (!looking) return;
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector("button");
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  button.classList.add("busy");
  button.lastChild.textContent = form.dataset.locate;
  await Promise.race([looking, new Promise((late) => setTimeout(late, PATIENCE))]);
  form.submit();
}

if (!forms.length) {
  // nobody can check in here
} else if (!window.isSecureContext || !navigator.geolocation) {
  say(window.isSecureContext ? "refused" : "plain");
} else {
  ask();
  for (const form of forms) form.addEventListener("submit", wait);
}
window.addEventListener("pageshow", (event) => event.persisted && location.reload()); // "back" finds no button that waits

// Check-in: where the device is goes along, where it says so. Without it everything is chosen by hand.
const where = document.getElementById("where");
const say = (what) => {
  if (where) where.textContent = where.dataset[what];
};
const forms = document.querySelectorAll("form[data-locate]");

function found({ coords }) {
  for (const form of forms) {
    form.elements.latitude.value = coords.latitude;
    form.elements.longitude.value = coords.longitude;
    form.elements.accuracy.value = coords.accuracy;
  }
  say("found");
}

if (!forms.length) {
  // nobody can check in here
} else if (!window.isSecureContext || !navigator.geolocation) {
  say(window.isSecureContext ? "refused" : "plain");
} else {
  say("asking");
  navigator.geolocation.getCurrentPosition(found, () => say("refused"), { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
}

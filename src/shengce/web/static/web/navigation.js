// The frame: groups that stay open, the jump to a page by keyboard, the menu of the phone. Without it all is plain HTML.

// Which groups the person keeps open; the server reads it, so that the first paint is right.
document.addEventListener("click", (event) => {
  const group = event.target.closest(".side .nav summary")?.parentElement;
  if (!group) return;
  const kept = document.cookie.match(/(?:^|; )nav=([a-z.]*)/);
  const open = new Set((kept ? kept[1] : "today").split(".").filter(Boolean));
  if (group.open) open.delete(group.dataset.group);
  else open.add(group.dataset.group);
  document.cookie = `nav=${[...open].join(".")}; path=/; max-age=34560000; samesite=lax`;
});

// On a phone a row of tabs scrolls sideways: the one that is open is brought into view.
for (const chip of document.querySelectorAll('.main .chips [aria-current]')) {
  const row = chip.parentElement;
  row.scrollLeft = Math.max(0, chip.offsetLeft - row.offsetLeft - (row.clientWidth - chip.offsetWidth) / 2);
}

// The jump: Ctrl K (or ⌘ K), type a part of the page's name or address, Enter.
const jump = document.getElementById("jump");
const typed = document.getElementById("jump-to");
const lines = jump ? [...jump.querySelectorAll("li")] : [];
const shown = () => lines.filter((line) => !line.hidden).map((line) => line.firstElementChild);

function narrow() {
  const wanted = typed.value.trim().toLowerCase();
  for (const line of lines) {
    const link = line.firstElementChild;
    line.hidden = !`${link.textContent} ${link.getAttribute("href")}`.toLowerCase().includes(wanted);
  }
  jump.querySelector("[data-none]").hidden = shown().length > 0;
}

function open() {
  if (jump.open) return;
  document.querySelector(".bar details[open]")?.removeAttribute("open");
  typed.value = "";
  narrow();
  jump.showModal();
  typed.focus();
}

function move(event) {
  const links = shown();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && links.length) {
    event.preventDefault();
    const next = links.indexOf(document.activeElement) + step;
    (next < 0 ? typed : links[Math.min(next, links.length - 1)]).focus();
  } else if (event.key === "Enter" && event.target === typed && !event.isComposing) {
    event.preventDefault();
    if (typed.value.trim() && links.length) links[0].click();
  }
}

if (jump) {
  for (const button of document.querySelectorAll("[data-jump]")) {
    button.hidden = false;
    button.addEventListener("click", open);
  }
  typed.addEventListener("input", narrow);
  jump.addEventListener("keydown", move);
  jump.addEventListener("click", (event) => event.target === jump && jump.close());
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open();
  });
}

// The menu of the phone closes with Escape and on a press outside.
const menu = () => document.querySelector(".bar details[open]");
document.addEventListener("keydown", (event) => event.key === "Escape" && menu()?.removeAttribute("open"));
document.addEventListener("click", (event) => {
  if (!menu()?.contains(event.target)) menu()?.removeAttribute("open");
});

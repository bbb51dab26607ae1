// Comfort alone: without it every page works, and the address is there to be copied by hand.
"use strict";

for (const link of document.querySelectorAll("a.open[data-feed^='https:']")) {
  link.href = `feed:${link.dataset.feed}`;
}

for (const button of document.querySelectorAll("button.copy")) {
  const said = button.firstChild;
  const usual = said.data;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    said.data = (await copied(button.dataset.copy)) ? "Copied" : "Failed";
    setTimeout(() => { said.data = usual; }, 2000);
  });
}

async function copied(address) {
  try {
    await navigator.clipboard.writeText(address);
    return true;
  } catch {
    // Browsers have no clipboard for pages that came without TLS from another machine.
    const field = document.createElement("textarea");
    field.value = address;
    field.className = "unseen";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

/* The guide through the demonstration: which steps were taken, and the way on from the page that a step has opened.
   The browser remembers it and tells nobody; without this script the steps are links as any other. */
"use strict";

(() => {
  const TAKEN = "guide.taken";
  const CLOSED = "guide.closed";
  const STORY = "guide.story";
  const read = (box, key, otherwise) => {
    try { return JSON.parse(box.getItem(key)) ?? otherwise; } catch { return otherwise; }
  };
  const keep = (box, key, value) => { try { box.setItem(key, JSON.stringify(value)); } catch { /* it is not remembered */ } };
  const forget = (box, key) => { try { box.removeItem(key); } catch { /* there is nothing to forget */ } };
  const ours = (href) => typeof href === "string" && href.startsWith("/") && !href.startsWith("//");

  const key = (text) => {
    const shown = Object.assign(document.createElement("kbd"), { textContent: text });
    shown.setAttribute("aria-hidden", "true");
    return shown;
  };

  const take = (step) => {
    const taken = read(localStorage, TAKEN, []);
    if (!taken.includes(step)) keep(localStorage, TAKEN, [...taken, step]);
  };

  // A story as the other pages need it: its steps that can be opened, and the words around them.
  const follow = (link) => {
    const story = link.closest("[data-story]");
    const words = link.closest("#guide").dataset;
    const steps = [...story.querySelectorAll("a[data-step]")].map((each) => ({
      step: each.dataset.step, href: each.getAttribute("href"), text: each.firstChild.textContent,
    }));
    keep(sessionStorage, STORY, {
      steps, at: steps.findIndex((each) => each.step === link.dataset.step),
      name: story.querySelector("h3").firstChild.textContent.trim(),
      next: words.next, back: words.back, over: words.over, close: words.shut,
    });
    take(link.dataset.step);
  };

  const show = () => {
    const guide = document.getElementById("guide");
    if (!guide) return;
    const taken = read(localStorage, TAKEN, []);
    const closed = read(localStorage, CLOSED, false) === true;
    guide.hidden = closed;
    const reopen = document.querySelector(".guide-closed");
    if (reopen) reopen.hidden = !closed;
    guide.querySelector("[data-guide-close]").hidden = false;
    guide.querySelector("[data-guide-again]").hidden = taken.length === 0;
    guide.querySelectorAll("[data-story]").forEach((story, place) => {
      const links = [...story.querySelectorAll("a[data-step]")];
      for (const link of links) {
        link.removeAttribute("data-press");
        const seen = taken.includes(link.dataset.step);
        link.parentElement.classList.toggle("taken", seen);
        link.querySelector(".tag")?.remove();
        if (seen) {
          const tag = document.createElement("span");
          tag.className = "tag tag-good";
          tag.textContent = guide.dataset.done;
          link.append(" ", tag);
        }
      }
      const next = links.find((link) => !taken.includes(link.dataset.step)) ?? links[0];
      next?.setAttribute("data-press", String(place + 1));
    });
  };

  const bar = () => {
    const story = read(sessionStorage, STORY, null);
    if (!story || !Array.isArray(story.steps) || document.getElementById("guide")) return;
    const next = story.steps[story.at + 1];
    const box = document.createElement("aside");
    box.className = "guide-bar";
    box.setAttribute("aria-label", story.name);
    const name = document.createElement("strong");
    name.textContent = `${story.name} ${story.at + 1}/${story.steps.length}`;
    box.append(name);
    if (next && ours(next.href)) {
      const link = document.createElement("a");
      link.className = "button primary small";
      link.href = next.href;
      link.textContent = `${story.next}: ${next.text} `;
      link.append(key("."));
      link.dataset.press = ".";
      link.addEventListener("click", () => { keep(sessionStorage, STORY, { ...story, at: story.at + 1 }); take(next.step); });
      box.append(link);
    } else {
      box.append(Object.assign(document.createElement("span"), { textContent: story.over }));
    }
    const back = Object.assign(document.createElement("a"), { className: "button small", href: "/overview", textContent: `${story.back} ` });
    back.append(key(","));
    back.dataset.press = ",";
    const close = Object.assign(document.createElement("button"), { className: "link", type: "button", textContent: "×" });
    close.setAttribute("aria-label", story.close);
    close.addEventListener("click", () => { forget(sessionStorage, STORY); box.remove(); });
    box.append(back, close);
    document.querySelector(".desk")?.append(box);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("#guide a[data-step]");
    if (link) follow(link);
    if (event.target.closest("[data-guide-close]")) { keep(localStorage, CLOSED, true); show(); document.querySelector("[data-guide-open]")?.focus(); }
    if (event.target.closest("[data-guide-open]")) { keep(localStorage, CLOSED, false); show(); document.querySelector("[data-guide-close]")?.focus(); }
    if (event.target.closest("[data-guide-again]")) { keep(localStorage, TAKEN, []); show(); }
  });
  document.addEventListener("htmx:afterSettle", show);
  show();
  bar();
})();

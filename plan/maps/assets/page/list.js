/* The findings, listed and counted. */
plan.part(() => {
  const { data, ui, map, el, put, badge, findingBody, choosers, go, where, panel, toggle } = plan;

  if (data.findings.length) {
    const section = el("section", "findings");
    section.appendChild(el("h2", "", ui.findings));
    const counts = el("div", "counts");
    const list = el("div", "list");
    const items = [];
    for (const group of data.headline.groups) {
      const chips = put(el("div", "chips"), el("b", "", group.label));
      for (const s of data.statuses) {
        if (!group.n[s.id]) continue;
        const chip = put(el("button", "chip-status " + s.id), el("span", "badge " + s.id, s.symbol), el("span", "", s.word + " " + group.n[s.id]));
        chip.type = "button"; chip.setAttribute("aria-pressed", "true");
        chip.addEventListener("click", () => {
          const on = chip.getAttribute("aria-pressed") !== "true";
          chip.setAttribute("aria-pressed", String(on));
          data.findings.forEach((f, n) => { if (f.must === group.must && f.status === s.id) items[n].hidden = !on; });
        });
        chips.appendChild(chip);
      }
      counts.appendChild(chips);
    }
    data.findings.forEach((f, n) => {
      const item = el("details", "finding " + f.status);
      const top = put(el("summary"), badge(f), put(el("span", "what"), el("span", "title", f.title), el("span", "sum", [f.strength_word, f.subject, f.short].filter(Boolean).join(" · "))));
      if (f.est) top.querySelector(".what").appendChild(el("span", "est", ui.estimated));
      const places = f.place !== null ? [[data.layers.find((l) => l.kind === "findings"), f.place]] : f.features.flatMap((id) => where.get(id) || []).filter(([l, i]) => l.has(i)).slice(0, 200);
      const facts = el("p", "rule", [f.rule, f.strength_word, places.length ? "" : ui.no_place].filter(Boolean).join(" · "));
      put(item, top, put(findingBody(f, false), facts));
      top.addEventListener("click", () => { if (!item.open && places.length) go(places); });
      list.appendChild(item);
      items.push(item);
      choosers[n] = () => {
        map.closePopup();
        if (places.length) go(places);
        toggle(true);
        item.hidden = false; item.open = true;
        item.scrollIntoView({ block: "nearest" });
      };
    });
    panel.appendChild(put(section, counts, list));
  }
});
